"""What changes between two sets of objects: by a table, and by properties over any objects."""

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool.diff_words import path_text
from onboarding_tool.model import Object
from onboarding_tool.render_diff import (
    Action,
    Broken,
    FieldChange,
    Named,
    compare,
    compare_renders,
    differences,
    list_key,
    masked,
)
from onboarding_tool.rendering import Failure, Rendered

mask = partial(masked, b"a key")


def told(before: Any, after: Any) -> list[str]:
    """Each difference as `sign path: before -> after`."""
    return [
        f"{each.action} {path_text(each.path)}: {each.before} -> {each.after}" for each in differences(before, after)
    ]


def named(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "value": name} for name in names]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["changed a: 1 -> 2"]),
        ({"a": 1}, {"a": True}, ["changed a: 1 -> True"]),
        ({"a": 1}, {"a": "1"}, ["changed a: 1 -> 1"]),
        ({"a": float("nan")}, {"a": float("nan")}, []),
        ({"a": None}, {}, ["removed a: None -> None"]),
        ({"a": {}}, {"a": {"b": {"c": 1}}}, ["added a.b: None -> {'c': 1}"]),
        ({"a": {"b": 1}}, {"a": [1]}, ["changed a: {'b': 1} -> [1]"]),
        ({"a": {"x.y/z": 1}}, {"a": {"x.y/z": 2}}, ['changed a["x.y/z"]: 1 -> 2']),
        (
            {"env": named("A", "B")},
            {"env": named("A", "X", "B")},
            ["added env[X]: None -> {'name': 'X', 'value': 'X'}"],
        ),
        ({"env": named("A", "B")}, {"env": named("B", "A")}, ["reordered env: ['A', 'B'] -> ['B', 'A']"]),
        ({"env": named("A", "A")}, {"env": named("A")}, ["removed env[1]: {'name': 'A', 'value': 'A'} -> None"]),
        (
            {"ports": [{"containerPort": 80}, {"containerPort": 81}]},
            {"ports": [{"containerPort": 81, "protocol": "UDP"}]},
            ["removed ports[80]: {'containerPort': 80} -> None", "added ports[81].protocol: None -> UDP"],
        ),
        ({"args": ["a", "b", "c"]}, {"args": ["x", "a", "b", "c"]}, ["added args[0]: None -> x"]),
        ({"args": ["a", "b", "c"]}, {"args": ["a", "x", "c"]}, ["changed args[1]: b -> x"]),
        (
            {"args": ["a", "b", "c", "d"]},
            {"args": ["a", "d"]},
            ["removed args[1]: b -> None", "removed args[2]: c -> None"],
        ),
    ],
)
def test_differences(before, after, expected):
    assert told(before, after) == expected


def thing(kind: str = "ConfigMap", name: str = "settings", version: str = "v1", **fields: Any) -> Object:
    metadata = {"name": name, "namespace": "payments"}
    return Object("here", 0, (), {"apiVersion": version, "kind": kind, "metadata": metadata, **fields})


def effects(before: list[Object], after: list[Object]) -> list[tuple[str, str, str]]:
    found = compare(before, after, mask).objects
    return [(change.action, change.identity.name, change.previous_name) for change in found]


HASHED, AGAIN = "settings-2mg4m4c44c", "settings-t6b847bm77"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([thing()], [thing()], []),
        ([], [thing()], [("added", "settings", "")]),
        ([thing()], [], [("removed", "settings", "")]),
        ([thing(data={"a": "1"})], [thing(data={"a": "2"})], [("changed", "settings", "settings")]),
        ([thing(name=HASHED)], [thing(name=AGAIN)], [("changed", AGAIN, HASHED)]),
        ([thing()], [thing(name=HASHED)], [("changed", HASHED, "settings")]),
        ([thing("Service", HASHED)], [thing("Service", AGAIN)], [("removed", HASHED, ""), ("added", AGAIN, "")]),
        (
            [thing(name="settings-aeiou01133")],
            [thing(name="settings-aeiou01134")],
            [("removed", "settings-aeiou01133", ""), ("added", "settings-aeiou01134", "")],
        ),
        ([thing("Secret", HASHED)], [thing("ConfigMap", AGAIN)], [("added", AGAIN, ""), ("removed", HASHED, "")]),
        ([thing("Job", version="batch/v1")], [thing("Job", version="batch/v2")], [("changed", "settings", "settings")]),
        (
            [thing("Job", version="a/v1")],
            [thing("Job", version="b/v1")],
            [("removed", "settings", ""), ("added", "settings", "")],
        ),
        ([thing(), thing(data={})], [thing()], [("removed", "settings", "")]),
    ],
)
def test_objects_are_known_by_group_kind_namespace_and_name(before, after, expected):
    assert effects(before, after) == expected


def test_a_hash_that_two_objects_may_have_is_no_guess():
    before, after = [thing(name=HASHED)], [thing(name=AGAIN), thing(name="settings-8mkfgcf5cc")]
    assert sorted(action for action, _, _ in effects(before, after)) == ["added", "added", "removed"]


SECRET = "hunter2"


@pytest.mark.parametrize(
    "fields",
    [
        {"data": {"password": SECRET}},
        {"stringData": {"password": SECRET}},
        {"data": SECRET},
        {"data": [[SECRET]]},
        {SECRET + "x": {"deep": [{"name": SECRET}]}},
    ],
)
def test_no_value_of_a_secret_is_told(fields):
    text = repr(
        [compare([], [thing("Secret", **fields)], mask), compare([thing("Secret", **fields)], [thing("Secret")], mask)]
    )
    assert SECRET not in text.replace(SECRET + "x", "")
    assert "hidden" in text


def test_a_secret_value_still_shows_that_it_changed():
    (change,) = compare(
        [thing("Secret", data={"a": "1", "b": "1"})], [thing("Secret", data={"a": "2", "b": "1"})], mask
    ).objects
    (field,) = change.fields
    assert path_text(field.path) == "data.a"
    assert field.before != field.after
    assert field.before == mask("1") != masked(b"another key", "1")


def test_an_annotation_of_a_secret_may_hold_a_copy_of_it():
    before, after = thing("Secret"), thing("Secret")
    after = Object(
        "here", 0, (), {**after.value, "metadata": {**after.value["metadata"], "annotations": {"last": SECRET}}}
    )
    found = compare([before], [after], mask)
    assert SECRET not in repr(found)
    assert path_text(found.objects[0].fields[0].path) == "metadata.annotations"


def test_a_broken_side_is_told_and_nothing_compared():
    found = compare(Broken("it was broken"), [thing()], mask)
    assert (found.objects, found.broken_before, found.broken_after) == ((), "it was broken", "")
    assert found
    assert compare([thing()], Broken("now it is"), mask).broken_after == "now it is"


def rendered(*values: Mapping[str, Any], failure: Failure | None = None) -> Rendered:
    return Rendered("generated/prod/apps/payments", "", values, failure, "why" if failure else "")


A, B = {"kind": "A", "metadata": {"name": "a"}}, {"kind": "B", "metadata": {"name": "b"}}


def test_renders():
    assert not compare_renders(rendered(A, B), rendered(A, B), mask)
    assert not compare_renders(None, None, mask)
    (change,) = compare_renders(rendered(A, B), rendered(A, B | {"spec": 1}), mask).objects
    assert (change.identity.kind, change.fields) == ("B", (FieldChange(("spec",), Action.ADDED, after=1),))
    assert [each.action for each in compare_renders(None, rendered(A, B), mask).objects] == ["added", "added"]
    assert compare_renders(rendered(A, B), rendered(failure=Failure.ERROR), mask).broken_after == "why"


def test_very_deep_values_take_no_time():
    deep: Any = 1
    for _ in range(120):
        deep = [deep, [1, [2]]]
    other = deepcopy(deep)
    other[1][1][0] = 3
    assert len(told({"a": deep}, {"a": other})) == 1


scalars = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.floats(), st.sampled_from(["", "a", "1", "x\ny"]))
keys = st.sampled_from(["name", "port", "env", "containers", "a.b/c", "value"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(keys, inner, max_size=4),
        st.lists(st.fixed_dictionaries({"name": st.sampled_from("abcd")}, optional={"value": inner}), max_size=4),
    ),
    max_leaves=12,
)
mappings = st.dictionaries(keys, values, max_size=4)


@given(mappings)
def test_nothing_differs_from_itself(value):
    assert list(differences(value, deepcopy(value))) == []
    assert not compare([thing(data=value)], [thing(data=deepcopy(value))], mask)


@given(mappings, mappings)
def test_the_reported_paths_explain_every_difference(before, after):
    assert canonical(applied(before, list(differences(before, after)))) == canonical(after)


@given(
    st.lists(st.builds(thing, name=st.sampled_from("abc"), data=values)),
    st.lists(st.builds(thing, name=st.sampled_from("abc"), data=values)),
)
def test_there_and_back_are_mirrored(before, after):
    there, back = compare(before, after, mask), compare(after, before, mask)
    opposite = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted((opposite[change.action], change.identity) for change in back.objects) == sorted(
        (str(change.action), change.identity) for change in there.objects
    )


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdef"), unique=True))
def test_an_order_that_changed_is_told(before, after):
    kept = [[name for name in names if name in others] for names, others in ((before, after), (after, before))]
    found = differences({"env": named(*before)}, {"env": named(*after)})
    orders = [(each.before, each.after) for each in found if each.action is Action.REORDERED]
    assert orders == ([] if kept[0] == kept[1] else [tuple(kept)])


def applied(before: Any, changes: list[FieldChange]) -> Any:
    """The value with the changes made in it, as a reader of the report would make them."""
    value = deepcopy(before)
    removals = [each for each in changes if each.action is Action.REMOVED]
    additions = [each for each in changes if each.action is Action.ADDED]
    for each in [*(each for each in changes if each.action is Action.CHANGED), *reversed(removals), *additions]:
        parent = value
        for step in each.path[:-1]:
            parent = parent[position(parent, step)]
        step = each.path[-1]
        if each.action is Action.REMOVED:
            del parent[position(parent, step)]
        elif each.action is Action.CHANGED:
            parent[position(parent, step)] = each.after
        elif isinstance(parent, dict):
            parent[step] = each.after
        elif isinstance(step, int):
            parent.insert(step, each.after)
        else:
            parent.append(each.after)
    return value


def position(parent: Any, step: Any) -> Any:
    if isinstance(step, Named):
        return next(n for n, item in enumerate(parent) if item[step.key] == step.value)
    return step


def canonical(value: Any) -> Any:
    """Where an item was put among the others is not told; an order that changed is, as a whole."""
    if isinstance(value, dict):
        return {name: canonical(item) for name, item in value.items()}
    if isinstance(value, list):
        key = list_key(value, value)
        return [canonical(item) for item in (sorted(value, key=lambda item: str(item[key])) if key else value)]
    return type(value).__name__, repr(value)

"""What the judge says, keyword by keyword. That it says it where it should: test_kubernetes_schema.py."""

import pytest

from onboarding_tool import kubernetes_schema
from onboarding_tool.kubernetes_judge import Misfit, compiled
from tests.support.custom_resources import objects

LIST_OF_NAMED = {"type": "array", "x-kubernetes-list-map-keys": ["name"], "items": {"type": "object"}}
ADDRESS = {
    "type": "object",
    "properties": {"type": {"type": "string"}, "value": {"type": "string"}},
    "oneOf": [
        {"properties": {"type": {"enum": ["IP"]}, "value": {"format": "ip"}}},
        {"properties": {"type": {"not": {"enum": ["IP"]}}}, "required": ["type"]},
    ],
}


def misfits(schema, value):
    return list(compiled({"it": schema}, {"it": "it"})["it"](value))


def said(schema, value):
    """The one misfit, as (place, problem, hint)."""
    (one,) = misfits(schema, value)
    return one.at, one.problem, one.hint


@pytest.mark.parametrize(
    ("schema", "value", "problem", "hint"),
    [
        ({"type": "string"}, 8080, "is 8080, where Kubernetes wants text", 'Write "8080" in quotes.'),
        ({"type": "string"}, True, "is true, where Kubernetes wants text", 'Write "true" in quotes.'),
        ({"type": "string"}, {}, "is a mapping, where Kubernetes wants text", "Write text."),
        ({"type": ["string", "integer"]}, 1.5, "is 1.5, where Kubernetes wants text or a whole number", "in quotes"),
        ({"type": "integer"}, 1.5, "is 1.5, where Kubernetes wants a whole number", "Write a whole number."),
        ({"type": "boolean"}, "yes", "is the text 'yes', where Kubernetes wants true or false", "Write true or false."),
        ({"type": "array"}, None, "is null, where Kubernetes wants a list", "Write a list."),
        ({"type": "object"}, "x" * 99, f"is the text '{'x' * 60}...', where", "Write a mapping."),
        (
            {"enum": ["Exact", "Prefix"]},
            "Exakt",
            "is the text 'Exakt', where Kubernetes wants Exact or Prefix",
            "'Exact'",
        ),
        ({"enum": [301, 302]}, 300, "is 300, where Kubernetes wants 301 or 302", "Write 301 or 302."),
        (
            {"type": "string", "pattern": "^a$"},
            "b",
            "is the text 'b', where Kubernetes wants text of another form",
            "`^a$`",
        ),
        (
            {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"},
            "A",
            "is the text 'A', where Kubernetes wants lower-case letters, digits and hyphens",
            "It has to match `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`.",
        ),
        (
            {"type": "string", "minLength": 1},
            "",
            "has 0 characters, where Kubernetes wants at least 1",
            "Add 1 character.",
        ),
        ({"type": "string", "maxLength": 2}, "abcd", "has 4 characters, where", "Take out 2 characters."),
        ({"type": "array", "maxItems": 1}, [1, 2], "has 2 items, where Kubernetes wants at most 1", "Take out 1 item."),
        ({"type": "array", "minItems": 1}, [], "has 0 items, where Kubernetes wants at least 1", "Add 1 item."),
        ({"type": "object", "maxProperties": 0}, {"a": 1}, "has 1 field, where Kubernetes wants at most 0", "Take out"),
        ({"type": "integer", "minimum": 1}, 0, "is 0, where Kubernetes wants at least 1", "Write at least 1."),
        ({"type": "number", "maximum": 1}, 1.5, "is 1.5, where Kubernetes wants at most 1", "Write at most 1."),
        ({"type": "object", "required": ["name"]}, {}, "has no `name`, which Kubernetes wants", "Add `name:`."),
        (
            {"format": "ip"},
            "10.0.0.256",
            "is the text '10.0.0.256', where Kubernetes wants an IP address",
            "Write one.",
        ),
        ({"not": {"enum": ["a"]}}, "a", "is the text 'a', which Kubernetes does not take there", "Write another."),
        (
            {"oneOf": [{"minimum": 1}, {"maximum": 1}]},
            1,
            "fits several forms of which Kubernetes wants one",
            "Take out",
        ),
    ],
)
def test_a_misfit_says_what_is_there_what_is_wanted_and_the_way_out(schema, value, problem, hint):
    at, found, way = said(schema, value)
    assert at == ()
    assert problem in found
    assert hint in way


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({}, None),
        ({"type": "integer"}, 2.0),
        ({"type": ["string", "null"]}, None),
        ({"type": "string", "pattern": "^a$|^$"}, ""),
        ({"type": "string", "pattern": "b"}, "abc"),
        ({"type": "integer", "minimum": 1, "maximum": 1}, 1),
        ({"type": "array", "minItems": 1, "maxItems": 1}, [1]),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": None, "b": 1}),
        ({"type": "array", "uniqueItems": True}, [1, "1", True]),
        (LIST_OF_NAMED, [{"name": "a"}, {"name": "b"}, {}]),
        (ADDRESS, {"value": "10.0.0.1"}),
        (ADDRESS, {"type": "Name", "value": "a.example.com"}),
    ],
)
def test_what_fits_passes(schema, value):
    assert misfits(schema, value) == []


def test_the_end_of_a_pattern_is_the_end_of_the_text():
    assert misfits({"type": "string", "pattern": "^[a-z]+$"}, "abc\n") != []
    assert misfits({"type": "string", "pattern": r"^a\$$"}, "a$") == []


def test_text_that_is_too_long_is_not_matched():
    schema = {"type": "string", "maxLength": 20, "pattern": "^(a+)+$"}  # doubles with each letter
    assert said(schema, "a" * 99 + "!")[1].startswith("has 100 characters")


def test_a_place_is_told_by_the_keys_that_lead_there():
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"$ref": "it"}}}}
    known = compiled(
        {"it": {"type": "object", "additionalProperties": {"type": "string"}}, "top": schema}, {"x": "top"}
    )
    (one,) = known["x"]({"a": [{}, {"b": 5}]})
    assert one.at == ("a", 1, "b")


def test_a_field_that_nobody_knows_is_told_the_nearest():
    schema = {"type": "object", "properties": {"replicas": {}}, "additionalProperties": False}
    problem = "is no field that Kubernetes knows there"
    hint = "Did you mean 'replicas'? Delete it, or move it to where it belongs."
    assert misfits(schema, {"replica": 2}) == [Misfit(("replica",), problem, hint)]


def test_a_null_is_a_field_that_is_not_there():
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
    assert said(schema, {"a": None}) == ((), "has no `a`, which Kubernetes wants", "Add `a:`.")
    assert said({"type": "array", "items": {"type": "string"}}, [None])[0] == (0,)
    assert said({"type": "object", "additionalProperties": {"type": "string"}}, {"a": None})[0] == ("a",)


def test_items_that_cannot_be_told_apart_are_told():
    at, problem, hint = said(LIST_OF_NAMED, [{"name": "a"}, {"name": "b"}, {"name": "a"}])
    assert at == (2,)
    assert problem == "has the same `name` as item 0 of the list, where Kubernetes wants each once"
    assert hint == "Delete or change one of the two."
    assert said({"type": "array", "uniqueItems": True}, ["a", "a"])[1].startswith("has the same value as item 0")


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ({"type": "IP", "value": "a"}, ("value",)),
        ({"value": "a"}, ("value",)),  # the type that Kubernetes fills in
        ({"type": "IP", "value": ""}, ("value",)),
    ],
)
def test_of_several_forms_the_nearest_is_told(value, at):
    assert said(ADDRESS, value)[0] == at


def test_everything_that_is_wrong_is_told():
    route = objects()["HTTPRoute"]
    rule = route["spec"]["rules"][0]
    rule["matches"][0]["path"]["type"] = "Prefix"
    rule["backendRefs"][0]["port"] = 80_000
    route["spec"] |= {"rules": [rule] * 17, "hostname": "a"}
    found = kubernetes_schema.misfits(route, kubernetes_schema.schemas("1.36"))
    assert len(found) == 17 * 2 + 2
    assert {len(one.at) for one in found} == {2, 6, 7}

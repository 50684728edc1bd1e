"""Effects in plain words, and identical ones together: `214 APIs: annotation x added`. Pure."""

import json
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from onboarding_tool import images, yamltext
from onboarding_tool.diff_subjects import Subject
from onboarding_tool.model import POD_SPECS, mapping
from onboarding_tool.render_diff import HASH, HIDDEN, Action, Effects, FieldChange, Identity, Named, ObjectChange, Step
from onboarding_tool.wording import counted
from onboarding_tool.yamltext import Value

CONTAINERS = ("containers", "initContainers")
# Lists and mappings whose entries have a word of their own.
ENTRIES = {
    "annotations": "annotation",
    "labels": "label",
    "containers": "container",
    "initContainers": "init container",
    "env": "env",
    "volumes": "volume",
}
SCALES = ("replicas", "minReplicas", "maxReplicas")
MOST_PHRASES = 6
MOST_CHARACTERS = 60  # of a value in a sentence
MOST_OF_A_MESSAGE = 200
OWN_NAME = "\0"  # stands for a subject's name where effects are compared; no YAML text can hold it


@dataclass(slots=True)
class Group:
    """Subjects with identical effects but for their own names; `effects` are those of the first."""

    effects: Effects
    subjects: list[Subject] = field(default_factory=list)

    @property
    def example(self) -> Subject:
        return self.subjects[0]


def group(found: Iterable[tuple[Subject, Effects]]) -> list[Group]:
    """Identical effects together, in the order of their first subjects. Without effects there is no group."""
    groups: dict[Any, Group] = {}
    for subject, effects in found:
        if effects:
            shape = (subject.kind, _shape(subject, effects))
            groups.setdefault(shape, Group(effects)).subjects.append(subject)
    for each in groups.values():
        # The example stays the first: the effects are its own.
        each.subjects[1:] = sorted(each.subjects[1:], key=lambda subject: subject.order)
    return sorted(groups.values(), key=lambda each: each.example.order)


def heading(found: Group) -> str:
    """`payments prod`, `payments prod, staging`, `214 APIs`."""
    names = {subject.name for subject in found.subjects}
    if len(names) > 1:
        return counted(len(names), found.example.kind)
    environments = [subject.environment for subject in found.subjects]
    return ", ".join([found.example.label, *environments[1:]])


def members(found: Group) -> dict[str, list[str]]:
    """The names by environment."""
    by_environment: dict[str, list[str]] = {}
    for subject in sorted(found.subjects, key=lambda subject: (subject.environment, subject.name)):
        by_environment.setdefault(subject.environment, []).append(subject.name)
    return by_environment


def sentence(found: Group) -> str:
    """All that changes on one line: images first, what is too much is counted. Names only if all share them."""
    named = len({subject.name for subject in found.subjects}) == 1
    phrases = list(dict.fromkeys(text for _, text in sorted(_phrases(found.effects, named), key=lambda one: one[0])))
    if len(phrases) > MOST_PHRASES + 1:
        phrases[MOST_PHRASES:] = [f"and {len(phrases) - MOST_PHRASES} more changes"]
    return ", ".join(phrases)


def _phrases(effects: Effects, named: bool) -> Iterator[tuple[int, str]]:
    """(rank, phrase)."""
    if effects.broken_after and effects.broken_after == effects.broken_before:
        yield 0, f"cannot be rendered, neither before nor after the change: {_end(effects.broken_after)}"
        return
    if effects.broken_after:
        yield 0, f"cannot be rendered after the change: {_end(effects.broken_after)}"
    if effects.broken_before:
        yield 0, f"could not be rendered before the change: {_end(effects.broken_before)}"
    renames: list[tuple[Value, Value]] = [
        (change.previous_name, change.identity.name) for change in effects.objects if change.is_renamed
    ]
    changed = [change for change in effects.objects if change.action is Action.CHANGED]
    runs_many = len({change.identity for change in changed if any(map(_is_image, change.fields))}) > 1
    for change in changed:
        yield from _of_object(change, renames, runs_many, named)
    yield from _counts(effects.objects, Action.ADDED, named)
    yield from _counts(effects.objects, Action.REMOVED, named)


def _counts(changes: Iterable[ObjectChange], action: Action, named: bool) -> Iterator[tuple[int, str]]:
    names = [_name(change, named) for change in changes if change.action is action]
    if names:
        yield 5, f"{names[0]} {action}" if len(names) == 1 else f"{len(names):,} objects {action}"


def _of_object(
    change: ObjectChange, renames: Container[tuple[Value, Value]], runs_many: bool, named: bool
) -> Iterator[tuple[int, str]]:
    rest = []
    for each in change.fields:
        if (each.before, each.after) in renames:
            continue  # a reference that follows the new name of what it refers to
        if _is_image(each):
            yield 1, _image(change.identity, each, runs_many)
        elif each.path[0] == "spec" and len(each.path) == 2 and each.path[1] in SCALES:
            yield 2, f"{each.path[1]} {_arrow(each)}"
        elif entries := list(_entries(each)):
            yield from ((3, text) for text in entries)
        else:
            rest.append(each)
    if len(rest) == 1:
        yield 4, f"{_name(change, named)}: {_field(change.identity.kind, rest[0])}"
    elif rest:
        yield 4, f"{_name(change, named)}: {counted(len(rest), 'field')} changed"
    elif change.is_renamed and not change.fields:
        yield 4, f"{change.identity.kind} {change.previous_name} is now {change.identity.name}"


def _is_image(change: FieldChange) -> bool:
    match change.path:
        case (*_, str(group), Named(), "image") if group in CONTAINERS:
            return isinstance(change.before, str) and isinstance(change.after, str)
    return False


def _image(identity: Identity, change: FieldChange, runs_many: bool) -> str:
    container = change.path[-2]
    assert isinstance(container, Named)
    where = f"{identity.name}/{container.value}" if runs_many else str(container.value)
    before, after = images.parse(str(change.before)), images.parse(str(change.after))
    if images.same_repository(before.name, after.name) and before.version != after.version:
        return f"image {where} {before.version} -> {after.version}"
    return f"image {where} {before} -> {after}"


def _entries(change: FieldChange) -> Iterator[str]:
    """`annotation x added`, `container proxy removed`, `env LEVEL info -> debug`."""
    match change.path:
        case (*_, str(group)) if group in ENTRIES and change.action in (Action.ADDED, Action.REMOVED):
            whole = change.after if change.action is Action.ADDED else change.before
            yield from (f"{ENTRIES[group]} {name} {change.action}" for name in _names(whole))
        case (*_, str(group), Named() | str() as step) if group in ENTRIES:
            yield f"{ENTRIES[group]} {_step_name(step)} {_what(change)}"
        case (*_, "env", Named(value=name), "value"):
            yield f"env {name} {_what(change)}"


def _names(value: Any) -> list[str]:
    if isinstance(value, dict):
        return list(value)
    items = value if isinstance(value, list) else []
    return [str(item["name"]) for item in items if isinstance(item, dict) and "name" in item]


def _field(kind: str, change: FieldChange) -> str:
    """`data.currency EUR -> USD`; of a pod only what lies below its spec."""
    pod = POD_SPECS.get(kind, ())
    inside = len(change.path) > len(pod) and change.path[: len(pod)] == pod
    return f"{path_text(change.path[len(pod) :] if inside else change.path)} {_what(change)}"


def _what(change: FieldChange) -> str:
    return _arrow(change) if change.action is Action.CHANGED else str(change.action)


def _arrow(change: FieldChange) -> str:
    texts = [_short(change.before), _short(change.after)]
    if None in texts:
        return "changed"
    return f"{texts[0]} -> {texts[1]}"


def _short(value: Any) -> str | None:
    """A value that fits into a sentence."""
    if value is None:
        return "unset"
    if isinstance(value, dict | list):
        return None
    text = value if isinstance(value, str) and value else yamltext.scalar(value)
    return None if len(text) > MOST_CHARACTERS or "\n" in text or text.startswith(HIDDEN) else text


def path_text(path: Iterable[Step]) -> str:
    """`spec.template.spec.containers[app].image`, `metadata.annotations["platform.example/x"]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif isinstance(step, Named):
            text += f"[{step.value}]"
        elif step.replace("-", "").replace("_", "").isalnum():
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def _step_name(step: Step) -> str:
    return str(step.value) if isinstance(step, Named) else str(step)


def _name(change: ObjectChange, named: bool) -> str:
    name = HASH.sub("", change.identity.name) if change.is_renamed else change.identity.name
    return f"{change.identity.kind} {name}" if named else change.identity.kind


def _end(message: str) -> str:
    """The end of kustomize's chain of errors, which tells the cause."""
    parts = message.strip().split(": ")
    while len(parts) > 1 and len(": ".join(parts)) > MOST_OF_A_MESSAGE:
        del parts[0]
    return ": ".join(parts)[-MOST_OF_A_MESSAGE:]


def _shape(subject: Subject, effects: Effects) -> Any:
    """What two subjects must share to be told together, their own names left out: all that a reader would be told.

    On how many of its objects an API has the same change is not part of it.
    """
    shapes = {shape for change in effects.objects for shape in _object_shapes(change)}
    broken = (_without(subject.environment, text) for text in (effects.broken_before, effects.broken_after))
    return tuple(frozenset(_without(subject.name, text) for text in texts) for texts in (shapes, broken))


def _without(name: str, text: str) -> str:
    """The text with a stand-in for the name, where that is a whole word."""
    return re.sub(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", OWN_NAME, text) if name else text


def _object_shapes(change: ObjectChange) -> Iterator[str]:
    identity = change.identity
    if change.action is not Action.CHANGED:
        value = dict(mapping(change.value))
        value["metadata"] = {key: item for key, item in mapping(value.get("metadata")).items() if key != "namespace"}
        yield repr((identity.kind, identity.name, change.action, value))
    for each in change.fields:
        yield from _field_shapes(identity.kind, each)
    if change.is_renamed:
        yield repr((identity.kind, change.previous_name, identity.name))


def _field_shapes(kind: str, change: FieldChange) -> Iterator[str]:
    """An annotation may be the first of an object or not; which kinds have it says little, that pods have it much."""
    match change.path:
        case (*_, "metadata", "annotations" | "labels" as group, str(name)):
            yield repr((group, len(change.path) > 3, name, change.action, change.before, change.after))
        case (*_, "metadata", "annotations" | "labels" as group) if change.action is not Action.CHANGED:
            for name, value in mapping(change.before or change.after).items():
                values = (value, None) if change.action is Action.REMOVED else (None, value)
                yield repr((group, len(change.path) > 2, name, change.action, *values))
        case _:
            yield repr((kind, change.path, change.action, change.before, change.after))

"""What changes between two renders: objects by their identity, fields by their path. Pure.

Objects and the items of lists are matched by what Kubernetes knows them by, so that an inserted container is one
change and not a change of every container behind it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Any

from onboarding_tool import yamltext
from onboarding_tool.model import Object
from onboarding_tool.rendering import Rendered, rendered_objects
from onboarding_tool.yamltext import Dialect, Value

# What may tell the items of a list apart, the best first; a key counts if all items have it and no two share its value.
KEYS = ("name", "containerPort", "port", "mountPath", "key", "host", "path")
# The kinds that kustomize generates under a name that ends in a hash of the content, and the alphabet of that hash.
GENERATED_KINDS = ("ConfigMap", "Secret")
HASH = re.compile(r"-[2456789bcdfghkmt]{10}$")
# The fields of a Secret that may be shown. Even its annotations may hold a copy of it.
OPEN_FIELDS = (("apiVersion",), ("kind",), ("type",), ("metadata", "name"), ("metadata", "namespace"))
HIDDEN = "(hidden, "  # how a masked value begins


class Action(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True)
class Named:
    """The step to the item of a list that has this value under its key: of containers, `name` and `app`."""

    key: str
    value: str | int


Step = str | int | Named
Mask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A side that cannot be rendered or read, and why."""

    message: str


Side = Sequence[Object] | Broken


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What makes two objects the same one. `number` tells apart those that a plain file says twice."""

    group: str
    kind: str
    namespace: str
    name: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that was added (`before` is None), removed (`after` is None) or changed.

    An index counts in the longer of the two lists. Of a list whose items changed places the keys are told.
    """

    path: tuple[Step, ...]
    action: Action
    before: Value = None
    after: Value = None


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """An object that was added or removed (`value`: the whole of it), or changed in `fields`.

    `previous_name` differs from its name if that is generated and ends in a new hash.
    """

    identity: Identity
    action: Action
    fields: tuple[FieldChange, ...] = ()
    previous_name: str = ""
    value: Value = None

    @property
    def is_renamed(self) -> bool:
        return self.previous_name not in ("", self.identity.name)


@dataclass(frozen=True, slots=True)
class Effects:
    """What Kubernetes would see. A side that cannot be read leaves nothing to compare."""

    objects: tuple[ObjectChange, ...] = ()
    broken_before: str = ""
    broken_after: str = ""

    def __bool__(self) -> bool:
        return bool(self.objects) or self.is_broken

    @property
    def is_broken(self) -> bool:
        return bool(self.broken_before or self.broken_after)


def compare(before: Side, after: Side, mask: Mask) -> Effects:
    """What changes from one side to the other; `mask` stands in for each value of a Secret."""
    if isinstance(before, Broken) or isinstance(after, Broken):
        return Effects((), *(side.message if isinstance(side, Broken) else "" for side in (before, after)))
    old, new = _by_identity(before), _by_identity(after)
    renamed = _renamed(old.keys() - new.keys(), new.keys() - old.keys())
    found = [_added(identity, new[identity], mask) for identity in new.keys() - old.keys() - set(renamed.values())]
    found += [_removed(identity, old[identity], mask) for identity in old.keys() - new.keys() - renamed.keys()]
    pairs = renamed | {identity: identity for identity in old.keys() & new.keys()}
    changes = (_changed(one, old[one], other, new[other], mask) for one, other in pairs.items())
    found += [change for change in changes if change.fields or change.is_renamed]
    return Effects(tuple(sorted(found, key=lambda change: (change.identity, change.action))))


def masked(key: bytes, value: str) -> str:
    """What stands in for a secret value: equal for equal values, and of no use without the key."""
    return f"{HIDDEN}{blake2b(value.encode('utf-8', 'surrogatepass'), key=key, digest_size=6).hexdigest()})"


def compare_renders(before: Rendered | None, after: Rendered | None, mask: Mask) -> Effects:
    """The same of two renders; None is a folder that is not there."""
    return compare(_side(before), _side(after), mask)


def _side(rendered: Rendered | None) -> Side:
    if rendered is None:
        return ()
    if rendered.failure:
        return Broken(rendered.message or str(rendered.failure))
    return rendered_objects(rendered)


def objects(path: str, data: bytes, dialect: Dialect) -> Side:
    """The objects of a file."""
    parsed = yamltext.read(data, dialect)
    if parsed.problems:
        return Broken(f"{path}: {parsed.problems[0].message}")
    documents = enumerate(parsed.documents)
    return tuple(Object(path, number, (), value) for number, value in documents if isinstance(value, dict))


def identity_of(item: Object) -> Identity:
    namespace = item.get("metadata", "namespace")
    return Identity(item.group, item.kind, namespace if isinstance(namespace, str) else "", item.name)


def _by_identity(objects: Iterable[Object]) -> dict[Identity, Mapping[str, Any]]:
    found: dict[Identity, Mapping[str, Any]] = {}
    seen: Counter[Identity] = Counter()
    for item in objects:
        identity = identity_of(item)
        found[replace(identity, number=seen[identity])] = item.value
        seen[identity] += 1
    return found


def _renamed(gone: Iterable[Identity], come: Iterable[Identity]) -> dict[Identity, Identity]:
    """Generated objects whose name differs only in the hash. Several of one name would be guesswork."""
    olds, news = _by_stem(gone), _by_stem(come)
    pairs = ((olds[stem], news[stem]) for stem in olds.keys() & news.keys())
    return {old[0]: new[0] for old, new in pairs if len(old) == len(new) == 1}


def _by_stem(identities: Iterable[Identity]) -> dict[Identity, list[Identity]]:
    found = defaultdict(list)
    for identity in identities:
        if identity.kind in GENERATED_KINDS and not identity.group:
            found[replace(identity, name=HASH.sub("", identity.name))].append(identity)
    return found


def _added(identity: Identity, value: Mapping[str, Any], mask: Mask) -> ObjectChange:
    return ObjectChange(identity, Action.ADDED, value=_open(identity, dict(value), (), mask))


def _removed(identity: Identity, value: Mapping[str, Any], mask: Mask) -> ObjectChange:
    return ObjectChange(identity, Action.REMOVED, value=_open(identity, dict(value), (), mask))


def _changed(
    one: Identity, before: Mapping[str, Any], other: Identity, after: Mapping[str, Any], mask: Mask
) -> ObjectChange:
    fields = (change for change in differences(before, after) if one == other or change.path != ("metadata", "name"))
    shown = (_masked(other, change, mask) for change in fields)
    return ObjectChange(other, Action.CHANGED, tuple(shown), one.name)


def _masked(identity: Identity, change: FieldChange, mask: Mask) -> FieldChange:
    if change.action is Action.REORDERED:
        return change
    before, after = (_open(identity, value, change.path, mask) for value in (change.before, change.after))
    gone, come = change.action is Action.ADDED, change.action is Action.REMOVED
    return replace(change, before=None if gone else before, after=None if come else after)


def _open(identity: Identity, value: Value, path: tuple[Step, ...], mask: Mask) -> Value:
    """The value as it may be shown."""
    if identity.kind != "Secret" or path in OPEN_FIELDS or path[:2] == ("metadata", "labels"):
        return value
    if isinstance(value, dict):
        return {key: _open(identity, item, (*path, key), mask) for key, item in value.items()}
    if isinstance(value, list):
        return [_open(identity, item, (*path, number), mask) for number, item in enumerate(value)]
    return mask(value if isinstance(value, str) else repr(value))


def differences(before: Any, after: Any, path: tuple[Step, ...] = ()) -> Iterator[FieldChange]:
    """Every difference of two values, in the order of `before`; what is added or removed is told as a whole."""
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_mappings(before, after, path)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, path)
    elif not _same(before, after):
        yield FieldChange(path, Action.CHANGED, before, after)


def _same(before: Any, after: Any) -> bool:
    """To Python `1` equals `true`, and a number that is none does not equal itself."""
    return type(before) is type(after) and (before == after or repr(before) == repr(after))


def _of_mappings(before: Mapping[str, Any], after: Mapping[str, Any], path: tuple[Step, ...]) -> Iterator[FieldChange]:
    for key, value in before.items():
        if key in after:
            yield from differences(value, after[key], (*path, key))
        else:
            yield FieldChange((*path, key), Action.REMOVED, before=value)
    for key, value in after.items():
        if key not in before:
            yield FieldChange((*path, key), Action.ADDED, after=value)


def _of_lists(before: list[Any], after: list[Any], path: tuple[Step, ...]) -> Iterator[FieldChange]:
    key = list_key(before, after)
    if key is None:
        yield from _by_index(before, after, path)
        return
    old: dict[Step, Any] = {Named(key, item[key]): item for item in before}
    new: dict[Step, Any] = {Named(key, item[key]): item for item in after}
    for step, item in old.items():
        if step in new:
            yield from differences(item, new[step], (*path, step))
        else:
            yield FieldChange((*path, step), Action.REMOVED, before=item)
    for step, item in new.items():
        if step not in old:
            yield FieldChange((*path, step), Action.ADDED, after=item)
    order_before = [item[key] for step, item in old.items() if step in new]
    order_after = [item[key] for step, item in new.items() if step in old]
    if order_before != order_after:
        yield FieldChange(path, Action.REORDERED, order_before, order_after)


def list_key(before: list[Any], after: list[Any]) -> str | None:
    """The key by which the items of two lists are matched; None if they can only be counted."""
    if not before and not after:
        return None
    return next((key for key in KEYS if _tells_apart(key, before) and _tells_apart(key, after)), None)


def _tells_apart(key: str, items: list[Any]) -> bool:
    values = [item.get(key) if isinstance(item, dict) else None for item in items]
    return all(type(value) in (str, int) for value in values) and len(set(values)) == len(values)


def _by_index(before: list[Any], after: list[Any], path: tuple[Step, ...]) -> Iterator[FieldChange]:
    """Items in their places, without what the lists share at their ends."""
    start = _shared(before, after)
    tail = _shared(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - tail], after[start : len(after) - tail]
    for index, (one, other) in enumerate(zip(old, new, strict=False), start):
        yield from differences(one, other, (*path, index))
    both = min(len(old), len(new))
    for index, item in enumerate(old[both:], start + both):
        yield FieldChange((*path, index), Action.REMOVED, before=item)
    for index, item in enumerate(new[both:], start + both):
        yield FieldChange((*path, index), Action.ADDED, after=item)


def _shared(before: Sequence[Any], after: Sequence[Any]) -> int:
    pairs = enumerate(zip(before, after, strict=False))
    end = min(len(before), len(after))
    return next((index for index, (one, other) in pairs if not _equal(one, other)), end)


def _equal(before: Any, after: Any) -> bool:
    """Whether there are no differences, without telling them: asked at each level of nested lists."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(_equal(value, after[key]) for key, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_equal, before, after))
    return _same(before, after)

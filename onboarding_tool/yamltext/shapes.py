"""What a YAML text says, told by two parsers that share no code: the judge of every splice.

Nothing here knows how a text was edited. A splice is right if the shape of the new text is the shape of the old one
with one place changed, quotes and order included; comments and layout have no shape.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import yaml

from onboarding_tool.yamltext import composing, scalars, writing
from onboarding_tool.yamltext.locating import Path


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar as written: its text, and whether quotes (or a block style) make it text to every reader."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class New:
    """Stands in an expected shape for whatever says `value`, however it is written."""

    value: Any


@dataclass(frozen=True, slots=True)
class Branch:
    """A mapping, or a list: then `keys` is None."""

    keys: "tuple[Leaf | New, ...] | None"
    values: "tuple[Shape, ...]"


Shape = Leaf | New | Branch
NOTHING = Leaf("", False)


class ParserError(ValueError):
    """A text that one of the two parsers cannot read, or that they read differently."""


def of(text: str) -> Shape:
    """The shape of a text's one document. Raises ParserError."""
    first, second = _libyaml(text), _ruamel(text)
    if first != second:
        raise ParserError("two YAML parsers read this text differently")
    return first


def _libyaml(text: str) -> Shape:
    loader = composing.Loader(text)
    try:
        return _shape(loader.get_single_node())
    except yaml.YAMLError as error:
        raise ParserError(f"PyYAML cannot read it: {error}") from None
    finally:
        loader.dispose()


def _ruamel(text: str) -> Shape:
    # 30 ms to import, and most commands splice nothing.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return _shape(YAML(typ="safe", pure=True).compose(text))
    except (YAMLError, ValueError) as error:
        raise ParserError(f"ruamel.yaml cannot read it: {error}") from None


def _shape(node: Any) -> Shape:
    """Both parsers call their nodes alike: `id`, `value`, `style`."""
    if node is None:
        return NOTHING
    if node.id == "scalar":
        return Leaf(node.value, bool(node.style))
    if node.id == "sequence":
        return Branch(None, tuple(_shape(item) for item in node.value))
    return Branch(tuple(_key(key) for key, _ in node.value), tuple(_shape(value) for _, value in node.value))


def _key(node: Any) -> Leaf:
    if node.id != "scalar":
        raise ParserError("a key that is a list or a mapping")
    return Leaf(node.value, bool(node.style))


def at(shape: Shape, path: Path) -> Shape | None:
    """The shape at a path, None if there is no such place."""
    for step in path:
        position = _position(shape, step)
        if position is None or not isinstance(shape, Branch):
            return None
        shape = shape.values[position]
    return shape


def says(shape: Shape, value: Any) -> bool:
    """Whether every reader takes a shape to mean `value`."""
    if isinstance(value, writing.Flow):
        return says(shape, value.value)
    if isinstance(value, Mapping):
        keys = tuple(New(key) for key in value)
        return fits(Branch(keys, tuple(New(item) for item in value.values())), shape)
    if isinstance(value, list | tuple):
        return fits(Branch(None, tuple(New(item) for item in value)), shape)
    if not isinstance(shape, Leaf):
        return False
    if isinstance(value, str):
        return shape.text == value and (shape.quoted or is_text(value))
    return not shape.quoted and shape.text == writing.scalar(value)


def is_text(plain: str) -> bool:
    """Whether every reader takes a scalar without quotes for text."""
    read = (scalars.plain(plain), scalars.as_go_reads(plain))
    return not scalars.is_ambiguous(plain) and all(isinstance(meaning, str) for meaning in read)


def fits(expected: Shape, actual: Shape) -> bool:
    """Whether `actual` is what was expected, `New` places by their meaning."""
    if isinstance(expected, New):
        return says(actual, expected.value)
    if not isinstance(expected, Branch) or not isinstance(actual, Branch):
        return expected == actual
    return _all_fit(expected.values, actual.values) and _keys_fit(expected, actual)


def _keys_fit(expected: Branch, actual: Branch) -> bool:
    if expected.keys is None or actual.keys is None:
        return expected.keys is actual.keys
    return _all_fit(expected.keys, actual.keys)


def _all_fit(expected: Iterable[Shape], actual: Iterable[Shape]) -> bool:
    mine, theirs = tuple(expected), tuple(actual)
    return len(mine) == len(theirs) and all(map(fits, mine, theirs))


def with_value(shape: Shape, path: Path, value: Any) -> Shape:
    """The shape with another value at a place that exists."""
    return _changed(shape, path, New(value))


def with_key(shape: Shape, path: Path, key: str, value: Any, after: str | None) -> Shape:
    """The shape with `key` of the mapping at `path` set: in its place, else after the key `after`, else last."""
    parent = at(shape, path)
    branch = parent if isinstance(parent, Branch) else Branch((), ())
    keys, values = branch.keys or (), branch.values
    position = _position(branch, key)
    if position is not None:
        return with_value(shape, (*path, key), value)
    previous = _position(branch, after) if after is not None else None
    cut = len(values) if previous is None else previous + 1
    grown = Branch((*keys[:cut], New(key), *keys[cut:]), (*values[:cut], New(value), *values[cut:]))
    return _changed(shape, path, grown)


def with_item(shape: Shape, path: Path, value: Any) -> Shape:
    """The shape with one more item at the end of the list at `path`."""
    parent = at(shape, path)
    items = parent.values if isinstance(parent, Branch) else ()
    return _changed(shape, path, Branch(None, (*items, New(value))))


def without(shape: Shape, path: Path) -> Shape:
    """The shape without the entry or the item at `path`."""
    parent = at(shape, path[:-1])
    position = _position(parent, path[-1])
    if position is None or not isinstance(parent, Branch):
        return shape
    keys = None if parent.keys is None else (*parent.keys[:position], *parent.keys[position + 1 :])
    return _changed(shape, path[:-1], Branch(keys, (*parent.values[:position], *parent.values[position + 1 :])))


def _changed(shape: Shape, path: Path, new: Shape) -> Shape:
    if not path:
        return new
    position = _position(shape, path[0])
    if position is None or not isinstance(shape, Branch):
        return shape
    values = list(shape.values)
    values[position] = _changed(values[position], path[1:], new)
    return replace(shape, values=tuple(values))


def _position(shape: Shape | None, step: str | int) -> int | None:
    if not isinstance(shape, Branch):
        return None
    if shape.keys is None:
        return step if isinstance(step, int) and 0 <= step < len(shape.values) else None
    return next((i for i, key in enumerate(shape.keys) if isinstance(key, Leaf) and key.text == step), None)

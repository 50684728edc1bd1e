"""Edits of YAML as text: the characters of one place change, every other byte a human wrote stays.

Comments, order, quotes, indentation, line ends, a byte order mark and a missing final newline survive. places.py says
where things stand; after every splice two parsers say what the new text means (shapes.py), and a splice that changed
anything else is a bug: nothing is returned. The habit is that of pre-commit's `yaml_rewrite.py`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from onboarding_tool.errors import BugError
from onboarding_tool.yamltext import places, shapes, writing
from onboarding_tool.yamltext.composing import hidden_character
from onboarding_tool.yamltext.locating import Path
from onboarding_tool.yamltext.places import SpliceError, error, shown
from onboarding_tool.yamltext.shapes import ParserError, Shape

__all__ = ["SpliceError", "append", "remove", "replace", "set_key"]

BOM = "\ufeff"
COMMA = re.compile(r"(?:\s|(?<=\s)#[^\n]*\n)*,")
EMPTY_LIST = re.compile(r"\[\s*\]")
SURROGATE = re.compile("[\ud800-\udfff]")

# Replace the characters from start to end.
Edit = tuple[int, int, str]
Cut = Callable[[str, Node | None], list[Edit]]


def replace(text: str, path: Path, value: Any) -> str:
    """`text` with another scalar at `path`, in the old one's quotes where the new value allows them."""

    def cut(body: str, root: Node | None) -> list[Edit]:
        return _replacing(body, places.trail(root, path), path, value)

    _refuse_hidden(value)
    return _spliced(text, cut, lambda shape: shapes.with_value(shape, path, value))


def set_key(text: str, path: Path, key: str, value: Any, *, after: str | None = None) -> str:
    """`text` with `key` of the mapping at `path` set: a scalar in its place, else behind the key `after`, else last."""

    def cut(body: str, root: Node | None) -> list[Edit]:
        return _setting(body, root, path, key, value, after)

    _refuse_hidden({key: value})
    return _spliced(text, cut, lambda shape: shapes.with_key(shape, path, key, value, after))


def append(text: str, path: Path, value: Any) -> str:
    """`text` with one more item at the end of the list at `path`."""

    def cut(body: str, root: Node | None) -> list[Edit]:
        return _appending(body, root, path, value)

    _refuse_hidden(value)
    return _spliced(text, cut, lambda shape: shapes.with_item(shape, path, value))


def remove(text: str, path: Path) -> str:
    """`text` without the entry or item at `path`: its own lines and the comment behind it go, comments above stay."""

    def cut(body: str, root: Node | None) -> list[Edit]:
        return _removing(body, places.trail(root, path), path)

    return _spliced(text, cut, lambda shape: shapes.without(shape, path))


def _spliced(text: str, cut: Cut, expect: Callable[[Shape], Shape]) -> str:
    body = text.removeprefix(BOM)
    root = places.compose(body)
    try:
        before = shapes.of(body)
    except ParserError as reason:
        raise SpliceError(str(reason)) from None
    edits = cut(body, root)
    expected = expect(before)
    if shapes.fits(expected, before):
        return text
    after = _applied(body, edits)
    _prove(expected, after)
    return text[: len(text) - len(body)] + after


def _refuse_hidden(value: Any) -> None:
    """What could not be read again is not written: invisible characters, and halves of characters."""
    for text in _texts(value):
        if found := hidden_character(text):
            raise SpliceError(f"the new value holds the invisible character {found[1]}")
        if SURROGATE.search(text):
            raise SpliceError("the new value is no Unicode text")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, writing.Flow):
        yield from _texts(value.value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def _prove(expected: Shape, after: str) -> None:
    try:
        proved = shapes.fits(expected, shapes.of(after))
    except ParserError as reason:
        raise BugError(f"an edit of YAML broke it: {reason}; nothing was written") from reason
    if not proved:
        raise BugError("an edit of YAML changed more than it should; nothing was written")


def _applied(text: str, edits: list[Edit]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


# replace


def _replacing(text: str, trail: list[Node], path: Path, value: Any) -> list[Edit]:
    node, flow = trail[-1], places.in_flow(trail)
    if not isinstance(node, ScalarNode):
        raise error(f"{shown(path)} is no scalar", node)
    if isinstance(value, Mapping | list | tuple | writing.Flow):
        raise error("only a scalar can take a scalar's place", node)
    if places.is_block_scalar(node):
        return _replacing_block(text, node, _written(value, None, flow=False))
    if node.start_mark.index == node.end_mark.index:
        return [_behind_colon(text, trail, _written(value, None, flow=flow))]
    return [(*places.span(node), _written(value, node.style, flow=flow))]


def _replacing_block(text: str, node: Node, new: str) -> list[Edit]:
    """The header's sign and the lines below it; a comment in the header stays."""
    start = int(node.start_mark.index)
    header = places.BLOCK_HEADER.match(text, start)
    assert header is not None
    header_end = places.line_end(text, start)
    return [(start, header.end(), new), (header_end, max(header_end, places.end_of(text, node)), "")]


def _behind_colon(text: str, trail: list[Node], new: str) -> Edit:
    """Insert where an empty value stands."""
    if len(trail) == 1:
        raise SpliceError("the document is empty")
    at = places.behind_colon(text, trail)
    return at, at, f" {new}"


def _written(value: Any, style: str | None, *, flow: bool) -> str:
    """A scalar on one line, in the quotes `style` if it can stand in them."""
    if isinstance(value, str) and style == '"':
        return writing.quoted(value)
    if isinstance(value, str) and style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return writing.scalar(value, flow=flow)


# set_key


def _setting(text: str, root: Node | None, path: Path, key: str, value: Any, after: str | None) -> list[Edit]:
    if root is None and not path:
        return [_lines_at(text, len(text), writing.dump({key: value}), value)]
    trail = places.trail(root, path)
    node = trail[-1]
    if places.is_null(node):
        return _filling(text, trail, {key: value})
    if not isinstance(node, MappingNode):
        raise error(f"{shown(path)} is no mapping", node)
    if (index := places.index_of(node, key)) is not None:
        return _resetting(text, [*trail, node.value[index][1]], (*path, key), value)
    previous = len(node.value) - 1 if after is None else places.index_of(node, after)
    if previous is None:
        raise error(f"there is no {shown((*path, str(after)))}", node)
    if places.in_flow(trail):
        return [_in_braces(text, node, previous, _inline(trail[0], {key: value})[1:-1])]
    return [_new_entry(text, trail, previous, key, value)]


def _resetting(text: str, trail: list[Node], path: Path, value: Any) -> list[Edit]:
    if not isinstance(value, Mapping | list | tuple | writing.Flow):
        return _replacing(text, trail, path, value)
    if not places.is_null(trail[-1]):
        if shapes.says(shapes.at(shapes.of(text), path) or shapes.NOTHING, value):
            return []
        raise error(f"{shown(path)} has a value already", trail[-1])
    return _filling(text, trail, value)


def _new_entry(text: str, trail: list[Node], previous: int, key: str, value: Any) -> Edit:
    """Lines for `key` in the block mapping at the end of the trail, below its entry `previous`."""
    node = trail[-1]
    column = int(node.start_mark.column)
    # Comments at the mapping's own column announce what comes next; below its last entry they close it.
    owned = column if previous == len(node.value) - 1 else column + 1
    at = places.below_node(text, node.value[previous][1], owned)
    if not isinstance(value, Mapping | list | tuple) or not value:
        return _lines_at(text, at, writing.dump({key: value}, column), value)
    lines = writing.dump(value, column + _offset(trail[0], value))
    return _lines_at(text, at, f"{' ' * column}{writing.scalar(key)}:\n{lines}", value)


def _in_braces(text: str, node: Node, previous: int, piece: str) -> Edit:
    """A new entry of a flow collection, behind its entry `previous`."""
    entries = places.entries(node)
    at = places.end_of(text, entries[previous][1]) if entries else int(node.start_mark.index) + 1
    return at, at, f", {piece}" if entries else piece


def _inline(root: Node, value: Any) -> str:
    """A value in flow style; JSON if the whole text is."""
    if not _is_json(root):
        return writing.inline(value)
    return json.dumps(value, ensure_ascii=False, default=lambda flow: flow.value)


def _is_json(root: Node) -> bool:
    """Whether a text is JSON, as far as keys and brackets show it."""
    keys = [key for node in places.every(root) if isinstance(node, MappingNode) for key, _ in node.value]
    return places.in_flow([root]) and bool(keys) and all(key.style == '"' for key in keys)


def _offset(root: Node, value: Any) -> int:
    """How far the text's first list (or mapping, as `value` is) stands to the right of the mapping it is in."""
    kind = MappingNode if isinstance(value, Mapping) else SequenceNode
    for parent in places.every(root):
        for _, child in places.entries(parent) if isinstance(parent, MappingNode) else ():
            if isinstance(child, kind) and not places.in_flow([parent, child]):
                return int(child.start_mark.column - parent.start_mark.column)
    return 2


def _lines_at(text: str, at: int, lines: str, value: Any) -> Edit:
    """Insert whole lines where a line begins, or behind a last line that has no newline."""
    newline = places.newline_at(text, at)
    lines = lines.replace("\n", newline)
    if at == 0 or text.endswith("\n", 0, at):
        return at, at, lines
    return at, at, newline + (lines if _ends_in_block(value) else lines.removesuffix(newline))


def _ends_in_block(value: Any) -> bool:
    """Whether the last line of a value belongs to a text of several lines, which would lose its newline."""
    if isinstance(value, Mapping | list | tuple) and value:
        return _ends_in_block(list(value.values() if isinstance(value, Mapping) else value)[-1])
    return isinstance(value, str) and "\n" in value


# append


def _appending(text: str, root: Node | None, path: Path, value: Any) -> list[Edit]:
    if root is None and not path:
        return [_lines_at(text, len(text), writing.dump([value]), value)]
    trail = places.trail(root, path)
    node = trail[-1]
    if places.is_null(node):
        return _filling(text, trail, [value])
    if not isinstance(node, SequenceNode):
        raise error(f"{shown(path)} is no list", node)
    if path and isinstance(value, Mapping) and EMPTY_LIST.fullmatch(text, *places.span(node)):
        return _filling(text, trail, [value])
    if places.in_flow(trail):
        return [_in_braces(text, node, len(node.value) - 1, _inline(trail[0], value))]
    column = int(node.start_mark.column)
    at = places.below_node(text, node.value[-1], column)
    return [_lines_at(text, at, _item_lines(value, column, _dash_width(node)), value)]


def _item_lines(value: Any, column: int, width: int) -> str:
    """`- value` as lines of a block list whose dashes stand at `column`, `width` characters before their items."""
    lines = writing.dump(value, column + width)
    return f"{' ' * column}-{' ' * (width - 1)}{lines[column + width :]}"


def _dash_width(node: SequenceNode) -> int:
    """From a list's dash to its item, where the first item shows it."""
    first = node.value[0]
    shows = first.start_mark.line == node.start_mark.line and not places.is_null(first)
    return int(first.start_mark.column - node.start_mark.column) if shows else 2


def _filling(text: str, trail: list[Node], value: Any) -> list[Edit]:
    """A list or mapping in the place of null or `[]`: on lines of its own below a key, else in flow style."""
    start, end = places.span(trail[-1])
    if len(trail) == 1 and start == end:
        return [_lines_at(text, start, writing.dump(value), value)]
    if not value or isinstance(value, writing.Flow) or not _is_below_key(trail):
        piece = _inline(trail[0], value)
        return [(start, end, piece) if start < end else _behind_colon(text, trail, piece)]
    column = int(trail[-2].start_mark.column)
    lines = writing.dump(value, column + _offset(trail[0], value))
    added = _lines_at(text, places.below(text, end, column + 1), lines, value)
    return [added, (places.behind_colon(text, trail), end, "")] if start < end else [added]


def _is_below_key(trail: list[Node]) -> bool:
    """Whether the last node of the trail is a value of a block mapping."""
    return len(trail) > 1 and isinstance(trail[-2], MappingNode) and not places.in_flow(trail[:-1])


# remove


def _removing(text: str, trail: list[Node], path: Path) -> list[Edit]:
    if not path:
        raise error("the document itself cannot be removed", trail[-1])
    parent, index = trail[-2], places.index_of(trail[-2], path[-1])
    assert index is not None
    if places.in_flow(trail[:-1]):
        return [_removing_flow(text, parent, index)]
    if len(places.entries(parent)) == 1:
        return _removing_only(text, trail[:-1])
    edit = _removing_block(text, parent, index)
    _refuse_swallowed(text, trail[0], edit)
    return [edit]


def _removing_block(text: str, parent: Node, index: int) -> Edit:
    """The entry's lines; of an entry that begins behind a dash, all but the dash."""
    start, end = places.start_of(text, parent, index), places.end_of(text, places.entries(parent)[index][1])
    line, below = places.line_start(text, start), places.next_line(text, end)
    if not text[line:start].strip():
        return line, below, ""
    successor = places.start_of(text, parent, index + 1)
    if places.line_start(text, successor) == below:
        return start, successor, ""
    return line + len(text[line:start].rstrip()), places.line_end(text, end), ""


def _refuse_swallowed(text: str, root: Node, edit: Edit) -> None:
    """What follows the removed lines must not become part of a block scalar that ends where they began."""
    start, end, _ = edit
    line = text[end : places.next_line(text, end)]
    for node in places.every(root):
        if places.is_block_scalar(node) and node.end_mark.index == start and _swallows(text, node, line):
            raise error("the line below what is removed would become part of this text", node)


def _swallows(text: str, node: Node, line: str) -> bool:
    """Whether a line directly below a block scalar would be text of it: blank ones if it keeps them, deep comments."""
    if not line.strip():
        return bool(line) and places.chomping(text, node) == "+"
    first = text[places.next_line(text, node.start_mark.index) : node.end_mark.index].lstrip("\r\n")
    deep = len(first) - len(first.lstrip(" "))
    return line.lstrip().startswith("#") and len(line) - len(line.lstrip()) >= max(1, deep)


def _removing_only(text: str, trail: list[Node]) -> list[Edit]:
    """The last entry of a block collection: `{}` or `[]` stays, behind the key if there is one."""
    node = trail[-1]
    empty = "{}" if isinstance(node, MappingNode) else "[]"
    start, end = int(node.start_mark.index), places.line_end(text, places.end_of(text, node))
    if len(trail) == 1 or isinstance(trail[-2], SequenceNode):
        return [(start, end, empty)]
    return [_behind_colon(text, trail, empty), (places.line_start(text, start), places.next_line(text, end), "")]


def _removing_flow(text: str, parent: Node, index: int) -> Edit:
    entries = places.entries(parent)
    start, end = places.start_of(text, parent, index), places.end_of(text, entries[index][1])
    comma = COMMA.match(text, end)
    stop = comma.end() if comma else end
    line, below = places.line_start(text, start), places.next_line(text, stop)
    rest = text[stop:below].strip()
    if not text[line:start].strip() and (not rest or rest.startswith("#")):
        return line, below, ""
    before = places.end_of(text, entries[index - 1][1]) if index else start
    if index and "\n" not in text[before:start]:
        return before, end, ""
    return start, below - len(text[stop:below].lstrip(" \t")) if comma else end, ""

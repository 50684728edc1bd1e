"""Where the nodes of a YAML text begin and end, as a splice needs it: PyYAML's marks, corrected.

A mark counts characters. A block collection's own end lies behind the comments that follow it, a block scalar's
behind its trailing blank lines, and an empty value has no extent at all.
"""

import re
from collections.abc import Iterator

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from onboarding_tool.yamltext import composing
from onboarding_tool.yamltext.composing import Dialect
from onboarding_tool.yamltext.locating import Path
from onboarding_tool.yamltext.reading import read

EDITABLE = Dialect(max_bytes=1024 * 1024, max_depth=64, many=False, strict=False)

COLON = re.compile(r"\s*:")
COMMENT_LINE = re.compile(r"([ \t]*)#[^\n]*(?:\n|\Z)")
BLOCK_HEADER = re.compile(r"[|>][-+0-9]*")
EXPLICIT_KEY = re.compile(r"\?[ \t]+\Z")
LONE_QUESTION_MARK = re.compile(r"^[ \t-]*\?[ \t]*(?:#.*)?\r?$", re.MULTILINE)


class SpliceError(ValueError):
    """There is no such place, or it cannot be edited safely. Line and column count from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


def error(message: str, node: Node | None) -> SpliceError:
    if node is None:
        return SpliceError(message)
    return SpliceError(message, node.start_mark.line + 1, node.start_mark.column + 1)


def compose(text: str) -> Node | None:
    """The root of a text's one document. Raises SpliceError where a place's bytes could say more than one thing.

    That is: anchors, aliases, tags, duplicate keys, several documents; and what has no visible begin or end.
    """
    parsed = read(text.encode("utf-8", "surrogatepass"), EDITABLE)
    for problem in parsed.problems:
        if problem.rule != "yaml-ambiguous-scalar":
            raise SpliceError(problem.message, problem.line, problem.column)
    if found := LONE_QUESTION_MARK.search(text):
        raise SpliceError("a question mark without its key beside it", text.count("\n", 0, found.start()) + 1)
    loader = composing.Loader(text)
    try:
        root: Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    for node in every(root):
        _refuse_endless(text, node)
    return root


def _refuse_endless(text: str, node: Node) -> None:
    """`[key: value]` is a mapping without ends; the value of `? key` alone has its mark somewhere below."""
    if not isinstance(node, MappingNode):
        return
    if node.flow_style and text[node.start_mark.index] != "{":
        raise error("a mapping without braces in a list", node)
    for key, _ in node.value:
        explicit = EXPLICIT_KEY.search(text, line_start(text, key.start_mark.index), key.start_mark.index)
        if explicit and not COLON.match(text, key.end_mark.index):
            raise error("a question mark and a key without a value", key)


def entries(node: Node | None) -> list[tuple[Node, Node]]:
    """(key, value) of a mapping; a list item is its own key."""
    if isinstance(node, MappingNode):
        return list(node.value)
    return [(item, item) for item in node.value] if isinstance(node, SequenceNode) else []


def index_of(node: Node | None, step: str | int) -> int | None:
    if isinstance(node, SequenceNode):
        return step if isinstance(step, int) and 0 <= step < len(node.value) else None
    return next((i for i, (key, _) in enumerate(entries(node)) if key.value == step), None)


def trail(root: Node | None, path: Path) -> list[Node]:
    """The nodes from the root to the one at `path`. Raises SpliceError if there is none."""
    if root is None:
        raise SpliceError("the document is empty")
    nodes = [root]
    for depth, step in enumerate(path):
        index = index_of(nodes[-1], step)
        if index is None:
            raise error(f"there is no {shown(path[: depth + 1])}", nodes[-1])
        nodes.append(entries(nodes[-1])[index][1])
    return nodes


def shown(path: Path) -> str:
    return ".".join(str(step) for step in path) or "the document"


def every(node: Node | None) -> Iterator[Node]:
    """A node and all below it, keys left out."""
    if node is not None:
        yield node
    for _, value in entries(node):
        yield from every(value)


def in_flow(nodes: list[Node]) -> bool:
    return any(isinstance(node, CollectionNode) and node.flow_style for node in nodes)


def is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.style and node.value in ("", "~", "null", "Null", "NULL")


def is_block_scalar(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style in ("|", ">")


def chomping(text: str, node: Node) -> str:
    """`-` or `+` if the header of a block scalar says so."""
    header = BLOCK_HEADER.match(text, node.start_mark.index)
    return "".join(sign for sign in "-+" if header and sign in header[0])


def span(node: Node) -> tuple[int, int]:
    return node.start_mark.index, node.end_mark.index


def _last(node: Node) -> Node:
    """The innermost node that ends where a block collection ends."""
    while isinstance(node, CollectionNode) and not node.flow_style:
        node = entries(node)[-1][1]
    return node


def end_of(text: str, node: Node) -> int:
    """Behind the last character of a node; for a block scalar behind its last line that is not blank."""
    last = _last(node)
    start, end = span(last)
    return start + len(text[start:end].rstrip()) if is_block_scalar(last) else end


def start_of(text: str, parent: Node, index: int) -> int:
    """Where an entry begins: at its key or question mark, its dash, or in flow style the item itself."""
    key = entries(parent)[index][0]
    if isinstance(parent, MappingNode) or in_flow([parent]):
        start = int(key.start_mark.index)
        explicit = EXPLICIT_KEY.search(text, line_start(text, start), start)
        return explicit.start() if explicit else start
    if index == 0:
        return int(parent.start_mark.index)
    dash = re.compile(rf"^[ ]{{{parent.start_mark.column}}}-(?=\s|\Z)", re.MULTILINE)
    found = dash.search(text, end_of(text, entries(parent)[index - 1][1]))
    if found is None:
        raise error("the dash of this item was not found", key)
    return found.end() - 1


def behind_colon(text: str, nodes: list[Node]) -> int:
    """Behind the colon (or the dash) that the last node of a trail stands behind."""
    parent, node = nodes[-2], nodes[-1]
    if isinstance(parent, SequenceNode):
        return int(node.start_mark.index)
    key = next(key for key, value in entries(parent) if value is node)
    colon = COLON.match(text, key.end_mark.index)
    if colon is None:
        raise error(f"the key {key.value!r} has no colon", key)
    return colon.end()


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Behind the last visible character of the line."""
    return at + len(text[at : next_line(text, at)].rstrip())


def next_line(text: str, at: int) -> int:
    """Where the next line begins; the text's end if there is none."""
    stop = text.find("\n", at)
    return stop + 1 if stop >= 0 else len(text)


def newline_at(text: str, at: int) -> str:
    """The newline of the line above, else of the first line."""
    above = text.rfind("\n", 0, at)
    found = above if above >= 0 else text.find("\n")
    return "\r\n" if found > 0 and text[found - 1] == "\r" else "\n"


def below(text: str, at: int, column: int) -> int:
    """Where a line can be added below the one that `at` is in: comments from `column` on belong to what is above."""
    line = next_line(text, at)
    while line < len(text) and (comment := COMMENT_LINE.match(text, line)) and len(comment[1]) >= column:
        line = comment.end()
    return line


def below_node(text: str, node: Node, column: int) -> int:
    """As `below` a node. A block scalar owns the blank lines behind it, and the newline that ends it."""
    last = _last(node)
    if not is_block_scalar(last):
        return below(text, end_of(text, last), column)
    end = int(last.end_mark.index)
    if last.value and not text.endswith("\n", 0, end) and chomping(text, last) != "-":
        raise error("the file ends in a block of text without a newline, and would give it one", last)
    return below(text, end - 1, column)

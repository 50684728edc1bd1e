"""Where a value stands in a file."""

from collections import deque
from dataclasses import dataclass, replace
from functools import lru_cache

from yaml.nodes import MappingNode, Node, SequenceNode

from onboarding_tool.yamltext.composing import MANIFEST, UnreadableError, audit, compose, needs_audit

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


def locate(data: bytes, path: Path, document: int = 0, *, key: bool = False) -> Mark:
    """Where the value at `path` begins (or its key); the deepest part of the path that exists, else the file's start.

    Composes the text again, so that reading a fleet need not keep nodes (22 KB a file).
    """
    nodes, known = _nodes(data)
    if document >= len(nodes):
        return Mark(1, 1)
    node = mark_of = nodes[document]
    for step in path:
        entry = _step(node, step, known)
        if entry is None:
            break
        mark_of, node = entry
    shown = mark_of if key else node
    return Mark(shown.start_mark.line + 1, shown.start_mark.column + 1)


Entries = dict[str | int, tuple[Node, Node]]  # by key


@lru_cache(maxsize=1)
def _nodes(data: bytes) -> tuple[tuple[Node, ...], dict[int, Entries]]:
    """Kept for a moment: a file in which much is wrong is asked for many places. So are the keys of its mappings, by
    the mapping's identity: to search ten thousand keys for each of ten thousand takes seconds.
    """
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    try:
        # Who asks has read the text, in some dialect. But too deep a one overflows the stack that libyaml works on.
        dialect = replace(MANIFEST, max_values=len(text))
        if needs_audit(text, dialect):
            deque(audit(text, dialect), maxlen=0)
        return tuple(compose(text)), {}
    except UnreadableError:
        return (), {}


def _step(node: Node, step: str | int, known: dict[int, Entries]) -> tuple[Node, Node] | None:
    """(key node, value node) one step down. A list item is its own key; of equal keys the first one counts."""
    if isinstance(node, MappingNode):
        if id(node) not in known:
            known[id(node)] = {k.value: (k, v) for k, v in reversed(node.value) if isinstance(k.value, str)}
        return known[id(node)].get(step)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None

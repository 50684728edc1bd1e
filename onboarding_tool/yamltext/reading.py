"""Bytes -> plain values and problems. Bounds come first: size, characters, depth; only then are objects built."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    NodeEvent,
    ScalarEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from onboarding_tool.yamltext import scalars

MOST_PROBLEMS = 200  # of one text that are told

Value = bool | int | float | str | list["Value"] | dict[str, "Value"] | None
Path = tuple[str | int, ...]


class Loader(getattr(getattr(yaml, "cyaml", yaml), "CParser", yaml.BaseLoader)):  # type: ignore[misc]  # one of the two
    """Resolves nothing: what a plain scalar means is decided in scalars.py, per dialect.

    Asked for each node, PyYAML's own resolver takes as long as libyaml does for all of its work.
    """

    def resolve(self, *_: object) -> str:
        return ""

    def descend_resolver(self, parent: object, index: object) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass


# Characters that no reader shows, or that readers break lines at differently ("Trojan Source").
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]"
    "|\r(?!\n)"  # a diff shows one line where YAML sees two
)
# A tab outside quotes and comments: Go and libyaml take it for a space, PyYAML and ruamel.yaml for an error.
TAB = re.compile(r"""^[^#"'\n]*\t""", re.MULTILINE)
# What stands on a line in which several lists or mappings begin.
NESTED = re.compile(r"[-?:][ \t][-?: \t]")
# A text of these bytes hides nothing. The searches for what is rare cost more than the parser does, so that a healthy
# text is told by what takes a hundredth of that.
ORDINARY = bytes(range(0x20, 0x7F)) + b"\n\t"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How strictly a kind of file is read. `strict`: a plain scalar that two readers read differently is a problem.

    `escapes`: values may hold invisible characters, written as escapes. `max_values`: keys, scalars, lists and
    mappings; a manifest has 30 to 85 of them in 1,000 bytes, a hostile one 500, and each costs more than its bytes do.
    """

    max_bytes: int
    max_depth: int
    many: bool
    strict: bool
    escapes: bool = False
    max_values: int = 100_000


OURS = Dialect(max_bytes=64 * 1024, max_depth=20, many=False, strict=True)
KUSTOMIZATION = Dialect(max_bytes=64 * 1024, max_depth=64, many=False, strict=False)
MANIFEST = Dialect(max_bytes=1024 * 1024, max_depth=64, many=True, strict=False, escapes=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, named after the rule that says so."""

    rule: str
    line: int
    column: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """The documents that could be read, and the problems on the way. With a problem the documents may be incomplete."""

    documents: tuple[Value, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


class UnreadableError(Exception):
    """Carries the one problem after which nothing more of a text can be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def read(data: bytes, dialect: Dialect) -> Parsed:
    """All documents of `data` as plain values. Never raises, whatever the bytes."""
    try:
        text = decode(data, dialect)
        problems = list(_audit(text, dialect)) if _needs_audit(text, dialect) else []
        nodes = _compose(text)
    except UnreadableError as unreadable:
        return Parsed((), (unreadable.problem,))
    if len(nodes) > 1 and not dialect.many:
        mark = nodes[1].start_mark
        problems.append(
            _problem("yaml-invalid", mark, "a second document: one file holds one document", "Split the file.")
        )
        nodes = nodes[:1]
    if any(problem.rule in ("yaml-alias", "yaml-tag") for problem in problems):
        return Parsed((), _told(problems))
    reader = _Reader(dialect, problems)
    return Parsed(tuple(reader.value(node) for node in nodes), _told(problems))


def _told(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """As many as anybody reads: a hostile file has a quarter of a million, and each would become a finding."""
    told = tuple(problems[:MOST_PROBLEMS])
    message, hint = "from here on the file has more problems, which are not told", "Mend the others first."
    return (*told, *(replace(one, message=message, hint=hint) for one in problems[MOST_PROBLEMS:][:1]))


def decode(data: bytes, dialect: Dialect) -> str:
    """The text of `data` without a leading byte order mark."""
    if len(data) > dialect.max_bytes:
        message = f"{len(data):,} bytes; at most {dialect.max_bytes:,} are read"
        raise UnreadableError(
            Problem("yaml-invalid", 1, 1, message, "Split the file, or take out what does not belong.")
        )
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line, column = _offset_mark(data[: error.start].decode("utf-8", "replace"))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise UnreadableError(Problem("yaml-invalid", line, column, message, "Save the file as UTF-8.")) from None
    if data.translate(None, ORDINARY) and (hidden := hidden_character(text)) is not None:
        position, name = hidden
        line, column = _offset_mark(text[:position])
        hint = "Delete the character."
        raise UnreadableError(Problem("yaml-invalid", line, column, f"the invisible character {name}", hint))
    if dialect.strict and "\t" in text and (tab := TAB.search(text)):
        line, column = _offset_mark(text[: tab.end() - 1])
        raise UnreadableError(Problem("yaml-invalid", line, column, "a tab", "Indent and separate with spaces."))
    return text


def hidden_character(text: str) -> tuple[int, str] | None:
    """Where the first character stands that a reader would not see, and its name such as `U+202E`."""
    found = HIDDEN.search(text)
    return (found.start(), f"U+{ord(found[0]):04X}") if found else None


def texts(data: bytes) -> Iterator[str]:
    """Every scalar of a YAML text in its order, whatever a dialect would refuse, up to where nobody can read on.

    An alias stands for nothing here, so that the work grows only with the bytes.
    """
    depth = values = 0
    try:
        for event in yaml.parse(data, Loader=Loader):
            if isinstance(event, ScalarEvent):
                yield event.value
            depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            values += isinstance(event, NodeEvent)
            # libyaml takes a time that grows with the square of the depth.
            if depth > MANIFEST.max_depth or values > MANIFEST.max_values:
                return
    except yaml.YAMLError:
        return


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
        if _needs_audit(text, dialect):
            deque(_audit(text, dialect), maxlen=0)
        return tuple(_compose(text)), {}
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


def _needs_audit(text: str, dialect: Dialect) -> bool:
    """Whether the slower pass over events could find something. Nearly no file of a healthy repo needs it."""
    deep = dialect.max_depth // 2
    return (
        len(text) > dialect.max_values  # no value takes less than a character
        or "&" in text  # anchors, aliases, tags, directives: a text without these characters has none of them
        or "*" in text
        or "!" in text
        or "%" in text
        or text.count("[") + text.count("{") >= deep
        or (NESTED.search(text) is not None and re.search(rf"(?:[-?:][ \t]+){{{deep}}}", text) is not None)
        or not text[:deep].strip(" \t")
        or " " * deep in text
        or ("\t" in text and re.search(rf"\n[ \t]{{{deep}}}", text) is not None)
    )


def _audit(text: str, dialect: Dialect) -> Iterator[Problem]:
    """Depth, number, anchors, aliases, tags, directives, from events: nothing is built, and too much stops at once."""
    depth = values = 0
    try:
        for event in yaml.parse(text, Loader=Loader):
            if isinstance(event, CollectionStartEvent):
                depth += 1
                if depth > dialect.max_depth:
                    message = f"nested more than {dialect.max_depth} levels deep"
                    raise UnreadableError(_problem("yaml-invalid", event.start_mark, message, "Flatten it."))
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
            elif isinstance(event, DocumentStartEvent) and (event.version or event.tags):
                yield _problem("yaml-tag", event.start_mark, "a % directive", "Delete the line that begins with %.")
            values += isinstance(event, NodeEvent)
            if values > dialect.max_values:
                message = f"more than {dialect.max_values:,} keys and values"
                raise UnreadableError(_problem("yaml-invalid", event.start_mark, message, "Split the file."))
            yield from _audit_node(event)
    except yaml.YAMLError as error:
        raise UnreadableError(_syntax(error)) from None


def _audit_node(event: yaml.events.Event) -> Iterator[Problem]:
    if not isinstance(event, NodeEvent):
        return
    if isinstance(event, AliasEvent):
        hint = "Write the value out. Aliases hide what a line means, and nested ones explode."
        yield _problem(
            "yaml-alias", event.start_mark, f"`*{event.anchor}` is an alias, which no file here may use", hint
        )
    elif event.anchor is not None:
        message = f"`&{event.anchor}` is an anchor, which no file here may use"
        yield _problem("yaml-alias", event.start_mark, message, "Write the value out where it is used.")
    tag = getattr(event, "tag", None)
    if tag is not None:
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        message = f"`{shown}` is an explicit tag, which no file here may use"
        yield _problem("yaml-tag", event.start_mark, message, "Delete the tag; quote the value if it is text.")


def _compose(text: str) -> list[Node]:
    loader = Loader(text)
    nodes: list[Any] = []
    try:
        while loader.check_node():
            nodes.append(loader.get_node())
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableError(_syntax(error)) from None
    finally:
        loader.dispose()
    return nodes


class _Reader:
    """Nodes -> values of one text; collects problems on the way."""

    def __init__(self, dialect: Dialect, problems: list[Problem]) -> None:
        self.dialect = dialect
        self.problems = problems

    def value(self, node: Any) -> Value:
        kind = type(node)
        if kind is ScalarNode:
            return self.scalar(node)
        if kind is MappingNode:
            return self.mapping(node)
        return [self.value(item) for item in node.value]

    def scalar(self, node: ScalarNode) -> Value:
        text: str = node.value
        if node.style:
            if node.style == '"':  # others have no escapes
                self.visible(node)
            return text
        if not self.dialect.strict:
            return scalars.as_go_reads(text)
        if scalars.is_ambiguous(text):
            self.ambiguous(node)
            return text
        return scalars.plain(text)

    def visible(self, node: ScalarNode) -> None:
        """An escape such as "\\u202e" smuggles in what the check of the bytes would have found."""
        if not self.dialect.escapes and (hidden := hidden_character(node.value)) is not None:
            message = f"an escape for the invisible character {hidden[1]}"
            self.report("yaml-invalid", node, message, "Delete the escape.")

    def ambiguous(self, node: ScalarNode) -> None:
        shown = node.value if len(node.value) <= 40 else f"{node.value[:40]}..."
        message = f"{shown} without quotes means different things to different YAML readers"
        self.report("yaml-ambiguous-scalar", node, message, f'Write "{shown}".')

    def mapping(self, node: MappingNode) -> dict[str, Value]:
        result: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            name = key.value
            # What nearly every key is: plain, and text to everybody.
            if (type(key) is not ScalarNode or key.style or scalars.is_odd_key(name)) and not self.is_key(key):
                continue
            if name in result:
                lines = lines or _first_lines(node)
                message = f"the key {name!r} stands twice; the first is on line {lines[name]}"
                self.report("yaml-duplicate-key", key, message, "Delete one of the two.")
            result[name] = self.value(value)
        return result

    def is_key(self, key: Node) -> bool:
        """Whether a key names a field at all."""
        if not isinstance(key, ScalarNode):
            message = "a key that is a list or a mapping"
            self.report("yaml-invalid", key, message, "Keys are text.")
            return False
        if key.style:
            self.visible(key)
        elif key.value == "<<":
            message = "`<<` is the merge key, which no file here may use"
            self.report("yaml-alias", key, message, "Write the fields out.")
            return False
        elif scalars.is_ambiguous_key(key.value):
            self.ambiguous(key)
        return True

    def report(self, rule: str, node: Node, message: str, hint: str) -> None:
        if len(self.problems) <= MOST_PROBLEMS:  # one more than is told
            self.problems.append(_problem(rule, node.start_mark, message, hint))


def _first_lines(node: MappingNode) -> dict[str, int]:
    """Of each key. One look for all of them: a hostile file repeats a hundred thousand."""
    return {key.value: key.start_mark.line + 1 for key, _ in reversed(node.value) if isinstance(key, ScalarNode)}


def _problem(rule: str, mark: Any, message: str, hint: str) -> Problem:
    """`mark` is a yaml.Mark; libyaml's binding has a type of its own for it."""
    return Problem(rule, mark.line + 1, mark.column + 1, message, hint)


def _syntax(error: yaml.YAMLError | RecursionError) -> Problem:
    hint = "Mend the syntax; an editor with YAML support underlines the place."
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or str(error).splitlines()[0]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem("yaml-invalid", line, column, f"not YAML: {what}", hint)


def _offset_mark(before: str) -> tuple[int, int]:
    """(line, column) behind the text `before`."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

"""Bytes -> nodes, or the problem that keeps them from being read. Bounds come first: size, characters, depth; only then
are objects built.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
from yaml.nodes import Node


# libyaml's parser where PyYAML was built with it; which of the two it is, mypy cannot know.
class Loader(getattr(getattr(yaml, "cyaml", yaml), "CParser", yaml.BaseLoader)):  # type: ignore[misc]
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
# What indents, and what a list or a mapping in a list or a mapping begins with, as blanks; all else as something else.
AS_BLANKS = bytes(0x20 if character in b" \t-?:" else 0 for character in range(256))
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
# Who bumps an image reads it twice with ruamel.yaml, which takes half a second for 20,000 values.
KUSTOMIZATION = Dialect(max_bytes=64 * 1024, max_depth=64, many=False, strict=False, max_values=10_000)
MANIFEST = Dialect(max_bytes=1024 * 1024, max_depth=64, many=True, strict=False, escapes=True)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text, named after the rule that says so."""

    rule: str
    line: int
    column: int
    message: str
    hint: str


class UnreadableError(Exception):
    """Carries the one problem after which nothing more of a text can be read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


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


def needs_audit(text: str, dialect: Dialect) -> bool:
    """Whether the slower pass over events could find something. Nearly no file of a healthy repo needs it."""
    deep = dialect.max_depth // 2
    return (
        len(text) > dialect.max_values  # no value takes less than a character
        or "&" in text  # anchors, aliases, tags, directives: a text without these characters has none of them
        or "*" in text
        or "!" in text
        or "%" in text
        or text.count("[") + text.count("{") >= deep
        or _is_indented(text, deep)
    )


def _is_indented(text: str, deep: int) -> bool:
    """Whether blocks may be nested that deep: each level takes a blank more, or begins on the line of the last."""
    return b" " * deep in text.encode().translate(AS_BLANKS) and (
        " " * deep in text or re.search(rf"(?:[-?:][ \t]+){{{deep}}}|(?:\A|\n)[ \t]{{{deep}}}", text) is not None
    )


def audit(text: str, dialect: Dialect) -> Iterator[Problem]:
    """Depth, number, anchors, aliases, tags, directives, from events: nothing is built, and too much stops at once."""
    depth = values = 0
    try:
        for event in yaml.parse(text, Loader=Loader):
            if isinstance(event, CollectionStartEvent):
                depth += 1
                if depth > dialect.max_depth:
                    message = f"nested more than {dialect.max_depth} levels deep"
                    raise UnreadableError(problem_at("yaml-invalid", event.start_mark, message, "Flatten it."))
            elif isinstance(event, CollectionEndEvent):
                depth -= 1
            elif isinstance(event, DocumentStartEvent) and (event.version or event.tags):
                yield problem_at("yaml-tag", event.start_mark, "a % directive", "Delete the line that begins with %.")
            values += isinstance(event, NodeEvent)
            if values > dialect.max_values:
                message = f"more than {dialect.max_values:,} keys and values"
                raise UnreadableError(problem_at("yaml-invalid", event.start_mark, message, "Split the file."))
            yield from _audit_node(event)
    except yaml.YAMLError as error:
        raise UnreadableError(_syntax(error)) from None


def _audit_node(event: yaml.events.Event) -> Iterator[Problem]:
    if not isinstance(event, NodeEvent):
        return
    if isinstance(event, AliasEvent):
        hint = "Write the value out. Aliases hide what a line means, and nested ones explode."
        yield problem_at(
            "yaml-alias", event.start_mark, f"`*{event.anchor}` is an alias, which no file here may use", hint
        )
    elif event.anchor is not None:
        message = f"`&{event.anchor}` is an anchor, which no file here may use"
        yield problem_at("yaml-alias", event.start_mark, message, "Write the value out where it is used.")
    tag = getattr(event, "tag", None)
    if tag is not None:
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        message = f"`{shown}` is an explicit tag, which no file here may use"
        yield problem_at("yaml-tag", event.start_mark, message, "Delete the tag; quote the value if it is text.")


def compose(text: str) -> list[Node]:
    """The root of each document. Raises UnreadableError for what is no YAML."""
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


def problem_at(rule: str, mark: Any, message: str, hint: str) -> Problem:
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

"""Nodes -> plain values and problems: what a file says to everybody who reads it, or why that cannot be told."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from yaml.nodes import MappingNode, Node, ScalarNode

from onboarding_tool.yamltext import blocks, scalars
from onboarding_tool.yamltext.composing import (
    Dialect,
    Problem,
    UnreadableError,
    audit,
    compose,
    decode,
    hidden_character,
    needs_audit,
    problem_at,
)

MOST_PROBLEMS = 200  # of one text that are told

Value = bool | int | float | str | list["Value"] | dict[str, "Value"] | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """The documents that could be read, and the problems on the way. With a problem the documents may be incomplete."""

    documents: tuple[Value, ...]
    problems: tuple[Problem, ...]


def read(data: bytes, dialect: Dialect) -> Parsed:
    """All documents of `data` as plain values. Never raises, whatever the bytes."""
    try:
        text = decode(data, dialect)
        if needs_audit(text, dialect):
            # One more than is told; of a text with any of them no documents are read.
            return from_nodes(text, dialect, list(islice(audit(text, dialect), MOST_PROBLEMS + 1)))
        with suppress(blocks.UnknownError):
            return Parsed((blocks.read(text, strict=dialect.strict),), ())
        return from_nodes(text, dialect, [])
    except UnreadableError as unreadable:
        return Parsed((), (unreadable.problem,))


def from_nodes(text: str, dialect: Dialect, problems: list[Problem]) -> Parsed:
    """As `read`, by libyaml. `problems`: those that the audit found. Raises UnreadableError for what is no YAML."""
    nodes = compose(text)
    if len(nodes) > 1 and not dialect.many:
        mark = nodes[1].start_mark
        problems.append(
            problem_at("yaml-invalid", mark, "a second document: one file holds one document", "Split the file.")
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
            self.problems.append(problem_at(rule, node.start_mark, message, hint))


def _first_lines(node: MappingNode) -> dict[str, int]:
    """Of each key. One look for all of them: a hostile file repeats a hundred thousand."""
    return {key.value: key.start_mark.line + 1 for key, _ in reversed(node.value) if isinstance(key, ScalarNode)}

"""Plain block YAML -> a value, line by line, in less than half the time that libyaml's nodes take.

What is read here is a small part of YAML, the one that people write, in which each line stands for itself: a key, a
dash, or both, and then nothing, a word, a text in quotes, or a flow of those; literal blocks; comments. Of anything
else, and of anything that is wrong, it is said that it is not known here, and libyaml has to look. So a text that is
known has no problem, and its value is the one that libyaml's nodes give.
"""

import re
from collections.abc import Sequence
from string import ascii_letters
from typing import Any

from onboarding_tool.yamltext import scalars

KEY = r"[A-Za-z_][A-Za-z0-9_./-]{0,200}"  # libyaml takes none that is longer than 1,024 characters
WORD = r"[A-Za-z0-9_/.][A-Za-z0-9_/.@=+,()-]*(?:[ :][A-Za-z0-9_/.@=+,()-]+)*"
# Any line is one of these: (indentation, dash, key, word, what is there instead of a word or behind it).
LINE = re.compile(rf"^( *)(- )?(?:({KEY}):(?: +|$))?({WORD})?(.*)", re.MULTILINE)
END = r" *(?: #.*)?"
COMMENT = re.compile(END)
TEXT = re.compile(rf"(?:\"([^\"\\]*)\"|'([^']*)'){END}")
# In a flow commas and brackets separate.
ENTRY = r"(?:\{[^{}]*\}|\[[^\[\]]*\]|\"[^\"\\]*\"|'[^']*'|[A-Za-z0-9_/.][A-Za-z0-9_/.@=+-]*)"
PAIR = rf"{KEY}: +{ENTRY}"
LIST = re.compile(rf"\[({ENTRY}(?:, +{ENTRY})*)?\]{END}")
MAPPING = re.compile(rf"\{{({PAIR}(?:, +{PAIR})*)?\}}{END}")
ENTRIES, PAIRS = re.compile(ENTRY), re.compile(rf"({KEY}): +({ENTRY})")
TEXTUAL = frozenset(f"{ascii_letters}/")  # what begins with one of them is text to everybody, but for few words
BEHIND_DASH = 2  # columns

Value = Any  # as reading.Value


class UnknownError(Exception):
    """This is not for us to read."""


def read(text: str, *, strict: bool) -> Value:
    """The value of a text that needs no audit. Raises UnknownError unless it is plain.

    `strict`: a scalar that two readers read differently is not plain.
    """
    if not text.isascii() or "\t" in text:
        raise UnknownError
    text = text.replace("\r\n", "\n").removeprefix("---\n")
    place = _Place()
    lines: Sequence[str] = ()
    passed = 0  # lines that belong to a literal block
    for number, (indentation, dash, key, word, rest) in enumerate(LINE.findall(text)):
        if number < passed or not (key or dash or word or (rest and rest[0] != "#")):
            continue
        column = len(indentation)
        if dash:
            place.at_dash(column)
            if key:
                place.begin_mapping(column + BEHIND_DASH)
        elif column != place.column or type(place.top) is list:
            place.at_key(column)
        if word:
            if rest and not COMMENT.fullmatch(rest):
                raise UnknownError
            place.put(key, _meaning(word, strict=strict))
        elif rest[:1] == "|":
            lines = lines or text.split("\n")
            value, passed = _literal(lines, number + 1, place.column, rest)
            place.put(key, value)
        elif rest and rest[0] != "#":
            place.put(key, _flow_or_text(rest, strict=strict))
        else:
            place.wait(key)
    if not place.root:
        raise UnknownError
    return place.root


class _Place:
    """Where the next line puts what it says: a list or a mapping, whose entries begin in one column."""

    __slots__ = ("around", "column", "root", "top", "waiting")

    def __init__(self) -> None:
        self.root: dict[str, Value] = {}
        self.top: Any = self.root
        self.column = 0
        self.around: list[tuple[Any, int]] = []
        self.waiting: str | None = None  # the key of the line before, if that gave it no value

    def put(self, key: str, value: Value) -> None:
        """`key`: "" for an item of a list."""
        if type(self.top) is list:
            self.top.append(value)
        elif not key or key in self.top or scalars.is_odd_key(key):
            raise UnknownError
        else:
            self.top[key] = value
        self.waiting = None

    def wait(self, key: str) -> None:
        """The lines to come may say what the value is."""
        if type(self.top) is list:
            raise UnknownError
        self.put(key, None)
        self.waiting = key

    def begin_mapping(self, column: int) -> None:
        """As the next item of a list."""
        mapping: dict[str, Value] = {}
        self.top.append(mapping)
        self._enter(mapping, column)

    def at_dash(self, column: int) -> None:
        if column > self.column or (column == self.column and self.waiting is not None):
            self._descend([], column)
        while column < self.column:
            self.top, self.column = self.around.pop()
        if column != self.column or type(self.top) is not list:
            raise UnknownError

    def at_key(self, column: int) -> None:
        if column > self.column:
            self._descend({}, column)
        while column < self.column or (column == self.column and type(self.top) is list):
            self.top, self.column = self.around.pop()
        if column != self.column:
            raise UnknownError

    def _descend(self, new: Value, column: int) -> None:
        """Into the value of the key that waits for one."""
        if self.waiting is None:
            raise UnknownError
        self.top[self.waiting] = new
        self._enter(new, column)

    def _enter(self, new: Value, column: int) -> None:
        self.around.append((self.top, self.column))
        self.top, self.column = new, column


def _literal(lines: Sequence[str], first: int, column: int, header: str) -> tuple[str, int]:
    """A literal block that is deeper than this column, and the number of the line after it."""
    begin = lines[first] if first < len(lines) else ""
    indentation = begin[: len(begin) - len(begin.lstrip(" "))]
    after = first
    while after < len(lines) and (lines[after].startswith(indentation) or not lines[after]):
        after += 1
    # Of lines that are blank to us some are text, and of the last one it matters how it ends.
    is_odd = any(map(str.isspace, lines[first : after + 1])) or (after == len(lines) and lines[-1])
    if header not in ("|", "|-") or len(indentation) <= column or is_odd:
        raise UnknownError
    text = "\n".join([line[len(indentation) :] for line in lines[first:after]]).rstrip("\n")
    return text if header == "|-" else f"{text}\n", after


def _flow_or_text(written: str, *, strict: bool) -> Value:
    if written[0] in "[{":
        return _flow(written, strict=strict)
    if not (found := TEXT.fullmatch(written)):
        raise UnknownError
    return found[2] if found[1] is None else found[1]


def _flow(written: str, *, strict: bool) -> Value:
    if found := LIST.fullmatch(written):
        return [_entry(entry, strict=strict) for entry in ENTRIES.findall(found[1] or "")]
    if not (found := MAPPING.fullmatch(written)):
        raise UnknownError
    pairs = PAIRS.findall(found[1] or "")
    value = {key: _entry(entry, strict=strict) for key, entry in pairs}
    if len(value) < len(pairs) or any(map(scalars.is_odd_key, value)):
        raise UnknownError
    return value


def _entry(written: str, *, strict: bool) -> Value:
    return (_flow_or_text if written[0] in "[{\"'" else _meaning)(written, strict=strict)


def _meaning(word: str, *, strict: bool) -> Value:
    if word[0] in TEXTUAL and word not in scalars.WORDS:
        return word
    if not strict:
        return scalars.as_go_reads(word)
    if scalars.is_ambiguous(word):
        raise UnknownError
    return scalars.plain(word)

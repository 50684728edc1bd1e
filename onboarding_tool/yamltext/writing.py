"""Values -> YAML that every reader reads alike: block style, two spaces, quotes wherever a reader could stumble."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from onboarding_tool.yamltext import scalars
from onboarding_tool.yamltext.composing import HIDDEN

# Text that needs no quotes in block style, so long as it is no number, bool or the like.
BLOCK_PLAIN = re.compile(r"(?!\.\.\.)[A-Za-z0-9_/.](?:[A-Za-z0-9 _/.@+=~,()$^;%-]|:(?=[^ ]))*(?<! )")
FLOW_PLAIN = re.compile(r"(?!\.\.\.)[A-Za-z0-9_/.](?:[A-Za-z0-9 _/.@+=~()$^;%-]|:(?=[^ ]))*(?<! )")


@dataclass(frozen=True, slots=True)
class Flow:
    """A list or mapping to be written on one line: `{name: app}`."""

    value: Sequence[Any] | Mapping[str, Any]


def dump(value: Any, indent: int = 0) -> str:
    """`value` (mappings, lists, scalars, Flow) as block YAML, each line indented by `indent` spaces."""
    lines = list(_block(value, " " * indent))
    return "\n".join(lines) + "\n"


def scalar(value: Any, *, flow: bool = False) -> str:
    """A scalar as it stands on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    plain = FLOW_PLAIN if flow else BLOCK_PLAIN
    if plain.fullmatch(text) and not _reads_as_other(text):
        return text
    return quoted(text)


def quoted(text: str) -> str:
    """Double-quoted, with escapes that YAML and JSON share."""
    return HIDDEN.sub(lambda found: _escape(found[0]), json.dumps(text, ensure_ascii=False))


def inline(value: Any) -> str:
    """`value` in flow style, on one line."""
    if isinstance(value, Flow):
        return inline(value.value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k, flow=True)}: {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return scalar(value, flow=True)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _reads_as_other(text: str) -> bool:
    """Whether some reader takes a plain scalar for no text. Names and paths are told without the expressions."""
    if "/" in text:
        return False
    if text[:1].isalpha():
        return text in scalars.BOOLS or text in scalars.NULLS or text in scalars.OLD_BOOLS
    meanings = (scalars.plain(text), scalars.as_go_reads(text))
    return scalars.is_ambiguous(text) or not all(isinstance(meaning, str) for meaning in meanings)


def _block(value: Any, pad: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _entry(f"{pad}{scalar(key)}:", item, pad)
    elif isinstance(value, list | tuple) and value:
        for item in value:
            yield from _item(item, pad)
    else:
        yield pad + _line(value, pad)


def _entry(head: str, item: Any, pad: str) -> Iterator[str]:
    if isinstance(item, Mapping | list | tuple) and item:
        yield head
        yield from _block(item, pad + "  ")
    else:
        yield f"{head} {_line(item, pad + '  ')}"


def _item(item: Any, pad: str) -> Iterator[str]:
    """A list item; a mapping in it begins on the line of its dash."""
    if isinstance(item, Mapping | list | tuple) and item:
        lines = list(_block(item, pad + "  "))
        yield f"{pad}- {lines[0][len(pad) + 2 :]}"
        yield from lines[1:]
    else:
        yield f"{pad}- {_line(item, pad + '  ')}"


def _line(value: Any, pad: str) -> str:
    if isinstance(value, Flow | Mapping | list | tuple):
        return inline(value)
    if isinstance(value, str) and "\n" in value and _fits_literal(value):
        return _literal(value, pad)
    return scalar(value)


def _fits_literal(text: str) -> bool:
    """Whether a `|` block says exactly this text: no invisible characters or tabs, and no white space at its start."""
    return not HIDDEN.search(text) and not re.search(r"[\t\r]", text) and text[0] not in " \n"


def _literal(text: str, pad: str) -> str:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    chomp = {0: "-", 1: ""}.get(ends, "+")
    lines = [f"{pad}{line}" if line else "" for line in body.split("\n")]
    return "\n".join([f"|{chomp}", *lines, *[""] * (ends - 1 if ends > 1 else 0)])

"""Effects -> text, JSON, Markdown. Pure; what could fool a terminal, or break out of Markdown, is escaped here."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import unified_diff
from itertools import islice
from typing import Any

from onboarding_tool import report, yamltext
from onboarding_tool.diff_words import Group, heading, members, path_text, sentence
from onboarding_tool.render_diff import Action, FieldChange, Identity, ObjectChange
from onboarding_tool.report import BOLD, FAINT, paint, visible

GREEN, RED = "\033[32m", "\033[31m"
SIGN = {Action.ADDED: "+", Action.REMOVED: "-", Action.CHANGED: "~", Action.REORDERED: "~"}
NOTHING = "No Kubernetes object changes."
NAMES_SHOWN = 10  # of the members of a group, per environment
WIDTH = 160  # characters of a value that stand on its line
LINES = 60  # of one field
COMPARED = 1_000  # lines of a text; above it they are only counted, since the comparison is quadratic
MARKDOWN_LIMIT = 60_000  # characters; a comment on GitHub holds 65,536


def text(groups: Sequence[Group], *, color: bool = False) -> Iterator[str]:
    """Lines for people: the sentence of each group, below it the fields."""
    for group in groups:
        yield f"{paint(visible(heading(group)), BOLD, color)}: {visible(sentence(group))}"
        for line in [*_membership(group), *details(group)]:
            yield f"  {_colored(line, color)}"
    if not groups:
        yield NOTHING


def details(group: Group) -> Iterator[str]:
    """The fields of the group's example, line by line, escaped; the sign comes first."""
    for message in filter(None, dict.fromkeys((group.effects.broken_before, group.effects.broken_after))):
        yield from (f"! {visible(line)}" for line in message.splitlines()[:LINES])
    for change in group.effects.objects:
        yield f"{SIGN[change.action]} {_title(change)}"
        if change.action is Action.CHANGED:
            for each in change.fields:
                yield from _field(each)
        elif change.action is Action.ADDED:
            yield from _block("+", change.value)


def as_json(groups: Sequence[Group], base: str, head: str | None) -> str:
    """`head` is null where the working tree is compared. The fields are those of the first subject."""
    value = {"base": base, "head": head, "changes": [_group_json(group) for group in groups]}
    return report.as_json(_finite(value))


def markdown(groups: Sequence[Group]) -> str:
    """For a comment. Every text of a tenant stands in code, where neither HTML nor mentions mean anything."""
    if not groups:
        return f"{NOTHING}\n"
    parts: list[str] = []
    room = MARKDOWN_LIMIT
    for number, group in enumerate(groups):
        part = _markdown_group(group, room // 2)
        if len(part) > room:
            parts.append(f"\nAnd {len(groups) - number:,} more changes, which `onboard diff` shows.\n")
            break
        parts.append(part)
        room -= len(part)
    return "\n".join(parts)


def _markdown_group(group: Group, room: int) -> str:
    head = f"- {code(heading(group))}: {code(sentence(group))}"
    body = "\n".join((*_membership(group), *details(group)))
    if len(body) > room:
        return f"{head} (its fields are too many to be shown here)\n"
    return f"{head}\n\n<details><summary>Fields</summary>\n\n{fenced(body, 'diff')}\n\n</details>\n"


def code(value: str) -> str:
    """A code span that holds the text, whatever it is."""
    shown = visible(value)
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown[:1] in ("`", " ", "") or shown[-1:] in ("`", " ") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fenced(body: str, language: str) -> str:
    """A fenced block whose fence no line of the body can close."""
    ticks = "`" * max(3, _longest_run(body) + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


def _longest_run(value: str) -> int:
    return max(map(len, re.findall("`+", value)), default=0)


def _membership(group: Group) -> Iterator[str]:
    """Who is in it, where the heading does not say so."""
    if len({subject.name for subject in group.subjects}) < 2:
        return
    for environment, names in members(group).items():
        more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
        yield f"  {visible(environment)}: {visible(', '.join(names[:NAMES_SHOWN]))}{more}"
    yield f"  {visible(group.example.label)}, for example:"


def _title(change: ObjectChange) -> str:
    identity = change.identity
    names = f"{change.previous_name} -> {identity.name}" if change.is_renamed else identity.name
    where = f" in {identity.namespace}" if identity.namespace else ""
    return visible(f"{identity.kind} {names}{where}")


def _field(change: FieldChange) -> Iterator[str]:
    path = visible(path_text(change.path))
    if change.action is Action.REORDERED:
        yield f"~   {path}: the order is {_one_line(change.before)} -> {_one_line(change.after)}"
    elif change.action is Action.CHANGED and _is_long(change.before, change.after):
        yield f"~   {path}:"
        yield from _line_by_line(str(change.before), str(change.after))
    elif change.action is Action.CHANGED and not _is_nested(change.before, change.after):
        yield f"~   {path}: {_pair(change.before, change.after)}"
    elif change.action is not Action.CHANGED and not _is_nested(value := _only(change)) and "\n" not in str(value):
        yield f"{SIGN[change.action]}   {path}: {_fitting(yamltext.scalar(value))}"
    else:
        yield f"{SIGN[change.action]}   {path}:"
        yield from _block("-", change.before) if change.action is not Action.ADDED else ()
        yield from _block("+", change.after) if change.action is not Action.REMOVED else ()


def _is_long(before: Any, after: Any) -> bool:
    return isinstance(before, str) and isinstance(after, str) and ("\n" in before or "\n" in after)


def _only(change: FieldChange) -> Any:
    return change.after if change.action is Action.ADDED else change.before


def _is_nested(*values: Any) -> bool:
    return any(isinstance(value, dict | list) for value in values)


def _line_by_line(before: str, after: str) -> Iterator[str]:
    old, new = before.split("\n"), after.split("\n")
    if max(len(old), len(new)) > COMPARED:
        yield f"~     {len(old):,} lines -> {len(new):,} lines"
        return
    lines = islice(unified_diff(old, new, n=1, lineterm=""), 3, None)  # without the names of files, and the first place
    shown = ("      ..." if line.startswith("@") else f"{line[:1]}     {_fitting(line[1:])}" for line in lines)
    yield from _bounded(line.rstrip() for line in shown)


def _block(sign: str, value: Any) -> Iterator[str]:
    """A value as YAML."""
    lines = yamltext.dump(value).rstrip("\n").split("\n")
    yield from _bounded(f"{sign}     {_fitting(line)}" for line in lines)


def _bounded(lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    yield from found[:LINES]
    if len(found) > LINES:
        yield f"      ... {len(found) - LINES:,} more lines"


def _fitting(line: str) -> str:
    shown = visible(line)
    return shown if len(shown) <= WIDTH else f"{shown[:WIDTH]}... ({len(line):,} characters)"


def _pair(before: Any, after: Any) -> str:
    """Two scalars; of long ones the part where they begin to differ."""
    old, new = yamltext.scalar(before), yamltext.scalar(after)
    if max(len(old), len(new)) <= WIDTH:
        return f"{visible(old)} -> {visible(new)}"
    same = next((n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
    start = max(0, same - WIDTH // 4)
    parts = (f"...{visible(side[start : start + WIDTH])}... ({len(side):,} characters)" for side in (old, new))
    return " -> ".join(parts)


def _one_line(values: Any) -> str:
    return visible(", ".join(map(str, values)))


def _colored(line: str, color: bool) -> str:
    codes = {"+": GREEN, "-": RED, "!": RED, " ": FAINT}
    return paint(line, codes[line[:1]], color) if color and line[:1] in codes else line


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "sentence": sentence(group),
        "subjects": [
            {"kind": subject.kind.lower(), "name": subject.name, "environment": subject.environment}
            for subject in group.subjects
        ],
        "broken_before": group.effects.broken_before or None,
        "broken_after": group.effects.broken_after or None,
        "objects": [_object_json(change) for change in group.effects.objects],
    }


def _object_json(change: ObjectChange) -> dict[str, Any]:
    about: dict[str, Any] = {"action": change.action, **_identity_json(change.identity)}
    if change.action is not Action.CHANGED:
        return about | {"value": change.value}
    return about | {"previous_name": change.previous_name, "fields": [_field_json(each) for each in change.fields]}


def _identity_json(identity: Identity) -> dict[str, str]:
    return {
        "group": identity.group,
        "kind": identity.kind,
        "namespace": identity.namespace,
        "name": identity.name,
    }


def _field_json(change: FieldChange) -> dict[str, Any]:
    about: dict[str, Any] = {"path": path_text(change.path), "action": change.action}
    if change.action is not Action.ADDED:
        about["before"] = change.before
    if change.action is not Action.REMOVED:
        about["after"] = change.after
    return about


def _finite(value: Any) -> Any:
    """JSON has no infinity, and no number that is none."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value

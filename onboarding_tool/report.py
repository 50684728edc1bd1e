"""Findings and tables -> text, JSON, GitHub annotations. Pure; what could fool a terminal or a log is escaped here."""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from onboarding_tool.findings import Finding, Severity
from onboarding_tool.wording import counted, listed

if TYPE_CHECKING:
    from onboarding_tool.checks.judging import Verdict

GITHUB_CAP = 10  # annotations of one severity that GitHub shows per step; it drops the rest without a word
COLORS = {Severity.ERROR: "\033[31m", Severity.WARNING: "\033[33m"}
BOLD, FAINT, RESET = "\033[1m", "\033[2m", "\033[0m"


def verdict_text(verdict: "Verdict", *, color: bool = False) -> Iterator[str]:
    """Lines for people: each finding with what to do about it, then what was not judged, then the sum."""
    for finding in verdict.findings:
        yield from finding_lines(finding, color=color)
    reasons: dict[str, list[str]] = {}
    for skipped in verdict.skipped:
        reasons.setdefault(skipped.reason, []).append(skipped.rule)
    yield from (f"skipped {listed(rules)}: {reason}" for reason, rules in reasons.items())
    yield summary(verdict)


def summary(verdict: "Verdict") -> str:
    if not verdict.findings:
        return (
            "No findings." if not verdict.skipped else f"No findings; {counted(len(verdict.skipped), 'rule')} skipped."
        )
    errors = verdict.errors()
    warnings = len(verdict.findings) - errors
    skipped = f", {counted(len(verdict.skipped), 'rule')} skipped" if verdict.skipped else ""
    rules = {finding.rule for finding in verdict.findings}
    first = min(rules) if len(rules) == 1 else "RULE"
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}{skipped}. `onboard explain {first}` says more."


def verdict_json(verdict: "Verdict") -> str:
    findings = [
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "path": finding.path,
            "line": finding.line,
            "column": finding.column,
            "message": finding.message,
            "hint": finding.hint,
            "who": finding.who,
        }
        for finding in verdict.findings
    ]
    skipped = [{"rule": item.rule, "reason": item.reason} for item in verdict.skipped]
    return as_json({"findings": findings, "skipped": skipped})


def verdict_github(verdict: "Verdict") -> Iterator[str]:
    """Workflow commands, the errors first; what is above GitHub's cap is counted in a line of its own."""
    for severity in (Severity.ERROR, Severity.WARNING):
        found = [finding for finding in verdict.findings if finding.severity is severity]
        yield from (annotation(finding) for finding in found[:GITHUB_CAP])
        if len(found) > GITHUB_CAP:
            yield f"{len(found) - GITHUB_CAP} more {severity}s are not annotated; `onboard check` lists all."
    for skipped in verdict.skipped:
        yield f"::notice title={_property(skipped.rule)}::skipped: {_data(skipped.reason)}"
    yield summary(verdict)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows in columns as wide as their widest cell."""
    lines = [head, *(row if _is_plain("".join(row)) else [visible(cell) for cell in row] for row in rows)]
    is_ascii = all("".join(line).isascii() for line in lines)
    widths = [max(map(len if is_ascii else _width, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(map(str.ljust if is_ascii else _padded, line, widths)).rstrip()


def about_api(about: dict[str, Any]) -> Iterator[str]:
    """One API as `onboard api show` prints it, from `overview.overview`."""
    yield f"{about['api']}: tenant {about['tenant']}, {about['team']}, {about['lifecycle']}, {about['capability']}"
    for name, there in about["environments"].items():
        yield f"{name}: namespace {there['namespace']}"
        for item in there["images"]:
            yield f"  image    {item['deployment']}/{item['container']}  {visible(item['image'])}"
        for prefix, phase in there["phase"].items():
            yield f"  route    {prefix}  {phase}"
        for path in there["pending_requests"]:
            yield f"  pending  {visible(path)}"
        if last := there["last_release"]:
            yield f"  last     #{last['seq']} {last['decision']} {last['decided_at']}  {last['path']}"


def as_json(value: Any) -> str:
    """Pure ASCII: no character in it can fool a terminal, or be none that the output can hold."""
    return json.dumps(value, indent=2).replace("\x7f", "\\u007f")


def visible(text: str) -> str:
    """The text with control, bidirectional and zero-width characters written as escapes, line breaks as spaces."""
    if _is_plain(text):
        return text
    return "".join(_visible(character) for character in text.replace("\n", " "))


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def paint(text: str, code: str, color: bool) -> str:
    return f"{code}{text}{RESET}" if color else text


def _visible(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return f"\\u{ord(character):04x}" if ord(character) <= 0xFFFF else f"\\U{ord(character):08x}"
    return character


def finding_lines(finding: Finding, *, color: bool = False) -> Iterator[str]:
    """Where, what, and what to do about it."""
    place = paint(f"{visible(finding.path)}:{finding.line}:{finding.column}:", BOLD, color)
    severity = paint(str(finding.severity), COLORS[finding.severity], color)
    yield f"{place} {severity} {finding.rule}: {visible(finding.message)}"
    if finding.hint:
        yield paint(f"    {visible(finding.hint)} ({finding.who})", FAINT, color)


def annotation(finding: Finding) -> str:
    """As a workflow command of GitHub."""
    place = f"file={_property(finding.path)},line={finding.line},col={finding.column},title={_property(finding.rule)}"
    hint = f"\n{visible(finding.hint)} ({finding.who})" if finding.hint else ""
    return f"::{finding.severity} {place}::{_data(visible(finding.message) + hint)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")


def _width(text: str) -> int:
    """Columns on a terminal: East Asian wide characters take two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))

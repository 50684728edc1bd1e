"""The verdict of the gate -> text, JSON, annotations, Markdown, and back from JSON. Pure; what could fool a reader is
escaped here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from json import JSONDecodeError, dumps, loads
from typing import Any

from onboarding_tool import resources, schema
from onboarding_tool.errors import WorldError
from onboarding_tool.findings import Finding, Severity, Skipped, Who
from onboarding_tool.gate.author import Author
from onboarding_tool.gate.case import Kind
from onboarding_tool.gate.reviews import of_team
from onboarding_tool.gate.verdict import Approval, Verdict
from onboarding_tool.model import Member
from onboarding_tool.report import COLORS, GITHUB_CAP, annotation, as_json, finding_lines, paint, visible
from onboarding_tool.report_diff import MARKDOWN_LIMIT, code
from onboarding_tool.wording import counted, listed

VERSION = 1
LIMIT = 8 << 20  # bytes of a verdict that somebody else hands over
EXPLAINED = 16 << 10  # bytes of one of which it is told what about it is wrong; to find that may take long
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
NAMED = 3  # rules that were not judged for one reason; of more the number is told
WIDTH = 1_000  # characters of one text in Markdown
NO_VERDICT = "`onboard gate BASE HEAD --author LOGIN --report json=FILE` writes one."
GREEN = "\033[32m"


def text(verdict: Verdict, *, color: bool = False) -> Iterator[str]:
    """Lines for people: what it is, what will happen, who must approve, and what speaks against it."""
    yield paint(visible(verdict.headline), GREEN if verdict.passes else COLORS[Severity.ERROR], color)
    yield from (f"  {visible(effect)}" for effect in verdict.effects)
    yield from (f"  approval: {visible(approval)}" for approval in approvals(verdict))
    yield from (f"  note: {visible(note)}" for note in verdict.notes)
    for finding in ordered(verdict):
        yield from finding_lines(finding, color=color)
    for reason, names in _not_judged(verdict):
        yield f"not judged: {visible(names)}: {visible(reason)}"


def _not_judged(verdict: Verdict) -> Iterator[tuple[str, str]]:
    """Each reason, and the rules: one file that cannot be read is the reason of dozens."""
    found: dict[str, list[str]] = {}
    for skipped in verdict.skipped:
        found.setdefault(skipped.reason, []).append(skipped.rule)
    for reason, names in found.items():
        more = [counted(len(names) - NAMED, "more rule")] if len(names) > NAMED else []
        yield reason, listed([*names[:NAMED], *more])


def approvals(verdict: Verdict) -> Iterator[str]:
    """`1 of payments-team, not alice, for staging`."""
    for approval in verdict.approvals:
        yield _approval(approval, verdict.author)


def _approval(approval: Approval, author: str) -> str:
    other = f", not {author}" if author else ", not the author"
    where = f", for {approval.where}" if approval.where else ""
    return f"{approval.count} of {approval.team}{other}{where}"


def ordered(verdict: Verdict) -> Sequence[Finding]:
    """The errors first."""
    return sorted(verdict.findings, key=lambda finding: (finding.severity is not Severity.ERROR, finding))


def json(verdict: Verdict) -> str:
    """As gate_schemas/verdict.json describes it; pure ASCII."""
    value = {
        "version": VERSION,
        "passes": verdict.passes,
        "kind": verdict.kind,
        "headline": verdict.headline,
        "base": verdict.base,
        "head": verdict.head,
        "tree": verdict.tree or None,
        "apis": list(verdict.apis),
        "level": verdict.level or None,
        "author": verdict.author or None,
        "effects": list(verdict.effects),
        "approvals": [asdict(approval) for approval in verdict.approvals],
        "notes": list(verdict.notes),
        "findings": [asdict(finding) for finding in verdict.findings],
        "skipped": [asdict(skipped) for skipped in verdict.skipped],
    }
    return as_json(value)


def read(data: bytes) -> Verdict:
    """What `json` wrote. Raises WorldError for anything else, as somebody may have made it up: what is not in our
    form, is said twice, or contradicts itself.
    """
    value = _value(data)
    version = value.get("version") if isinstance(value, dict) else None
    if type(version) is int and version != VERSION:
        hint = "Let the same version of onboard judge and comment."
        raise WorldError(f"the verdict is of version {version}, and this onboard knows version {VERSION}", hint)
    if not schema.fits(resources.VERDICT, value):
        misfits = schema.judge(resources.VERDICT, value) if len(data) <= EXPLAINED else []
        reason = visible(misfits[0].message)[:WIDTH] if misfits else "it does not fit the format"
        raise WorldError(f"this is no verdict of the gate: {reason}", NO_VERDICT)
    verdict = _verdict(value)
    if loads(json(verdict)) != value:
        raise WorldError("this is no verdict of the gate: it contradicts itself", NO_VERDICT)
    return verdict


def _value(data: bytes) -> Any:
    if len(data) > LIMIT:
        raise WorldError(f"the verdict is larger than {LIMIT >> 20} MiB", NO_VERDICT)
    if not data:
        raise WorldError("this is no verdict of the gate: the file is empty", NO_VERDICT)
    try:
        value = loads(data.decode(), object_pairs_hook=_once, parse_constant=_refused, parse_float=_refused)
        if SURROGATE.search(data):  # one that stands alone is no character, and nothing can be sent with it
            return loads(dumps(value, ensure_ascii=False).encode(errors="replace"))
        return value
    except (ValueError, RecursionError) as error:
        raise WorldError(f"this is no verdict of the gate: {_fault(error)}", NO_VERDICT) from None


def _fault(error: ValueError | RecursionError) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    form = "it is not JSON: " if isinstance(error, JSONDecodeError | UnicodeDecodeError) else ""
    return form + visible(str(error))[:WIDTH]


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values for one key other readers would take the other one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _refused(number: str) -> None:
    raise ValueError(f"{number[:20]} is no number of the format")


def _verdict(value: Any) -> Verdict:
    """Of a value that fits the schema."""
    return Verdict(
        Kind(value["kind"]),
        value["base"],
        value["head"],
        value["tree"] or "",
        tuple(value["apis"]),
        value["level"] or "",
        value["author"] or "",
        tuple(value["effects"]),
        tuple(
            Approval(one["team"], one["count"], one["where"], tuple(Member(**member) for member in one["members"]))
            for one in value["approvals"]
        ),
        tuple(value["notes"]),
        tuple(
            Finding(**{**one, "severity": Severity(one["severity"]), "who": Who(one["who"])})
            for one in value["findings"]
        ),
        tuple(Skipped(**one) for one in value["skipped"]),
    )


def github(verdict: Verdict) -> Iterator[str]:
    """Workflow commands, the errors first; what is above GitHub's cap is counted."""
    for severity in Severity:
        found = [finding for finding in verdict.findings if finding.severity is severity]
        yield from (annotation(finding) for finding in found[:GITHUB_CAP])
        if len(found) > GITHUB_CAP:
            yield f"{counted(len(found) - GITHUB_CAP, f'more {severity}')} in the summary."
    yield visible(verdict.headline)


def markdown(verdict: Verdict, agreeing: Sequence[Author] | None = None) -> str:
    """For a comment or a job's summary, what matters most first. `agreeing`: who approves so far, where that is known.

    Every text of a tenant stands in code, where it means nothing. What is too long is cut before it is put there, since
    half a code span would let out what comes behind it.
    """
    wanted = approvals(verdict) if agreeing is None else _given(verdict, agreeing)
    against = [f"\n**not judged** {_code(names)}: {_code(reason)}" for reason, names in _not_judged(verdict)]
    against += [_finding(one) for one in ordered(verdict) if one.severity is Severity.ERROR]
    will = [f"- {_code(effect)}" for effect in verdict.effects]
    approve = [f"- approval: {_code(approval)}" for approval in wanted]
    notes = [f"- note: {_code(note)}" for note in verdict.notes]
    warnings = [_finding(one) for one in verdict.findings if one.severity is not Severity.ERROR]
    parts = [f"### {'✅' if verdict.passes else '❌'} {_code(verdict.headline)}", ""]
    for lines, what in (
        (against, "more finding"),
        (will, "more effect"),
        (approve, "more approval"),
        (notes, "more note"),
        (warnings, "more warning"),
    ):
        parts += _bounded(lines, what, (MARKDOWN_LIMIT - sum(map(_size, parts))) // 2)
    return "\n".join(parts) + "\n"


def comment(verdict: Verdict, agreeing: Sequence[Author]) -> str:
    """On a pull request, which goes on: of which commit it speaks."""
    return f"{markdown(verdict, agreeing)}\nJudged at {code(verdict.head)}; approvals count at this commit alone.\n"


def _given(verdict: Verdict, agreeing: Sequence[Author]) -> Iterator[str]:
    """`1 of 1 of payments-team, for staging: bob`."""
    for approval in verdict.approvals:
        names = of_team(approval, agreeing)
        if not approval.members:
            yield f"{_approval(approval, verdict.author)}; not counted, as teams.yaml names no members"
        elif len(names) < approval.count:
            so_far = f", so far {', '.join(names)}" if names else ""
            yield f"{len(names)} of {_approval(approval, verdict.author)}{so_far}"
        else:
            where = f", for {approval.where}" if approval.where else ""
            by = f": {', '.join(names)}" if names else ""
            yield f"{len(names)} of {approval.count} of {approval.team}{where}{by}"


def _bounded(lines: Sequence[str], what: str, room: int) -> list[str]:
    """As many as there is room for, and how many are left out."""
    for number, line in enumerate(lines):
        room -= _size(line)
        if room < 0:
            return [*lines[:number], f"\nAnd {counted(len(lines) - number, what)}, which the job's log shows.\n"]
    return list(lines)


def _size(line: str) -> int:
    """In bytes: whatever GitHub counts, it is not more. With the end of the line."""
    return len(line.encode()) + 1


def _code(value: str) -> str:
    shown = visible(value[:WIDTH])
    is_whole = len(value) <= WIDTH and len(shown) <= WIDTH
    return code(shown if is_whole else f"{shown[:WIDTH]}... ({len(value):,} characters)")


def _finding(finding: Finding) -> str:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    hint = f"{_code(finding.hint)} ({finding.who})" if finding.hint else f"({finding.who})"
    return f"\n**{finding.severity}** {_code(finding.rule)} at {_code(place)}<br>\n{_code(finding.message)}<br>\n{hint}"

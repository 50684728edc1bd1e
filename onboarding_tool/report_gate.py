"""The verdict of the gate -> text, JSON, annotations, Markdown. Pure; what could fool a reader is escaped here."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from onboarding_tool.findings import Finding, Severity
from onboarding_tool.gate.verdict import Approval, Verdict
from onboarding_tool.report import COLORS, GITHUB_CAP, annotation, as_json, finding_lines, paint, visible
from onboarding_tool.report_diff import MARKDOWN_LIMIT, code
from onboarding_tool.wording import counted

VERSION = 1
GREEN = "\033[32m"


def text(verdict: Verdict, *, color: bool = False) -> Iterator[str]:
    """Lines for people: what it is, what will happen, who must approve, and what speaks against it."""
    yield paint(visible(verdict.headline), GREEN if verdict.passes else COLORS[Severity.ERROR], color)
    yield from (f"  {visible(effect)}" for effect in verdict.effects)
    yield from (f"  approval: {visible(approval)}" for approval in approvals(verdict))
    yield from (f"  note: {visible(note)}" for note in verdict.notes)
    for finding in ordered(verdict):
        yield from finding_lines(finding, color=color)
    yield from (f"not judged: {visible(skipped.rule)}: {visible(skipped.reason)}" for skipped in verdict.skipped)


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


def github(verdict: Verdict) -> Iterator[str]:
    """Workflow commands, the errors first; what is above GitHub's cap is counted."""
    for severity in Severity:
        found = [finding for finding in verdict.findings if finding.severity is severity]
        yield from (annotation(finding) for finding in found[:GITHUB_CAP])
        if len(found) > GITHUB_CAP:
            yield f"{counted(len(found) - GITHUB_CAP, f'more {severity}')} in the summary."
    yield visible(verdict.headline)


def markdown(verdict: Verdict) -> str:
    """For a comment or a job's summary. Every text of a tenant stands in code, where it means nothing."""
    head = [f"### {'✅' if verdict.passes else '❌'} {code(verdict.headline)}", ""]
    head += [f"- {code(effect)}" for effect in verdict.effects]
    head += [f"- approval: {code(approval)}" for approval in approvals(verdict)]
    head += [f"- note: {code(note)}" for note in verdict.notes]
    head += [f"- not judged: {code(skipped.rule)}: {code(skipped.reason)}" for skipped in verdict.skipped]
    parts, room = ["\n".join(head)[: MARKDOWN_LIMIT // 2]], MARKDOWN_LIMIT // 2
    found = ordered(verdict)
    for number, finding in enumerate(found):
        part = "\n".join(_finding(finding))
        if len(part) > room:
            parts.append(f"\nAnd {counted(len(found) - number, 'more finding')}, which the job's log shows.")
            break
        parts.append(part)
        room -= len(part) + 1
    return "\n".join(parts) + "\n"


def _finding(finding: Finding) -> Iterator[str]:
    place = f"{finding.path}:{finding.line}:{finding.column}"
    yield f"\n**{finding.severity}** {code(finding.rule)} at {code(place)}<br>"
    yield f"{code(finding.message)}<br>"
    yield f"{code(finding.hint)} ({finding.who})" if finding.hint else f"({finding.who})"

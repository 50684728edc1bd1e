"""The results of `onboard doctor` -> text, JSON. Pure; what could fool a terminal is escaped here."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import groupby

from onboarding_tool.doctor import Result, Status
from onboarding_tool.report import BOLD, FAINT, as_json, paint, visible
from onboarding_tool.wording import counted

COLORS = {Status.PROBLEM: "\033[31m", Status.WARNING: "\033[33m", Status.UNKNOWN: "\033[36m", Status.OK: "\033[32m"}
ORDER = tuple(Status)
WIDTH = max(map(len, ORDER))


def text(results: Sequence[Result], *, color: bool = False, verbose: bool = False) -> Iterator[str]:
    """Lines for people: a group for each subject, the worst first, with what to do. `verbose` names what is ok."""
    groups = [list(group) for _, group in groupby(_by_subject(results), key=lambda result: result.subject)]
    for group in sorted(groups, key=lambda group: min(ORDER.index(result.status) for result in group)):
        yield paint(visible(group[0].subject), BOLD, color)
        for status in ORDER:
            yield from _lines(status, [result for result in group if result.status is status], color, verbose)
    yield summary(results)


def summary(results: Iterable[Result]) -> str:
    counts = Counter(result.status for result in results)
    problems, warnings = counted(counts[Status.PROBLEM], "problem"), counted(counts[Status.WARNING], "warning")
    return f"{problems}, {warnings}, {counts[Status.UNKNOWN]} unknown, {counts[Status.OK]} ok."


def json(results: Iterable[Result]) -> str:
    """`{results: [{name, subject, status, message, fix}]}`, in the order of the checks."""
    return as_json({"results": [asdict(result) for result in results]})


def _by_subject(results: Sequence[Result]) -> list[Result]:
    """In the order in which the subjects come up."""
    subjects = list(dict.fromkeys(result.subject for result in results))
    return sorted(results, key=lambda result: subjects.index(result.subject))


def _lines(status: Status, results: Sequence[Result], color: bool, verbose: bool) -> Iterator[str]:
    """Results of one subject and one status; what nobody could see for one reason stands together."""
    if status is Status.OK and results:
        passed = ", ".join(result.name for result in results) if verbose else counted(len(results), "check")
        yield _line(status, passed, color)
        return
    told: dict[tuple[str, str], list[str]] = {}
    for result in results:
        told.setdefault((result.message, result.fix), []).append(result.name)
    for (message, fix), names in told.items():
        yield _line(status, f"{', '.join(names)}: {message}", color)
        yield from (paint(f"  {'':{WIDTH}}    {visible(line)}", FAINT, color) for line in fix.splitlines())


def _line(status: Status, message: str, color: bool) -> str:
    return f"  {paint(f'{status:{WIDTH}}', COLORS[status], color)}  {visible(message)}"

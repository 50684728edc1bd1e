"""What each check ends with."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from onboarding_tool.doctor.seen import Seen, Unseen


class Status(StrEnum):
    """In order of importance."""

    PROBLEM = "problem"
    WARNING = "warning"
    UNKNOWN = "unknown"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Result:
    """`name` says the defect, and never changes. `subject`: what has it, such as `cluster gke-prod`.

    `message` and `fix` are empty if it is ok; `fix` is a sentence, or commands to type, one on each line.
    """

    name: str
    subject: str
    status: Status
    message: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with what was seen."""

    status: Status
    message: str
    fix: str


T = TypeVar("T")
U = TypeVar("U")


def problem(message: str, fix: str) -> Trouble:
    return Trouble(Status.PROBLEM, message, fix)


def warning(message: str, fix: str) -> Trouble:
    return Trouble(Status.WARNING, message, fix)


def judged(name: str, subject: str, seen: Seen[T], judge: Callable[[T], Trouble | None]) -> Result:
    """What the judge says of what was seen; unknown if it was not."""
    if isinstance(seen, Unseen):
        return Result(name, subject, Status.UNKNOWN, seen.reason, seen.fix)
    trouble = judge(seen)
    if trouble is None:
        return Result(name, subject, Status.OK)
    return Result(name, subject, trouble.status, trouble.message, trouble.fix)


def required(name: str, subject: str, seen: Seen[T], on: Seen[U]) -> Result:
    """A problem if it was not seen. Unknown if `on`, which it stands on, was not: that is the problem then."""
    if not isinstance(seen, Unseen):
        return Result(name, subject, Status.OK)
    if isinstance(on, Unseen):
        return Result(name, subject, Status.UNKNOWN, on.reason)
    return Result(name, subject, Status.PROBLEM, seen.reason, seen.fix)


def told_elsewhere(seen: Seen[T]) -> Seen[T]:
    """For what stands on it: why it was not seen, without the fix, which is told where that is judged."""
    return Unseen(seen.reason) if isinstance(seen, Unseen) else seen


def then(seen: Seen[T], further: Callable[[T], Seen[U]]) -> Seen[U]:
    """What is seen further on; if nothing was seen so far, the reason for that."""
    return seen if isinstance(seen, Unseen) else further(seen)

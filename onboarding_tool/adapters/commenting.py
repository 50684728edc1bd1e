"""Telling a verdict on its pull request: look, do one thing, look again, until one comment says it and nothing is left.

What a lost answer, a time-out or another run did meanwhile is seen by looking, so nothing is done twice.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from onboarding_tool import report_gate
from onboarding_tool.errors import TimedOutError, UsageError, WorldError
from onboarding_tool.gate.author import Author
from onboarding_tool.gate.comment import Comment, Create, Delete, Edit, Step, marked, next_step
from onboarding_tool.gate.reviews import Review, approving
from onboarding_tool.gate.verdict import Verdict

LIMIT = 240.0  # seconds that all of it may take, every wait included
LONGEST_WAIT = 90.0  # seconds between two calls; a forge that wants more is not waited for
FIRST_PAUSE = 1.0  # seconds after a call that failed, twice as long each time
BETWEEN_WRITES = 1.0  # seconds, as GitHub asks for
ATTEMPTS = 4  # at all of it
STEPS = 30  # of one attempt: a comment, and duplicates of it


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request now. `merged`: the commit that the forge would test it by, or ""."""

    author: Author
    head: str
    merged: str = ""


class UnansweredError(WorldError):
    """A call whose outcome is not known, or that may be made again. `wait`: seconds that the forge asks for."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


class Forge(Protocol):
    """One pull request. Each call raises UnansweredError if it may be made again, WorldError if that is of no use."""

    def pull(self) -> Pull: ...

    def knows(self, commit: str) -> bool:
        """Whether the repository has it."""
        ...

    def reviews(self) -> list[Review]:
        """The oldest first."""
        ...

    def comments(self) -> list[Comment]: ...

    def create(self, body: str) -> Comment: ...

    def edit(self, comment: int, body: str) -> None: ...

    def delete(self, comment: int) -> None:
        """One that is not there any more is deleted."""
        ...


@dataclass(slots=True)
class Clock:
    """Until when to go on. Tests put another one in its place, which does not wait."""

    limit: float = LIMIT
    began: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def pause(self, seconds: float) -> None:
        """Raises TimedOutError instead of waiting in vain."""
        if seconds > LONGEST_WAIT:
            raise TimedOutError(f"GitHub asks to wait for {seconds:,.0f} seconds", LATER)
        if self.now() - self.began + seconds > self.limit:
            raise _late(self.limit)
        self.sleep(seconds)


LATER = "Run the same command again later; what was done is found again."


class Done(StrEnum):
    """What became of the comment."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"


def read(path: Path) -> Verdict:
    """A verdict that somebody else wrote. Raises WorldError, OSError."""
    with path.open("rb") as file:
        return report_gate.read(file.read(report_gate.LIMIT + 1))


def post(forge: Forge, verdict: Verdict, login: str, clock: Clock) -> Done:
    """Leaves exactly one comment of ours with the verdict. After a TimedOutError, another run does the rest."""
    run = _Run(forge, verdict, login, clock)
    with _bounded(clock.limit):
        for attempt in range(ATTEMPTS):
            try:
                return run.settled()
            except UnansweredError as error:
                last = error
            if attempt + 1 < ATTEMPTS:
                clock.pause(max(last.wait, FIRST_PAUSE * 2**attempt))
    raise TimedOutError(last.message, LATER)


@dataclass(slots=True)
class _Run:
    """What this run has done so far: a list that is read right after it need not show it yet."""

    forge: Forge
    verdict: Verdict
    login: str
    clock: Clock
    wrote: dict[int, Comment] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    done: Done = Done.UNCHANGED

    def settled(self) -> Done:
        body = ""
        for _ in range(STEPS):
            pull = self.forge.pull()
            # Asked again before each step: what is written late would hide what a newer run wrote.
            if pull.head != self.verdict.head:
                self._refuse_foreign(pull)
                return Done.STALE
            body = body or self._body(pull)
            step = next_step(self._comments(), self.login, body, self.wrote)
            if step is None:
                return self.done
            self._take(step)
        raise UnansweredError("the comments on the pull request change as fast as they are written")

    def _refuse_foreign(self, pull: Pull) -> None:
        judged = self.verdict.head[:12]
        if self.verdict.head == pull.merged:
            hint = "Judge the last commit of the pull request itself: `onboard gate BASE HEAD --author LOGIN`."
            raise UsageError(f"the verdict is about {judged}, which is what GitHub would merge, not its head", hint)
        if not self.forge.knows(self.verdict.head):
            hint = "Take the verdict of this repository's own run of `onboard gate`."
            raise WorldError(f"the verdict is about {judged}, and this repository has no such commit", hint)

    def _body(self, pull: Pull) -> str:
        agreeing = approving(self.verdict, self.forge.reviews(), pull.author)
        return marked(report_gate.comment(self.verdict, agreeing))

    def _comments(self) -> list[Comment]:
        found = {one.id: one for one in self.forge.comments()}
        return [one for one in ({**self.wrote, **found}).values() if one.id not in self.deleted]

    def _take(self, step: Step) -> None:
        self.clock.pause(BETWEEN_WRITES if self.wrote or self.deleted else 0)
        match step:
            case Create(body):
                self._created(self.forge.create(body))
            case Edit(number, body):
                self.forge.edit(number, body)
                self.wrote[number] = Comment(number, self.login, body)
                self.done = Done.CREATED if self.done is Done.CREATED else Done.UPDATED
            case Delete(number):
                self.forge.delete(number)
                self.deleted.add(number)
                self.done = Done.UPDATED if self.done is Done.UNCHANGED else self.done

    def _created(self, comment: Comment) -> None:
        """Under another name than ours it would not be known again, and each run would leave one more."""
        if comment.author.lower() != self.login.lower():
            self.forge.delete(comment.id)
            hint = f"Name who comments: `--as {comment.author}`."
            raise UsageError(
                f"the token is that of {comment.author}, not of {self.login}; nothing was left there", hint
            )
        self.wrote[comment.id] = comment
        self.done = Done.CREATED


@contextmanager
def _bounded(seconds: float) -> Iterator[None]:
    """The clock is looked at between two calls. An answer that comes in drops ends by this, too."""

    def ring(*_: object) -> None:
        raise _late(seconds)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _late(limit: float) -> TimedOutError:
    return TimedOutError(f"GitHub did not answer well within {limit:,.0f} seconds", LATER)

"""Which approvals of a verdict are there: reviews of its pull request, counted at the commit that was judged. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from onboarding_tool.gate.author import Author, is_member
from onboarding_tool.gate.verdict import Approval, Verdict

APPROVED = "APPROVED"
AGAINST = ("CHANGES_REQUESTED", "DISMISSED")


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody said of a pull request. `state`: as GitHub has it; `commit`: the head that was looked at."""

    reviewer: Author
    state: str
    commit: str


def approving(verdict: Verdict, reviews: Iterable[Review], asker: Author) -> tuple[Author, ...]:
    """Who approves of the commit that was judged, in the order of their approvals, but for the author.

    `reviews`: the oldest first. `asker`: the author as the forge knows it, which counts beside whom the verdict names.
    A comment decides nothing. What speaks against the change counts whatever commit it was said of; what speaks for it
    only of this one.
    """
    agreeing: dict[int | str, Author] = {}
    for review in reviews:
        who = _key(review.reviewer)
        if review.state in AGAINST:
            agreeing.pop(who, None)
        elif review.state == APPROVED and review.commit == verdict.head:
            agreeing[who] = review.reviewer
    return tuple(one for one in agreeing.values() if not _asks(one, asker, verdict.author))


def of_team(approval: Approval, agreeing: Iterable[Author]) -> tuple[str, ...]:
    """The logins of those who agree and are in the team."""
    return tuple(one.login for one in agreeing if any(is_member(one, member) for member in approval.members))


def _key(who: Author) -> int | str:
    """A login may change; the id stays."""
    return who.id if who.id is not None else who.login.lower()


def _asks(who: Author, asker: Author, named: str) -> bool:
    same = who.id is not None and who.id == asker.id
    return same or who.login.lower() in (asker.login.lower(), named.lower())

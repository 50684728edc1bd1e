"""The one comment that tells a verdict on its pull request: which one it is, and what is to be done about it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

# The first line of our comment; nobody sees it on the page.
MARKER = "<!-- onboard gate-comment -->"


@dataclass(frozen=True, slots=True)
class Comment:
    """`id`: numbers of later comments are higher. `author`: a login."""

    id: int
    author: str
    body: str


@dataclass(frozen=True, slots=True)
class Create:
    body: str


@dataclass(frozen=True, slots=True)
class Edit:
    id: int
    body: str


@dataclass(frozen=True, slots=True)
class Delete:
    id: int


Step = Create | Edit | Delete


def marked(markdown: str) -> str:
    return f"{MARKER}\n{markdown}"


def is_ours(comment: Comment, login: str) -> bool:
    """Anybody may write our marker, and quote our comment; nobody may write as us."""
    return comment.author.lower() == login.lower() and _lines(comment.body)[0] == MARKER


def next_step(comments: Iterable[Comment], login: str, body: str, wrote: Iterable[int] = ()) -> Step | None:
    """What is still to be done so that exactly one comment of ours is there; None if nothing is.

    The oldest stays, so that two runs at once agree which one. `wrote`: those that this run has written already. One of
    them that says something else by now was written by another run since, and would be written for ever by turns.
    """
    ours = sorted((one for one in comments if is_ours(one, login)), key=lambda one: one.id)
    if not ours:
        return Create(body)
    oldest, *others = ours
    if _lines(oldest.body) != _lines(body) and oldest.id not in wrote:
        return Edit(oldest.id, body)
    return Delete(others[-1].id) if others else None


def _lines(body: str) -> list[str]:
    """A forge may end lines otherwise than we do, and drop blanks at the end."""
    return body.replace("\r\n", "\n").strip().split("\n")

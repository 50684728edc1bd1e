"""What git tells of a config repo's past: who brought a file, and what became of it. Values, and the port to ask by."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, and who says so. On plain git a name is not verified."""

    name: str
    login: str | None = None
    id: int | None = None
    source: str = "git"
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first-parent change that brought a file: what it changed as (status, path), and who committed it.

    `position`: the number of first-parent changes up to it; what came earlier has the smaller one.
    """

    commit: str
    changes: tuple[tuple[str, str], ...]
    person: Person
    position: int = 0
    is_merge: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """How a release record or outcome was first committed, and what became of it.

    `blob` is git's name of its bytes then, `commit` the first-parent change that brought it; `last` and `last_commit`
    say the same of the last change that touched it. `last` is "" if that one deleted it.
    """

    blob: str
    commit: str
    last: str
    last_commit: str


class History(Protocol):
    """What rules about a change ask git."""

    @property
    def prefix(self) -> str:
        """The folder of the git repository in which the config repo lies, ending in a slash; "" at its top."""

    def arrival(self, path: str) -> Arrival | None:
        """The last first-parent change that touched `path`, so that brought it as it stands; None if none did."""

    def look_up(self, paths: Collection[str]) -> None:
        """Learn the arrivals of many paths at once, which is faster than one by one."""

    def was_deleted(self, pattern: str) -> bool:
        """Whether a first-parent change ever deleted a release record or outcome that this glob matches."""

    def records(self, folder: str | None = None) -> Mapping[str, Written]:
        """Every release record and outcome that a first-parent change ever brought, or those directly in a folder."""

    def first_bytes(self, path: str) -> bytes:
        """What such a file held when it was first committed. Raises KeyError if there never was one."""

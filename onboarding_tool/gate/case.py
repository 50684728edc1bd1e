"""What the gate judges, as values: two states of the config repo, what differs, and who asks."""

from dataclasses import dataclass
from enum import StrEnum

from onboarding_tool.edits.bump import Bump
from onboarding_tool.gate.author import Author, teams_of
from onboarding_tool.gate.change import Change
from onboarding_tool.model import Repo, Request


class Kind(StrEnum):
    """What a pull request is, by the files that it changes and by who asks."""

    NOTHING = "no change"
    REQUEST = "release request"
    TENANT = "tenant change"
    PLATFORM = "platform change"
    MIXED = "mixed change"


@dataclass(frozen=True, slots=True)
class Case:
    """A pull request. `base` and `merged` are read as far as the kind of change needs it. `author`: None where it is
    not known, as on a laptop; then the change is judged as that of somebody who may ask for it.
    """

    base: Repo
    merged: Repo
    changes: tuple[Change, ...]
    author: Author | None = None

    @property
    def teams(self) -> frozenset[str]:
        """Those that the author is in, as the base says."""
        return teams_of(self.base, self.author) if self.author else frozenset()

    @property
    def is_of_platform(self) -> bool:
        return self.base.platform_team in self.teams


@dataclass(frozen=True, slots=True)
class Granted:
    """A request that would be applied, and how. `after`: pending requests of the slot that are decided before it;
    `supersedes`: those that it takes the place of.
    """

    request: Request
    bump: Bump
    after: tuple[str, ...] = ()
    supersedes: tuple[str, ...] = ()

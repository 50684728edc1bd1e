"""Who asks, and which teams that person is in: as the base says it, never the pull request."""

from dataclasses import dataclass

from onboarding_tool.model import Member, Repo


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a pull request. `id`: the forge's numeric one, which is never reused; `teams`: those that the forge
    says the author is in, by their name in teams.yaml or as `org/slug`.
    """

    login: str = ""
    id: int | None = None
    teams: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.login or (
            f"the account {self.id}" if self.id is not None else "a member of " + ", ".join(self.teams)
        )


def teams_of(base: Repo, author: Author) -> frozenset[str]:
    """The teams, by their names in teams.yaml."""
    return frozenset(
        name
        for name, team in base.teams.items()
        if name in author.teams
        or (team.github and team.github in author.teams)
        or any(is_member(author, member) for member in team.members)
    )


def is_member(author: Author, member: Member) -> bool:
    """A login may pass to somebody else, so it only counts where one of both has no id."""
    if author.id is not None and member.id is not None:
        return author.id == member.id
    return bool(author.login) and author.login.lower() == member.login.lower()

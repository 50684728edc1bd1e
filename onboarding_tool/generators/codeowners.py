"""CODEOWNERS: everything is the platform team's, and each API's requests are those people's who approve them."""

from collections.abc import Iterator, Mapping

from onboarding_tool.generators.layout import METADATA, header
from onboarding_tool.model import PLATFORM_FILE, TEAMS_FILE, Api, Lifecycle, Repo, Team


def text(repo: Repo) -> str:
    """The whole file. GitHub takes the last line that matches a path."""
    return "".join((header(PLATFORM_FILE, TEAMS_FILE, METADATA), *_lines(repo)))


def _lines(repo: Repo) -> Iterator[str]:
    found = {name: " ".join(owners(repo, name)) for name in repo.teams}
    yield _line(found, "*", repo.platform_team)
    for name in sorted(repo.apis):
        api = repo.apis[name]
        if api.lifecycle is not Lifecycle.REMOVED:
            for environment in sorted(api.environments.keys() & repo.platform.environments.keys()):
                yield _line(found, f"/{api.folder}/requests/{environment}/", _approver(repo, api, environment))


def _approver(repo: Repo, api: Api, environment: str) -> str:
    by = repo.platform.environments[environment].approval_by
    return repo.platform_team if by == "platform" else api.team


def _line(found: Mapping[str, str], pattern: str, team: str) -> str:
    """A line without owners would take the path away from everybody, so a comment stands in its place."""
    if found.get(team):
        return f"{pattern} {found[team]}\n"
    return f"# {pattern}: {team} has nobody yet: onboard team add {team} --github ORG/SLUG, or --member LOGIN\n"


def owners(repo: Repo, name: str) -> list[str]:
    """Whom GitHub asks for a team. A GitHub App (its login ends in [bot]) cannot own code; its name would make GitHub
    skip the whole line.
    """
    team = repo.teams.get(name, Team(name))
    if team.github:
        return [f"@{team.github}"]
    return [f"@{member.login}" for member in team.members if not member.login.endswith("]")]

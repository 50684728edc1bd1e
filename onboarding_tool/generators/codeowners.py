"""CODEOWNERS: everything is the platform team's, and each API's requests are those people's who approve them."""

from collections.abc import Iterator, Mapping

from onboarding_tool.generators.layout import METADATA, header
from onboarding_tool.model import PLATFORM_FILE, TEAMS_FILE, Api, Lifecycle, Repo, Team


def text(repo: Repo) -> str:
    """The whole file. GitHub takes the last line that matches a path."""
    return "".join((header(PLATFORM_FILE, TEAMS_FILE, METADATA), *_lines(repo)))


def _lines(repo: Repo) -> Iterator[str]:
    owners = {name: _owners(team) for name, team in repo.teams.items()}
    yield _line(owners, "*", repo.platform_team)
    for name in sorted(repo.apis):
        api = repo.apis[name]
        if api.lifecycle is not Lifecycle.REMOVED:
            for environment in sorted(api.environments.keys() & repo.platform.environments.keys()):
                yield _line(owners, f"/{api.folder}/requests/{environment}/", _approver(repo, api, environment))


def _approver(repo: Repo, api: Api, environment: str) -> str:
    by = repo.platform.environments[environment].approval_by
    return repo.platform_team if by == "platform" else api.team


def _line(owners: Mapping[str, str], pattern: str, team: str) -> str:
    """A line without owners would take the path away from everybody, so a comment stands in its place."""
    if owners.get(team):
        return f"{pattern} {owners[team]}\n"
    return f"# {pattern}: {team} has nobody yet: onboard team add {team} --github ORG/SLUG, or --member LOGIN\n"


def _owners(team: Team) -> str:
    """A GitHub App (its login ends in [bot]) cannot own code; its name would make GitHub skip the whole line."""
    if team.github:
        return f"@{team.github}"
    return " ".join(f"@{member.login}" for member in team.members if not member.login.endswith("]"))

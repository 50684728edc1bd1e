"""Who changes an API is in the team that owns it on the base; everything else is the platform team's.

Teams, their members and who owns what are read from the base: a pull request cannot give itself rights. Members are
compared by the id of their account where teams.yaml and the forge both tell it, because a login can pass to somebody
else.

Bad:

    mallory, who is in no team, asks for a release of payments

Good:

    alice, whom teams.yaml lists in payments-team, asks for it

Fix: somebody of the team opens the pull request, or the platform team first merges the change of teams.yaml.
"""

from collections.abc import Iterator

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.author import Author
from onboarding_tool.gate.case import Case
from onboarding_tool.gate.change import apis
from onboarding_tool.gate.rules.change_mixed import asks
from onboarding_tool.model import TEAMS_FILE, Repo
from onboarding_tool.wording import listed

RULE = "author-not-owner"


def check(case: Case) -> Iterator[Finding]:
    """Of a change that only the owners of APIs may make."""
    if case.author is None:
        return
    teams = case.teams
    # Beside requests nothing may stand, and taken apart the rest is perhaps a change of the platform team.
    changes = tuple(filter(asks, case.changes)) or case.changes
    for name in apis(changes):
        owner = case.base.apis[name].team if name in case.base.apis else ""
        if owner in teams:
            continue
        at = next(change.path for change in changes if change.api == name)
        if not owner:
            message = f"there is no API {name!r} on the base, so nobody owns it"
            yield Finding(at, 1, 1, RULE, message, "The platform team brings new APIs: `onboard api add` or `import`.")
            continue
        message = f"{name} is {owner}'s, and {_who(case.base, case.author, teams)}"
        command = f"onboard team add {owner} --member LOGIN"
        hint = f"Let somebody of {owner} open it; the platform team adds members: `{command}`."
        yield Finding(at, 1, 1, RULE, message, hint, who=Who.APP_TEAM)


def _who(base: Repo, author: Author, teams: frozenset[str]) -> str:
    if others := _others_of_that_name(base, author):
        ids = listed(map(str, others))
        return f"{author.name} is the account {author.id}; the one that {TEAMS_FILE} calls so is {ids}"
    if teams:
        return f"{author.name} is in {listed(sorted(teams))}"
    if author.teams and not author.login and author.id is None:
        return f"{TEAMS_FILE} has no {listed(author.teams)}"
    return f"{author.name} is in no team of {TEAMS_FILE}"


def _others_of_that_name(base: Repo, author: Author) -> list[int]:
    """Accounts of members that had this login, or of which somebody wrote a wrong id."""
    members = {member for team in base.teams.values() for member in team.members}
    named = {member.id for member in members if author.login and member.login.lower() == author.login.lower()}
    return [] if None in (author.id, *named) or author.id in named else sorted(filter(None, named))

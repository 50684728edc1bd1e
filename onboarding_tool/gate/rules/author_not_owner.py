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
from onboarding_tool.gate.case import Case
from onboarding_tool.gate.change import apis
from onboarding_tool.model import TEAMS_FILE
from onboarding_tool.wording import listed

RULE = "author-not-owner"


def check(case: Case) -> Iterator[Finding]:
    """Of a change that only the owners of APIs may make."""
    if case.author is None:
        return
    teams = case.teams
    for name in apis(case.changes):
        owner = case.base.apis[name].team if name in case.base.apis else ""
        if owner in teams:
            continue
        at = next(change.path for change in case.changes if change.api == name)
        is_in = f"is in {listed(sorted(teams))}" if teams else f"is in no team of {TEAMS_FILE}"
        if not owner:
            message = f"there is no API {name!r} on the base, so nobody owns it"
            yield Finding(at, 1, 1, RULE, message, "The platform team brings new APIs: `onboard api add` or `import`.")
            continue
        message = f"{name} is {owner}'s, and {case.author.name} {is_in}"
        command = f"onboard team add {owner} --member LOGIN"
        hint = f"Let somebody of {owner} open it; the platform team adds members: `{command}`."
        yield Finding(at, 1, 1, RULE, message, hint, who=Who.APP_TEAM)

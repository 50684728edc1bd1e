"""Every exception in exceptions.yaml is owned by a team that exists.

Somebody has to answer for the exception, and to end it before it expires.

Bad:

    # exceptions.yaml
    exceptions:
      - owner: kim

Good:

    exceptions:
      - owner: payments-team

Fix: write the name of a team in teams.yaml.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import TEAMS, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import EXCEPTIONS_FILE, Repo
from onboarding_tool.wording import did_you_mean, listed

RULE = "exception-owner-unknown"
SCOPE = Scope.DECLARATION
NEEDS = TEAMS


def check(repo: Repo) -> Iterator[Finding]:
    for index, item in enumerate(repo.exceptions):
        if item.owner and item.owner not in repo.teams:
            message = f"there is no team {item.owner!r} in teams.yaml to own this exception"
            hint = did_you_mean(item.owner, repo.teams, f"There are {listed(repo.teams)}.")
            yield repo.finding(RULE, EXCEPTIONS_FILE, message, hint, at=("exceptions", index, "owner"))

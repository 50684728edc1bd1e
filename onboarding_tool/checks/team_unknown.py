"""Each API names a team that exists.

The team answers for the API: CODEOWNERS asks it to approve release requests, and its members may open them.

Bad:

    # apps/payments/metadata.yaml
    team: paymets-team

Good:

    team: payments-team

Fix: correct the name, or add the team: `onboard team add NAME --tenant TENANT`.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import POLICY, TEAMS, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Lifecycle, Repo
from onboarding_tool.wording import did_you_mean

RULE = "team-unknown"
SCOPE = Scope.DECLARATION
NEEDS = POLICY | TEAMS


def check(repo: Repo) -> Iterator[Finding]:
    for api in repo.apis.values():
        if api.team and api.team not in repo.teams and api.lifecycle is not Lifecycle.REMOVED:
            message = f"{api.name}: there is no team {api.team!r} in teams.yaml"
            hint = did_you_mean(
                api.team, repo.teams, f"Correct the name, or `onboard team add {api.team} --tenant {api.tenant}`."
            )
            yield repo.finding(RULE, api.path, message, hint, at=("team",))

"""The team of an API serves the API's tenant.

A tenant is the customer who owns the API. teams.yaml says which team works for which tenants; a team that does not
serve the tenant must not release the tenant's API.

Bad:

    # teams.yaml
    payments-team: {tenants: [customer-a]}
    # apps/payments/metadata.yaml
    tenant: customer-b
    team: payments-team

Good:

    tenant: customer-a
    team: payments-team

Fix: correct the tenant or the team in metadata.yaml. If the team does work for the tenant, the platform team says so:
`onboard team add TEAM --tenant TENANT`.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo, Team
from onboarding_tool.wording import did_you_mean, listed

RULE = "tenant-unserved"
SCOPE = Scope.DECLARATION
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        team = repo.teams.get(api.team)  # an unknown team is another rule's finding
        if team and api.tenant and api.tenant not in team.tenants:
            yield _finding(repo, api, team)


def _finding(repo: Repo, api: Api, team: Team) -> Finding:
    message = f"{api.name}: the team {team.name} does not serve the tenant {api.tenant!r}"
    serving = [other.name for other in repo.teams.values() if api.tenant in other.tenants]
    others = f"It is served by {listed(serving)}. " if serving else ""
    otherwise = f"{others}Correct tenant or team, or `onboard team add {team.name} --tenant {api.tenant}`."
    return repo.finding(RULE, api.path, message, did_you_mean(api.tenant, team.tenants, otherwise), at=("tenant",))

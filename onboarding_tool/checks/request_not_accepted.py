"""Release requests go only to APIs and environments that take them.

An API that is retiring or removed is not released any more. An environment with a `revision` other than refs/heads/main
shows what a tag or another branch holds: a release on main would change nothing there, so the ref is moved on instead.
Where the latest request wins, two requests for one slot do not come in one change: neither is the later one.

Bad:

    # platform.yaml
    environments:
      prod: {revision: refs/tags/customer-a-v1.2.0, ...}

    # apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml exists

Good:

    # apps/payments/requests/staging/2026-11-20-v2-0-0-3f9c.yaml, and staging follows main

Fix: delete the request file. For a pinned environment, release to an environment that follows main, and ask the
platform team to move the pinned ref on. Of two requests for one slot, delete the one that is not meant; once both are
on the main branch and decided, both are refused: ask anew.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.asked import Objection, came_beside, findings
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Lifecycle, Repo, Request
from onboarding_tool.wording import listed

RULE = "request-not-accepted"
SCOPE = Scope.API
NEEDS = POLICY
MAIN = "refs/heads/main"


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(repo: Repo, api: Api, request: Request) -> Iterator[Objection]:
    for objection in against(repo, api, request.environment):
        yield Objection("", objection.problem, f"Delete the request. {objection.hint}")
    known = repo.platform.environments.get(request.environment)
    if known is not None and known.requests == "latest-wins" and (others := came_beside(repo, api, request)):
        number = "two" if len(others) == 1 else str(len(others) + 1)
        problem = (
            f"{number} requests for one slot came in one change, so none is the later one; beside it {listed(others)}"
        )
        yield Objection("", problem, "Ask for one version; if both have been refused, ask anew.")


def against(repo: Repo, api: Api, environment: str) -> Iterator[Objection]:
    """Why an API takes no requests there."""
    if api.lifecycle is not Lifecycle.ACTIVE:
        problem = f"{api.name} is {api.lifecycle}, so it is not released any more"
        yield Objection("", problem, f"{api.path} says so; ask the platform team if that is wrong.")
    known = repo.platform.environments.get(environment)
    if known is not None and known.revision != MAIN:
        problem = f"{environment} follows {known.revision}, so a release on main would change nothing there"
        yield Objection("", problem, "The platform team moves that ref on instead.")

"""Release requests go only to APIs and environments that take them.

An API that is retiring or removed is not released any more. An environment with a `revision` other than refs/heads/main
shows what a tag or another branch holds: a release on main would change nothing there, so the ref is moved on instead.

Bad:

    # platform.yaml
    environments:
      prod: {revision: refs/tags/customer-a-v1.2.0, ...}

    # apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml exists

Good:

    # apps/payments/requests/staging/2026-11-20-v2-0-0-3f9c.yaml, and staging follows main

Fix: delete the request file. For a pinned environment, release to an environment that follows main, and ask the
platform team to move the pinned ref on.
"""

from collections.abc import Iterator

from onboarding_tool.checks.asked import Objection, findings
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Lifecycle, Repo, Request

RULE = "request-not-accepted"
SCOPE = Scope.API
NEEDS = POLICY
MAIN = "refs/heads/main"


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(repo: Repo, api: Api, request: Request) -> Iterator[Objection]:
    yield from against(repo, api, request.environment)


def against(repo: Repo, api: Api, environment: str) -> Iterator[Objection]:
    """Why an API takes no requests there."""
    if api.lifecycle is not Lifecycle.ACTIVE:
        problem = f"{api.name} is {api.lifecycle}, so it is not released any more"
        yield Objection("", problem, "Delete the request.")
    known = repo.platform.environments.get(environment)
    if known is not None and known.revision != MAIN:
        problem = f"{environment} follows {known.revision}, so a release on main would change nothing there"
        yield Objection("", problem, "Delete the request; the platform team moves that ref on instead.")

"""kustomize builds every overlay within seconds.

An ordinary overlay takes two thousandths of a second. What takes a thousand times as long is broken or hostile, and
stops the delivery of every other API for as long as it runs.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml: each level holds the one before ten times
    configMapGenerator:
      - name: a
        literals: [...]   # megabytes

Good:

    configMapGenerator:
      - name: payments
        files: [config/payments/settings.yaml]

Fix: take out what was added last: large files, deeply nested anchors, patches by the thousand.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.rendered import renders
from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.rendering import Failure

RULE = "render-timed-out"
SCOPE = Scope.API
NEEDS = RENDERED


def check(repo: Repo) -> Iterator[Finding]:
    found = renders(repo)
    for api in living(repo):
        for name in api.environments:
            both = (found.overlay.get((api.name, name)), found.generated.get((api.name, name)))
            late = next((render for render in both if render and render.failure == Failure.TIMED_OUT), None)
            if late:
                message = f"{api.name}: {late.folder} takes too long to build: {late.message}"
                hint = "Take out what was added last: large files, nested anchors, patches by the thousand."
                yield repo.finding(RULE, f"{late.folder}/kustomization.yaml", message, hint)

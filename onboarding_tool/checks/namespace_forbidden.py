"""No API lives in a namespace that the platform keeps for itself.

Namespaces such as kube-system hold what runs the cluster, and Argo CD's own namespace holds what may change every API.
Whoever deploys into them can take over the cluster.

Bad:

    # apps/payments/metadata.yaml
    environments:
      prod: {namespace: kube-system}

Good:

    environments:
      prod: {namespace: payments}

Fix: choose a namespace of the API's own. The list is `forbidden_namespaces` in platform.yaml; Argo CD's namespace
(`argocd.namespace`) is always on it.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.wording import listed

RULE = "namespace-forbidden"
SCOPE = Scope.DECLARATION
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    forbidden = {*repo.platform.forbidden_namespaces, repo.platform.argocd_namespace}
    for api in repo.apis.values():
        for environment, placement in api.environments.items():
            if placement.namespace in forbidden:
                message = f"{api.name}: no API may live in the namespace {placement.namespace!r}, here in {environment}"
                hint = f"Choose another one. Kept for the platform: {listed(sorted(forbidden))}."
                at = ("environments", environment, "namespace")
                yield repo.finding(RULE, api.path, message, hint, at=at)

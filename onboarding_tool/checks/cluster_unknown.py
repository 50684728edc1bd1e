"""The cluster of every environment is one that platform.yaml lists under `clusters`.

The name is the cluster's name in Argo CD. With a name that Argo CD does not know, every Application of the environment
fails.

Bad:

    # platform.yaml
    clusters:
      gke-prod: {context: gke-prod}
    environments:
      prod: {cluster: gke-prd}

Good:

    clusters:
      gke-prod: {context: gke-prod}
    environments:
      prod: {cluster: gke-prod}

Fix: correct the name, or list the cluster under `clusters` with its kubeconfig context.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import PLATFORM_FILE, Repo
from onboarding_tool.wording import did_you_mean

RULE = "cluster-unknown"
SCOPE = Scope.DECLARATION
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    clusters = repo.platform.clusters
    for environment in repo.platform.environments.values():
        name = environment.cluster
        if name and name not in clusters:
            message = f"the environment {environment.name} runs on the cluster {name!r}, which is not under `clusters`"
            hint = did_you_mean(name, clusters, f"Correct the name, or add `{name}: {{context: ...}}` there.")
            at = ("environments", environment.name, "cluster")
            yield repo.finding(RULE, PLATFORM_FILE, message, hint, at=at)

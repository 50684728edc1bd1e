"""The kustomize that the tool carries is of the version that Argo CD renders with.

What is judged here has to be what Argo CD delivers. Two versions of kustomize can render one overlay differently, so
a check by another one says nothing about what will run. The third number does not matter.

Bad:

    $ argocd version --server argocd.acme.example | grep Kustomize
    Kustomize Version: v5.7.1
    # platform.yaml
    kustomize: "5.7"   # while `onboard --version --verbose` says 5.8.1

Good:

    kustomize: "5.8"

Fix: write what the Argo CD in use renders with, and use the version of this tool that carries the same.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import PLATFORM_FILE, Repo
from onboarding_tool.rendering import KUSTOMIZE

RULE = "kustomize-version-mismatch"
SCOPE = Scope.DECLARATION
NEEDS = POLICY

CARRIED = KUSTOMIZE.rpartition(".")[0]


def check(repo: Repo) -> Iterator[Finding]:
    pinned = repo.platform.kustomize
    if pinned != CARRIED:
        message = f"Argo CD renders with kustomize {pinned}, and this tool judges what {KUSTOMIZE} renders"
        hint = f'Use the version of onboarding-tool that carries {pinned}; or write "{CARRIED}" if Argo CD has that.'
        yield repo.finding(RULE, PLATFORM_FILE, message, hint, at=("kustomize",))

"""Everything that a kustomization names lies in this repository.

What comes from another machine changes without a review here, and may not be there when it is needed. Fetching it
also lets whoever writes the address make the delivery system call other machines and run git with words of their
choice.

Bad:

    # apps/payments/base/kustomization.yaml
    resources:
      - https://example.com/payments/deployment.yaml
      - github.com/acme/manifests//payments?ref=v1

Good:

    resources:
      - deployment.yaml

Fix: download the files once, put them beside the kustomization, and list them by their names.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.paths import is_remote
from onboarding_tool.checks.facts.written import references, sources
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "kustomization-path-remote"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for source in sources(repo):
        for reference in references(source.kustomization):
            if is_remote(source, reference, repo.tree):
                message = f"{source.owner}: {reference.path!r} is, or may be taken for, something on another machine"
                hint = "Put the file beside the kustomization and list it by its name."
                yield repo.finding(RULE, source.kustomization.path, message, hint, at=reference.at)

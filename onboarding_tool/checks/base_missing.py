"""Each API has a base, and every overlay builds on it.

The base holds what all environments share: the Deployments, Services and so on. An overlay that does not list it
delivers only its own files.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml
    resources:
      - deployment.yaml

Good:

    # apps/payments/base/kustomization.yaml
    resources:
      - deployment.yaml
      - service.yaml

    # apps/payments/overlays/prod/kustomization.yaml
    resources:
      - ../../base

Fix: write base/kustomization.yaml with that very name (not kustomization.yml), and list `../../base` in every
overlay.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.paths import BASE, is_base
from onboarding_tool.checks.facts.written import Place, living, of_api, references
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo

RULE = "base-missing"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        if api.base is None:
            path = f"{api.folder}/base/kustomization.yaml"
            hint = "Write it, and list the files beside it under `resources:`."
            yield repo.finding(RULE, path, f"{api.name}: there is no {path}", hint)
        yield from _without_base(repo, api)


def _without_base(repo: Repo, api: Api) -> Iterator[Finding]:
    for source in of_api(api):
        named = references(source.kustomization)
        if source.place is Place.OVERLAY and not any(is_base(source, reference) for reference in named):
            message = (
                f"{api.name}: the overlay of {source.environment} does not list {BASE}, so nothing of the base runs"
            )
            hint = f"Add `- {BASE}` to its `resources:`."
            yield repo.finding(RULE, source.kustomization.path, message, hint, at=("resources",), key=True)

"""No object that an overlay renders to carries annotations or labels that steer Argo CD.

With them an object could be left out of what is compared, be deleted and made anew on each delivery, or stay behind
for good. The rule `argocd-annotation` judges what the files state; this one says what they do not show: what a patch
copies or moves there.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml
    patches:
      - target: {kind: Service, name: payments}
        patch: '[{op: copy, from: /spec/selector, path: /metadata/annotations}]'

Good:

    metadata:
      name: payments

Fix: take out what makes it. If the API cannot be delivered without it, ask the platform team.
"""

from collections.abc import Iterator, Sequence

from onboarding_tool.checks.argocd_annotation import steers
from onboarding_tool.checks.facts.rendered import fault, in_overlays, named
from onboarding_tool.checks.facts.stated import annotations, labels
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, mapping

RULE = "rendered-argocd-annotation"
SCOPE = Scope.API
NEEDS = RENDERED


def check(repo: Repo) -> Iterator[Finding]:
    def judge(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        found = [(item, field, name) for item in objects for field, name in _steering(item)]
        seen = _stated(repo, api, environment) if found else set()
        for item, field, name in found:
            if name not in seen:
                problem = f"the {field.rstrip('s')} {name!r} of {named(item)} steers Argo CD"
                hint = "Take out what makes it; how an API is delivered is generated from metadata.yaml."
                yield fault(api, environment, item, ("metadata", field), problem, hint)

    yield from in_overlays(repo, RULE, judge)


def _steering(item: Object) -> Iterator[tuple[str, str]]:
    for field in ("annotations", "labels"):
        for name in mapping(item.get("metadata", field)):
            if steers(str(name)):
                yield field, str(name)


def _stated(repo: Repo, api: Api, environment: str) -> set[str]:
    both = [part for part in (api.base, api.overlays.get(environment)) if part]
    return {one.name for part in both for stated in (annotations, labels) for one in stated(repo, part)}

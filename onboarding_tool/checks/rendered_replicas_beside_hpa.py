"""A Deployment that a HorizontalPodAutoscaler scales comes out without `replicas`, whatever patches do.

Both would set the number of pods: each delivery takes back what the autoscaler has just added. The rule
`replicas-beside-hpa` judges what the files write; this one says what a patch or a component adds.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml, and base/hpa.yaml scales the Deployment `payments`
    patches:
      - target: {kind: Deployment, name: payments}
        patch: '[{op: add, path: /spec/replicas, value: 5}]'

Good:

    patches:
      - target: {kind: HorizontalPodAutoscaler, name: payments}
        patch: '[{op: replace, path: /spec/minReplicas, value: 5}]'

Fix: take `replicas` out of the patch and set the autoscaler's `minReplicas` instead.
"""

from collections.abc import Iterable, Iterator, Sequence

from onboarding_tool import slots
from onboarding_tool.checks.facts.rendered import fault, in_delivered
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, text

RULE = "rendered-replicas-beside-hpa"
SCOPE = Scope.API
NEEDS = RENDERED

TARGET = ("spec", "scaleTargetRef")


def check(repo: Repo) -> Iterator[Finding]:
    yield from in_delivered(repo, RULE, _both)


def _both(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
    known = {item.name for item, _ in _scaled_twice(slots.manifests(api, environment))}
    for item, scaler in _scaled_twice(objects):
        if item.name not in known:
            count = item.get("spec", "replicas")
            problem = f"the Deployment {item.name!r} comes out with `replicas: {count}`, and {scaler!r} scales it"
            hint = "Take `replicas` out of the patch, and set `minReplicas` of the HorizontalPodAutoscaler."
            yield fault(api, environment, item, ("spec", "replicas"), problem, hint)


def _scaled_twice(objects: Iterable[Object]) -> Iterator[tuple[Object, str]]:
    """Every Deployment with `replicas` that an autoscaler scales, and the autoscaler's name."""
    found = list(objects)
    scalers = [item for item in found if item.kind == "HorizontalPodAutoscaler"]
    scaled = {
        text(item.get(*TARGET, "name")): item.name for item in scalers if item.get(*TARGET, "kind") == "Deployment"
    }
    for item in found:
        if item.kind == "Deployment" and item.name in scaled and item.get("spec", "replicas") is not None:
            yield item, scaled[item.name]

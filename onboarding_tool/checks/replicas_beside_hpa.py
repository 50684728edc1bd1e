"""A Deployment that a HorizontalPodAutoscaler scales says no `replicas`.

Both would set the number of pods. Each time the API is delivered, the Deployment's number takes back what the
autoscaler has just added, in the middle of the traffic that it was added for.

Bad:

    # apps/payments/base/deployment.yaml, and hpa.yaml has `scaleTargetRef: {kind: Deployment, name: payments}`
    spec:
      replicas: 3

Good:

    # apps/payments/base/hpa.yaml
    spec:
      minReplicas: 3

Fix: delete `spec.replicas` from the Deployment and set the autoscaler's `minReplicas` instead.
"""

from collections.abc import Iterator

from onboarding_tool import slots
from onboarding_tool.checks.facts.written import Fault, faults
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo, text

RULE = "replicas-beside-hpa"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from faults(repo, RULE, _both)


def _both(api: Api, environment: str) -> Iterator[Fault]:
    manifests = slots.manifests(api, environment)
    scaled = {
        text(item.get("spec", "scaleTargetRef", "name")): item
        for item in manifests
        if item.kind == "HorizontalPodAutoscaler" and item.get("spec", "scaleTargetRef", "kind") == "Deployment"
    }
    for item in manifests:
        if item.kind == "Deployment" and item.name in scaled and item.get("spec", "replicas") is not None:
            scaler = scaled[item.name]
            problem = (
                f"the Deployment {item.name!r} has `replicas: {item.get('spec', 'replicas')}`, "
                f"and the HorizontalPodAutoscaler {scaler.name!r} scales it"
            )
            hint = f"Delete `replicas`, and set `minReplicas` in {scaler.path}."
            yield Fault(item.path, (*item.at, "spec", "replicas"), problem, hint, item.document)

"""Each autoscaler and each disruption budget that is delivered is about pods that are delivered.

A HorizontalPodAutoscaler whose Deployment is not there scales nothing; a PodDisruptionBudget whose selector means no
pods protects nothing when nodes are drained. Both say so only in their status. An autoscaler that is wrong in the
files already is left to the rule `hpa-target-missing`.

Bad:

    # apps/payments/base/pdb.yaml, while the pods are labelled `app: payments`
    kind: PodDisruptionBudget
    spec:
      selector: {matchLabels: {app: payment}}

Good:

    spec:
      selector: {matchLabels: {app: payments}}

Fix: correct the `scaleTargetRef` or the selector, or delete the object.
"""

from collections.abc import Iterable, Iterator, Sequence

from onboarding_tool.checks import hpa_target_missing
from onboarding_tool.checks.facts.rendered import fault, in_delivered, is_said
from onboarding_tool.checks.facts.selectors import pod_labels, selects
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, mapping, text
from onboarding_tool.wording import did_you_mean

RULE = "autoscaler-without-target"
SCOPE = Scope.API
NEEDS = RENDERED

TARGET = ("spec", "scaleTargetRef")


def check(repo: Repo) -> Iterator[Finding]:
    def judge(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        lost = list(_lost_autoscalers(api, environment, objects))
        if lost and not is_said(repo, api, hpa_target_missing):
            yield from lost
        yield from _lost_budgets(api, environment, objects)

    yield from in_delivered(repo, RULE, judge)


def _lost_autoscalers(api: Api, environment: str, objects: Iterable[Object]) -> Iterator[Fault]:
    deployments = [item.name for item in objects if item.kind == "Deployment"]
    for item in objects:
        kind, name = text(item.get(*TARGET, "kind")), text(item.get(*TARGET, "name"))
        if item.kind == "HorizontalPodAutoscaler" and (kind != "Deployment" or name not in deployments):
            problem = f"{item.name!r} scales the {kind or 'object'} {name!r}, which does not come out"
            hint = did_you_mean(name, deployments, "Name a Deployment that comes out, or delete the autoscaler.")
            yield fault(api, environment, item, (*TARGET, "name"), problem, hint)


def _lost_budgets(api: Api, environment: str, objects: Iterable[Object]) -> Iterator[Fault]:
    pods = [labels for item in objects if (labels := pod_labels(item)) is not None]
    for item in objects:
        selector = mapping(item.get("spec", "selector"))
        if item.kind == "PodDisruptionBudget" and not any(selects(selector, labels) for labels in pods):
            problem = f"the PodDisruptionBudget {item.name!r} selects no pod of this API"
            hint = "Write the labels of the Deployment's pod template into its selector, or delete it."
            yield fault(api, environment, item, ("spec", "selector"), problem, hint)

"""Each HorizontalPodAutoscaler scales a Deployment that is there.

One that names no existing Deployment scales nothing, and says so only in its status: the API stays at one pod under
any load.

Bad:

    # apps/payments/base/hpa.yaml, while the Deployment is called `payments`
    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: payment}

Good:

    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: payments}

Fix: correct `kind` and `name` of the `scaleTargetRef`, or delete the HorizontalPodAutoscaler.
"""

from collections.abc import Iterator

from onboarding_tool import slots
from onboarding_tool.checks.facts.written import Fault, absences
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo, text
from onboarding_tool.wording import did_you_mean

RULE = "hpa-target-missing"
SCOPE = Scope.API
NEEDS = NOTHING

TARGET = ("spec", "scaleTargetRef")


def check(repo: Repo) -> Iterator[Finding]:
    yield from absences(repo, RULE, _without_target)


def _without_target(api: Api, environment: str) -> Iterator[Fault]:
    manifests = slots.manifests(api, environment)
    deployments = [item.name for item in manifests if item.kind == "Deployment"]
    for item in manifests:
        kind, name = text(item.get(*TARGET, "kind")), text(item.get(*TARGET, "name"))
        if item.kind == "HorizontalPodAutoscaler" and (kind != "Deployment" or name not in deployments):
            problem = f"{item.name!r} scales the {kind or 'object'} {name!r}, which is not there"
            hint = did_you_mean(name, deployments, "Name a Deployment of this API, or delete the autoscaler.")
            wrong = "name" if kind == "Deployment" else "kind"
            yield Fault(item.path, (*item.at, *TARGET, wrong), problem, hint, item.document)

"""Each workload that metadata.yaml declares is a Deployment among the manifests, in every environment.

Release requests name a Deployment. One that is declared and does not exist cannot be released, and a mistyped name
hides the one that is meant.

Bad:

    # apps/payments/metadata.yaml
    workloads:
      - deployment: payment-api

    # apps/payments/base/deployment.yaml
    kind: Deployment
    metadata:
      name: payments

Good:

    workloads:
      - deployment: payments

Fix: correct the name in metadata.yaml, or add the Deployment to base/ and list its file in base/kustomization.yaml.
"""

from collections.abc import Iterator

from onboarding_tool import slots
from onboarding_tool.checks.facts.written import Fault, absences
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo
from onboarding_tool.wording import did_you_mean

RULE = "deployment-missing"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from absences(repo, RULE, _missing)


def _missing(api: Api, environment: str) -> Iterator[Fault]:
    present = [item.name for item in slots.manifests(api, environment) if item.kind == "Deployment"]
    for index, workload in enumerate(api.workloads):
        if workload.deployment and workload.deployment not in present:
            problem = f"there is no Deployment {workload.deployment!r} among the manifests"
            hint = did_you_mean(
                workload.deployment, present, "Correct the name, or add the Deployment to base/ and list its file."
            )
            yield Fault(api.path, ("workloads", index, "deployment"), problem, hint)

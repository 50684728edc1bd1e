"""Each Deployment among the manifests is a workload that metadata.yaml declares.

Nothing undeclared runs: what is not declared has no image that anyone approved, no release requests, and no record
of which version was live when.

Bad:

    # apps/payments/base/worker.yaml, while metadata.yaml declares `deployment: payments` only
    kind: Deployment
    metadata:
      name: payments-worker

Good:

    # apps/payments/metadata.yaml
    workloads:
      - deployment: payments
        containers:
          - {name: app, image: europe-docker.pkg.dev/acme/payments/app}
      - deployment: payments-worker
        containers:
          - {name: worker, image: europe-docker.pkg.dev/acme/payments/worker}

Fix: declare the Deployment with all its containers under `workloads:` of metadata.yaml, or delete it.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living, objects
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.wording import did_you_mean

RULE = "deployment-undeclared"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        declared = [workload.deployment for workload in api.workloads]
        for item in objects(api):
            if item.kind == "Deployment" and item.name and declared and item.name not in declared:
                message = f"{api.name}: {api.path} declares no workload {item.name!r}, so this Deployment must not run"
                hint = did_you_mean(item.name, declared, "Declare it in `workloads:` of metadata.yaml, or delete it.")
                at = (*item.at, "metadata", "name")
                yield repo.finding(RULE, item.path, message, hint, at=at, document=item.document)

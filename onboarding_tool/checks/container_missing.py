"""Each container that metadata.yaml declares is in its Deployment, in every environment.

Release requests name a container. One that is declared and does not exist cannot be released, and a mistyped name
hides the one that is meant.

Bad:

    # apps/payments/metadata.yaml, while the Deployment's container is called `app`
    workloads:
      - deployment: payments
        containers:
          - {name: application, image: europe-docker.pkg.dev/acme/payments/app}

Good:

    workloads:
      - deployment: payments
        containers:
          - {name: app, image: europe-docker.pkg.dev/acme/payments/app}

Fix: correct the name in metadata.yaml, or add the container to the Deployment. Init containers count; containers
that the platform's components add are not declared.
"""

from collections.abc import Iterator

from onboarding_tool import slots
from onboarding_tool.checks.facts.written import Fault, absences
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo, text
from onboarding_tool.wording import did_you_mean

RULE = "container-missing"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from absences(repo, RULE, _missing)


def _missing(api: Api, environment: str) -> Iterator[Fault]:
    deployments = {item.name: item for item in slots.manifests(api, environment) if item.kind == "Deployment"}
    for index, workload in enumerate(api.workloads):
        if workload.deployment not in deployments:
            continue  # the rule deployment-missing speaks of it
        present = [text(value.get("name")) for _, value in deployments[workload.deployment].containers()]
        for number, container in enumerate(workload.containers):
            if container.name and container.name not in present:
                problem = f"the Deployment {workload.deployment!r} has no container {container.name!r}"
                way_out = "Correct the name, or add the container to the Deployment."
                hint = did_you_mean(container.name, present, way_out)
                yield Fault(api.path, ("workloads", index, "containers", number, "name"), problem, hint)

"""Every object that is delivered is one that the cluster's version of Kubernetes accepts as it stands.

A misspelt field is dropped in silence or stops the whole delivery, depending on who applies it; a number where text
belongs is refused. It is judged by `kubernetes` of platform.yaml, on what kustomize renders: ConfigMap, Deployment,
HorizontalPodAutoscaler, Ingress, PersistentVolumeClaim, PodDisruptionBudget, Service and ServiceAccount. Objects of
other kinds, such as ExternalSecret, are not Kubernetes' own and are not judged.

Bad:

    # apps/payments/base/deployment.yaml
    spec:
      replica: 2
      template:
        spec:
          containers:
            - name: app
              env:
                - {name: PORT, value: 8080}

Good:

    spec:
      replicas: 2
      template:
        spec:
          containers:
            - name: app
              env:
                - {name: PORT, value: "8080"}

Fix: correct the field that the finding names. Where a patch or a component writes it, correct it there.
"""

from collections.abc import Iterator, Sequence

from onboarding_tool import kubernetes_schema
from onboarding_tool.checks.facts.rendered import fault, in_delivered, named
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import POLICY, RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import PLATFORM_FILE, Api, Object, Repo
from onboarding_tool.wording import listed
from onboarding_tool.yamltext import Path

RULE = "object-invalid"
SCOPE = Scope.API
NEEDS = POLICY | RENDERED


def check(repo: Repo) -> Iterator[Finding]:
    version = repo.platform.kubernetes
    if version not in kubernetes_schema.versions():
        known = listed(kubernetes_schema.versions())
        message = f"objects cannot be judged by Kubernetes {version!r}: this tool knows {known}"
        hint = "Write the version of the clusters, as major.minor in quotes; a newer one needs a newer tool."
        yield repo.finding(RULE, PLATFORM_FILE, message, hint, at=("kubernetes",))
        return
    schemas = kubernetes_schema.schemas(version)

    def judge(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        for item in objects:
            for misfit in kubernetes_schema.misfits(item.value, schemas):
                problem = f"{_place(item, misfit.at)} {misfit.problem} (Kubernetes {version})"
                yield fault(api, environment, item, misfit.at, problem, misfit.hint)

    yield from in_delivered(repo, RULE, judge)


def _place(item: Object, at: Path) -> str:
    """`spec.containers[0].env of Deployment 'payments'`."""
    keys = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at).removeprefix(".")
    return f"`{keys}` of {named(item)}" if keys else named(item)

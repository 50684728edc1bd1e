"""Every object that is delivered is one that the cluster accepts as it stands.

A misspelt field is dropped in silence or stops the whole delivery, depending on who applies it; a number where text
belongs is refused. What kustomize renders is judged:

- Kubernetes' own kinds that an API may have or that are generated, by `kubernetes` of platform.yaml: ConfigMap,
  Deployment, HorizontalPodAutoscaler, Ingress, LimitRange, Namespace, NetworkPolicy, PersistentVolumeClaim,
  PodDisruptionBudget, ResourceQuota, Service and ServiceAccount;
- Argo CD's Application, ApplicationSet and AppProject;
- Gateway API's Gateway, GatewayClass, HTTPRoute, GRPCRoute and ReferenceGrant.

The finding says which version of them it speaks of. Objects of other kinds, such as ExternalSecret, are not judged.

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
from onboarding_tool.checks.facts.objects import problem
from onboarding_tool.checks.facts.rendered import added, fault, identity, in_delivered, written
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import POLICY, RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.kubernetes_judge import Misfit
from onboarding_tool.model import PLATFORM_FILE, Api, Object, Repo
from onboarding_tool.wording import listed

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
                yield _fault(repo, api, environment, item, misfit, problem(item, misfit, schemas))

    yield from in_delivered(repo, RULE, judge)


def _fault(repo: Repo, api: Api, environment: str, item: Object, misfit: Misfit, message: str) -> Fault:
    """Shown where the API's own files write the object, else the platform's; else at the overlay."""
    source = None if identity(item) in written(api, environment) else added(repo, api, environment).get(identity(item))
    if source is None:
        return fault(api, environment, item, misfit.at, message, misfit.hint)
    return Fault(source.path, (*source.at, *misfit.at), message, misfit.hint, source.document)

"""An API consists of kinds of objects that an API may have, and of no others.

Allowed are Deployment, Service, Ingress, HorizontalPodAutoscaler, PodDisruptionBudget, ConfigMap, ServiceAccount,
PersistentVolumeClaim, ExternalSecret, ServiceMonitor, PodMonitor, BackendConfig, FrontendConfig and
ManagedCertificate. Every other kind either runs programs that nobody declared, or reaches beyond the API: to
rights, to the cluster, to other APIs.

Bad:

    # apps/payments/base/job.yaml
    apiVersion: batch/v1
    kind: CronJob

    # apps/payments/base/rights.yaml
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding

Good:

    apiVersion: apps/v1
    kind: Deployment

Fix: do what the hint of the finding says for the kind; what an API needs beyond these kinds the platform team
provides.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living, objects
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.kinds import TENANT_KINDS
from onboarding_tool.model import Object, Repo
from onboarding_tool.wording import did_you_mean

RULE = "kind-forbidden"
SCOPE = Scope.API
NEEDS = NOTHING

UNKEPT = "Nothing brings it back when its node goes. Write a Deployment."
UNDECLARED = (
    "It runs what no workload of metadata.yaml can declare, and no release request can move its image. "
    "Write a Deployment, or ask the platform team."
)
PLATFORMS = "The platform generates it for the namespace. Ask the platform team to change what is generated."
RIGHTS = "Rights are given by the platform team. Ask it for what the API needs."
CLUSTER = "It concerns the whole cluster and not one API. Ask the platform team."
DELIVERY = "It steers how Argo CD delivers, which is generated from metadata.yaml."
ROUTES = "Routes are generated: declare them under `routes:` of metadata.yaml."
GENERATED_BY_CLUSTER = "The cluster makes it by itself. Delete the file."

REASONS = {
    "Pod": UNKEPT,
    "ReplicaSet": "A Deployment makes its own. Write a Deployment.",
    "ReplicationController": UNKEPT,
    **dict.fromkeys(("StatefulSet", "DaemonSet", "Job", "CronJob"), UNDECLARED),
    **dict.fromkeys(("Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy"), PLATFORMS),
    **dict.fromkeys(("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"), RIGHTS),
    **dict.fromkeys(("Application", "ApplicationSet", "AppProject"), DELIVERY),
    **dict.fromkeys(("HTTPRoute", "GRPCRoute", "Gateway", "IngressRoute", "VirtualService"), ROUTES),
    **dict.fromkeys(("Endpoints", "EndpointSlice", "Event", "ControllerRevision"), GENERATED_BY_CLUSTER),
    **dict.fromkeys(
        (
            "APIService",
            "CustomResourceDefinition",
            "IngressClass",
            "MutatingAdmissionPolicy",
            "MutatingWebhookConfiguration",
            "Node",
            "PersistentVolume",
            "PriorityClass",
            "RuntimeClass",
            "StorageClass",
            "ValidatingAdmissionPolicy",
            "ValidatingWebhookConfiguration",
        ),
        CLUSTER,
    ),
    "Secret": "Name it in an ExternalSecret, or have the platform team create it in the cluster.",
    "SealedSecret": "Name the secret in an ExternalSecret.",
}


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for item in objects(api):
            if item.kind and item.value.get("apiVersion") and not _is_allowed(item):
                message = f"{api.name}: an API may not have a {_named(item)}: {item.name!r}"
                at = (*item.at, "kind")
                yield repo.finding(RULE, item.path, message, _hint(item), at=at, document=item.document)


def _is_allowed(item: Object) -> bool:
    """A Secret with data is judged by `secret-in-plaintext`, whose way out is another."""
    is_told = item.kind == "Secret" and (item.get("data") or item.get("stringData"))
    return (item.group, item.kind) in TENANT_KINDS or bool(is_told)


def _named(item: Object) -> str:
    return f"{item.kind} of {item.group}" if item.group else item.kind


def _hint(item: Object) -> str:
    groups = [group for group, kind in TENANT_KINDS if kind == item.kind]
    if groups:
        return (
            f"A {item.kind} is allowed with `apiVersion: {groups[0]}/...`." if groups[0] else "Write `apiVersion: v1`."
        )
    if item.kind in REASONS:
        return REASONS[item.kind]
    known = sorted(kind for _, kind in TENANT_KINDS)
    return did_you_mean(item.kind, known, f"Allowed are {', '.join(known)}. Ask the platform team for anything else.")

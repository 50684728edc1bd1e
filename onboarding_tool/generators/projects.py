"""AppProjects: what a tenant's Applications, and the platform's own, may deploy and where."""

from collections.abc import Iterable
from functools import cache

from onboarding_tool.generators.layout import block, scalar
from onboarding_tool.kinds import PROJECT_KINDS
from onboarding_tool.model import Api, Environment, Platform
from onboarding_tool.yamltext import Flow

MANAGED_BY = "app.kubernetes.io/managed-by: onboarding-tool"
IN_CLUSTER = "in-cluster"  # Argo CD's own name for the cluster it runs in
# Nothing dies by accident: a deleted file, an empty or a broken folder deletes nothing that runs.
PROTECTED = "argocd.argoproj.io/sync-options: Prune=false,Delete=false"
PLATFORM_CLUSTER_KINDS = (("", "Namespace"),)
PLATFORM_KINDS = (
    ("argoproj.io", "Application"),
    ("argoproj.io", "AppProject"),
    ("", "ResourceQuota"),
    ("", "LimitRange"),
    ("networking.k8s.io", "NetworkPolicy"),
)


def tenant_name(environment: Environment, tenant: str) -> str:
    return f"{tenant}-{environment.name}"


def platform_name(environment: Environment) -> str:
    return f"onboarding-{environment.name}"


def of_tenant(platform: Platform, environment: Environment, tenant: str, apis: Iterable[Api]) -> str:
    """Removed APIs count too: their finalizer deletes only what the project still permits."""
    namespaces = sorted({api.environments[environment.name].namespace for api in apis})
    return _project(
        platform,
        tenant_name(environment, tenant),
        f"The APIs of {tenant} in {environment.name}",
        [(environment.cluster, namespace) for namespace in namespaces],
        f"  clusterResourceWhitelist: []\n  namespaceResourceWhitelist:\n{_tenant_kinds()}",
    )


def of_platform(platform: Platform, environment: Environment) -> str:
    return _project(
        platform,
        platform_name(environment),
        f"What the platform itself deploys for {environment.name}",
        [(IN_CLUSTER, platform.argocd_namespace), (environment.cluster, "*")],
        f"  clusterResourceWhitelist:\n{_kinds(PLATFORM_CLUSTER_KINDS)}\n"
        f"  namespaceResourceWhitelist:\n{_kinds(PLATFORM_KINDS)}",
    )


def _project(
    platform: Platform, name: str, description: str, destinations: list[tuple[str, str]], whitelists: str
) -> str:
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: {scalar(name)}
  namespace: {scalar(platform.argocd_namespace)}
  labels:
    {MANAGED_BY}
  annotations:
    {PROTECTED}
spec:
  description: {scalar(description)}
  sourceRepos:
    - {scalar(platform.repository)}
{_destinations(destinations)}
{whitelists}
"""


def _destinations(places: list[tuple[str, str]]) -> str:
    if not places:
        return "  destinations: []"
    items = (f"    - name: {scalar(cluster)}\n      namespace: {scalar(namespace)}" for cluster, namespace in places)
    return "\n".join(("  destinations:", *items))


@cache
def _tenant_kinds() -> str:
    return _kinds(PROJECT_KINDS)


def _kinds(kinds: Iterable[tuple[str, str]]) -> str:
    return block([Flow({"group": group, "kind": kind}) for group, kind in kinds], 4)

"""Applications: one for each API, and above them the parents that read what is generated.

A parent is named after what it reads: onboarding-<env> reads the tenants, tenant-<tenant>-<env> the Applications of a
tenant, namespaces-<tenant>-<env> its namespaces. So no parent grows past one tenant.
"""

from dataclasses import dataclass

from onboarding_tool.generators import projects
from onboarding_tool.generators.layout import (
    METADATA,
    Tenants,
    Texts,
    app_folder,
    applications_folder,
    block,
    header,
    is_delivered,
    keep,
    namespaces_folder,
    root_file,
    scalar,
    tenants_folder,
)
from onboarding_tool.model import PLATFORM_FILE, TEAMS_FILE, Api, Environment, Lifecycle, Platform

PARENTS_REVISION = "refs/heads/main"
FINALIZER = "resources-finalizer.argocd.argoproj.io"
SYNC_OPTIONS = ("ServerSideApply=true", "ApplyOutOfSyncOnly=true", "PruneLast=true", "FailOnSharedResource=true")
HISTORY = 5  # of the default 10: at thousands of Applications the rest only fills etcd


@dataclass(frozen=True, slots=True)
class Parent:
    """An Application of the platform's. `namespace` is empty where every object names its own."""

    name: str
    path: str
    cluster: str
    namespace: str = ""
    allow_empty: bool = False


def files(platform: Platform, environment: Environment, tenants: Tenants) -> Texts:
    """The root, a file for each tenant, a file for each API that Argo CD delivers."""
    yield root_file(environment.name), _root(platform, environment)
    if not tenants:
        yield keep(tenants_folder(environment.name))
    policy = _sync_policy(platform, environment)
    for tenant, apis in tenants.items():
        folder = applications_folder(environment.name, tenant)
        delivered = [api for api in apis if is_delivered(api)]
        yield f"{tenants_folder(environment.name)}/{tenant}.yaml", _tenant(platform, environment, tenant, apis)
        if not delivered:
            yield keep(folder)
        for api in delivered:
            yield f"{folder}/{api.name}.yaml", _application(platform, environment, api, policy)


def _root(platform: Platform, environment: Environment) -> str:
    path = root_file(environment.name)
    parent = Parent(
        projects.platform_name(environment),
        tenants_folder(environment.name),
        projects.IN_CLUSTER,
        platform.argocd_namespace,
    )
    return (
        header(PLATFORM_FILE)
        + f"# Applied once by hand, in the cluster where Argo CD runs: kubectl apply -f {path}\n"
        + projects.of_platform(platform, environment)
        + "---\n"
        + _parent(platform, environment, parent)
    )


def _tenant(platform: Platform, environment: Environment, tenant: str, apis: tuple[Api, ...]) -> str:
    place = f"{tenant}-{environment.name}"
    children = Parent(
        f"tenant-{place}",
        applications_folder(environment.name, tenant),
        projects.IN_CLUSTER,
        platform.argocd_namespace,
        # Its children are protected one by one, and only a retiring API gives its protection up. Without this Argo CD
        # refuses the sync that prunes a tenant's last one: "auto-sync will wipe out all resources".
        allow_empty=True,
    )
    homes = Parent(f"namespaces-{place}", namespaces_folder(environment.name, tenant), environment.cluster)
    return (
        header(PLATFORM_FILE, TEAMS_FILE, METADATA)
        + projects.of_tenant(platform, environment, tenant, apis)
        + "---\n"
        + _parent(platform, environment, children)
        + "---\n"
        + _parent(platform, environment, homes)
    )


def _parent(platform: Platform, environment: Environment, parent: Parent) -> str:
    """No `directory` block: Argo CD drops the default `{recurse: false}`, and the parent would stay OutOfSync."""
    namespace = f"\n    namespace: {scalar(parent.namespace)}" if parent.namespace else ""
    allow_empty = "\n      allowEmpty: true" if parent.allow_empty else ""
    return f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {scalar(parent.name)}
  namespace: {scalar(platform.argocd_namespace)}
  labels:
    {projects.MANAGED_BY}
  annotations:
    {projects.PROTECTED}
spec:
  project: {scalar(projects.platform_name(environment))}
  source:
    repoURL: {scalar(platform.repository)}
    targetRevision: {PARENTS_REVISION}
    path: {scalar(parent.path)}
  destination:
    name: {scalar(parent.cluster)}{namespace}
  syncPolicy:
    automated:
      prune: true
      selfHeal: true{allow_empty}
{_retry(platform)}
"""


def _application(platform: Platform, environment: Environment, api: Api, policy: str) -> str:
    """No kustomize options in the source: with any of them Argo CD renders one API of the repository at a time."""
    return f"""\
{header(PLATFORM_FILE, api.path)}apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: {scalar(f"{api.name}-{environment.name}")}
  namespace: {scalar(platform.argocd_namespace)}
  labels:
    {projects.MANAGED_BY}
    {scalar(platform.ownership_label)}: {scalar(api.name)}
  annotations:
    argocd.argoproj.io/manifest-generate-paths: {scalar(_generate_paths(platform, environment, api))}
{_end_of_life(api)}
spec:
  project: {scalar(projects.tenant_name(environment, api.tenant))}
  source:
    repoURL: {scalar(platform.repository)}
    targetRevision: {scalar(environment.revision)}
    path: {scalar(app_folder(environment.name, api.name))}
  destination:
    name: {scalar(environment.cluster)}
    namespace: {scalar(api.environments[environment.name].namespace)}
{policy}
  revisionHistoryLimit: {HISTORY}
"""


def _generate_paths(platform: Platform, environment: Environment, api: Api) -> str:
    """Every folder that can change the render. A missing one is a release that never arrives, and a space hides one."""
    folders = (api.overlay_folder(environment.name), f"{api.folder}/base", *_components(platform))
    return ";".join((".", *(f"/{folder}" for folder in folders)))


def _components(platform: Platform) -> list[str]:
    return [f"components/{name}" for name in platform.components]


def _end_of_life(api: Api) -> str:
    """What becomes of the workload when the Application's file goes: nothing, unless the API is retiring."""
    if api.lifecycle is Lifecycle.RETIRING:
        return f"  finalizers:\n    - {FINALIZER}"
    return f"    {projects.PROTECTED}"


def _sync_policy(platform: Platform, environment: Environment) -> str:
    automated = {"automated": {"prune": True, "selfHeal": True, "allowEmpty": False}}
    policy = {**(automated if environment.sync == "auto" else {}), "syncOptions": SYNC_OPTIONS}
    return "  syncPolicy:\n" + block(policy, 4) + "\n" + _retry(platform)


def _retry(platform: Platform) -> str:
    """Children may come before their namespace or project for a moment; `refresh` lets a retry see a mending commit."""
    retry: dict[str, object] = {"limit": 5, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}}
    if _minor(platform.argocd_version) >= (3, 2):
        retry["refresh"] = True
    return block({"retry": retry}, 4)


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))

"""A request applied and pushed: one Application of forty renders again, its image runs, and nothing else changes."""

import pytest

from tests.cluster import config_repo
from tests.cluster.argocd import Render
from tests.cluster.client import Cluster, Object
from tests.cluster.conditions import available, delivered, synced_at
from tests.cluster.config_repo import ENVIRONMENT, TEAM, ConfigRepo, image
from tests.cluster.delivery import BEGIN_SECONDS, application
from tests.support import cli

# Four tenants, so that no parent has to compare all forty again whenever one of them changes.
TENANTS = tuple(f"customer-{letter}" for letter in "abcd")
APIS = {f"api-{number:02}": TENANTS[number % 4] for number in range(40)}
RELEASED = "api-17"
WORKLOADS = (
    *("Deployment", "ReplicaSet", "Pod", "Service", "EndpointSlice", "Ingress"),
    *("HorizontalPodAutoscaler", "PodDisruptionBudget", "ConfigMap"),
)
# By kind and name: the uid, and all that an object says but its metadata and status.
State = dict[tuple[str, str], tuple[str, Object]]


@pytest.fixture
def homes(namespace: str) -> dict[str, str]:
    """The namespace of each API: one for each tenant, so that none of them reaches its quota."""
    return {name: f"{tenant}-{namespace[-6:]}" for name, tenant in APIS.items()}


@pytest.fixture
def fleet(tmp_path, remote, argocd, cluster, homes) -> ConfigRepo:
    """Forty APIs, delivered; the commands run in this process, which saves forty starts."""
    made = config_repo.make(tmp_path / "config", remote, cli.onboard, cluster)
    for tenant in TENANTS[1:]:
        made.onboard("team", "add", TEAM, "--tenant", tenant)
    for name, home in homes.items():
        made.add(name, home, tenant=APIS[name])
        if name != RELEASED:
            # Forty HPAs that the cluster looks at every second cost a third of the test's time.
            made.edit(f"apps/{name}/base/kustomization.yaml", "  - hpa.yaml\n", "")
    commit = made.push("Forty APIs")
    config_repo.deliver(made, argocd, cluster)
    for name, home in homes.items():
        cluster.wait_until(scaled if name == RELEASED else available, "Deployment", name, home, BEGIN_SECONDS)
    # One that compared while the cluster was busy may be called OutOfSync until somebody asks again.
    config_repo.look_twice(made, argocd)
    for name in APIS:
        argocd.wait_until(synced_at(commit), application(name))
    return made


def scaled(deployment: Object) -> bool:
    """The HPA has raised it to its least number of pods, and they are ready."""
    return deployment["spec"]["replicas"] == 2 and available(deployment)


def state(cluster: Cluster, homes: dict[str, str]) -> State:
    return {
        (kind, item["metadata"]["name"]): (item["metadata"]["uid"], content(item))
        for home in sorted({*homes.values()})
        for kind in WORKLOADS
        for item in cluster.objects(kind, home)
    }


def content(item: Object) -> Object:
    return {key: value for key, value in item.items() if key not in ("metadata", "status")}


def changed(before: State, after: State) -> set[tuple[str, str]]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def test_a_release_renders_and_changes_its_own_api_alone(fleet, argocd, cluster, remote, homes):
    before, rendered = state(cluster, homes), argocd.renders(remote)
    assert {render.folder for render in rendered} == {f"generated/{ENVIRONMENT}/apps/{name}" for name in APIS}
    wanted = f"{image(RELEASED)}:v2.0.0"

    commit = fleet.release(RELEASED, "v2.0.0")
    argocd.refresh(application(RELEASED))
    argocd.wait_until(delivered(commit, wanted), application(RELEASED))
    cluster.wait_until(scaled, "Deployment", RELEASED, homes[RELEASED])
    config_repo.look_twice(fleet, argocd)
    for name in APIS:
        argocd.wait_until(synced_at(commit), application(name))

    assert argocd.renders(remote)[len(rendered) :] == [Render(commit, f"generated/{ENVIRONMENT}/apps/{RELEASED}")]
    pods = [pod for pod in cluster.objects("Pod", homes[RELEASED]) if pod["metadata"]["name"].startswith(RELEASED)]
    assert {found["image"] for pod in pods for found in pod["spec"]["containers"]} == {wanted}
    after = state(cluster, homes)
    moved = changed(before, after)
    assert {name for _, name in moved if not name.startswith(RELEASED)} == set()
    assert {kind for kind, _ in moved} == {"Deployment", "ReplicaSet", "Pod", "EndpointSlice"}
    # The same Deployment, rolled.
    assert after["Deployment", RELEASED][0] == before["Deployment", RELEASED][0]

"""From `onboard init` on: what is generated, its root applied once by hand, brings every API to its namespace."""

import re
from pathlib import Path

import pytest

from tests.cluster import config_repo
from tests.cluster.client import Cluster, Object
from tests.cluster.conditions import available, synced_at, there
from tests.cluster.config_repo import ENVIRONMENT, TENANT, ConfigRepo, image
from tests.support.imports import SERVICES

SCAFFOLDED = ("payments", "orders")
MANUAL = "prod"


@pytest.fixture
def boutique(published_manifests: Path) -> dict[str, Path]:
    return {name: published_manifests / "online-boutique" / f"{name}.yaml" for name in SERVICES}


@pytest.fixture
def homes(namespace: str) -> dict[str, str]:
    """The namespace of each API; none of them is there yet."""
    token = namespace[-6:]
    return {name: f"{name}-{token}" for name in SCAFFOLDED} | dict.fromkeys(SERVICES, f"boutique-{token}")


@pytest.fixture
def manual_home(namespace: str) -> str:
    return f"ledger-{namespace[-6:]}"


@pytest.fixture
def repo(tmp_path, remote, onboard, cluster, homes, manual_home, boutique) -> ConfigRepo:
    """Two APIs scaffolded, eleven imported, and one in an environment that waits for somebody to press Sync."""
    made = config_repo.make(tmp_path / "config", remote, onboard, cluster, (ENVIRONMENT, MANUAL))
    manual = f"{MANUAL}:\n    cluster: {cluster.name}\n    sync: "
    made.edit("platform.yaml", f"{manual}auto", f"{manual}manual")
    for name in SCAFFOLDED:
        made.add(name, homes[name])
    for name in SERVICES:
        made.bring_in(name, boutique[name], homes[name], "--manage-namespaces")
    made.add("ledger", manual_home, environment=MANUAL)
    return made


def parents(environment: str) -> set[str]:
    return {f"{kind}-{environment}" for kind in ("onboarding", f"tenant-{TENANT}", f"namespaces-{TENANT}")}


def running(cluster: Cluster, namespace: str) -> set[str]:
    """The images of the pods in the namespace, once all its Deployments are available."""
    for deployment in cluster.objects("Deployment", namespace):
        cluster.wait_until(available, "Deployment", deployment["metadata"]["name"], namespace)
    pods = [pod["spec"] for pod in cluster.objects("Pod", namespace)]
    return {found["image"] for pod in pods for found in (*pod["containers"], *(pod.get("initContainers") or ()))}


def images_of(export: Path) -> set[str]:
    return set(re.findall(r"^ +image: (\S+)$", export.read_text(encoding="utf-8"), re.MULTILINE))


def assert_bounded(cluster: Cluster, namespace: str) -> None:
    """As `manage: full` says: quota, default requests, NetworkPolicy."""
    quota = cluster.get("ResourceQuota", "onboarding-quota", namespace)
    assert quota is not None
    assert quota["spec"]["hard"] == {"requests.cpu": "4", "requests.memory": "8Gi", "pods": "40"}
    assert cluster.get("LimitRange", "onboarding-limits", namespace) is not None
    policy = cluster.get("NetworkPolicy", "onboarding-ingress", namespace)
    assert policy is not None
    assert policy["spec"]["policyTypes"] == ["Ingress"]


def test_the_root_applied_once_brings_every_api_to_its_namespace(repo, argocd, cluster, homes, manual_home, boutique):
    commit = repo.push("Fourteen APIs")
    repo.onboard("check", "--strict")
    for environment in (ENVIRONMENT, MANUAL):
        config_repo.deliver(repo, argocd, cluster, environment)

    delivered = {f"{name}-{ENVIRONMENT}" for name in homes} | parents(ENVIRONMENT) | parents(MANUAL)
    waiting = f"ledger-{MANUAL}"
    for name in sorted(delivered):
        argocd.wait_until(synced_at(commit), name, within=300)
    argocd.wait_until(there, waiting)
    applications = config_repo.look_twice(repo, argocd)
    assert set(applications) == delivered | {waiting}
    for name in delivered:
        assert_in_sync(applications[name], commit)
    assert applications[waiting]["status"]["sync"]["status"] == "OutOfSync"

    for name in SCAFFOLDED:
        assert running(cluster, homes[name]) == {f"{image(name)}:v1.0.0"}
    assert running(cluster, homes["frontend"]) == set().union(*map(images_of, boutique.values()))
    assert running(cluster, manual_home) == set()
    for home in {*homes.values(), manual_home}:
        assert_bounded(cluster, home)


def assert_in_sync(application: Object, commit: str) -> None:
    status = application["status"]
    assert synced_at(commit)(application), status
    assert {found["status"] for found in status["resources"]} == {"Synced"}

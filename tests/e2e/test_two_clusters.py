"""Two environments on two clusters, one Argo CD: each has its own, and what moves in one leaves the other alone."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.cluster import config_repo
from tests.cluster.argocd import Render
from tests.cluster.client import Cluster
from tests.cluster.conditions import delivered, synced_and_healthy, synced_at
from tests.cluster.config_repo import ENVIRONMENT, TENANT, image
from tests.cluster.delivery import Delivery, application, prepared

PROD = "prod"
IN_BOTH, IN_PROD = "payments", "ledger"
KINDS = (
    *("Deployment", "ReplicaSet", "Pod", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Ingress"),
    *("ResourceQuota", "LimitRange", "NetworkPolicy"),
)
OWNER = "platform/api-name"


@dataclass(frozen=True, slots=True)
class Clusters:
    delivery: Delivery
    prod: Cluster
    namespace: str  # of the same name in both clusters
    older: frozenset[str]  # namespaces that were there before; those of other tests take seconds to go


@pytest.fixture(scope="module")
def clusters(_argocd, cluster, _second_cluster, tmp_path_factory) -> Iterator[Clusters]:
    """One API in both environments, of another version in each; one in prod alone."""
    older = frozenset(item["metadata"]["name"] for it in (cluster, _second_cluster) for item in it.objects("Namespace"))
    with prepared(_argocd, cluster, tmp_path_factory.mktemp("repo"), (ENVIRONMENT, PROD)) as delivery:
        repo = delivery.repo
        known, ours = f"  {cluster.name}: {{context: {cluster.name}}}\n", _second_cluster.name
        repo.edit("platform.yaml", known, f"{known}  {ours}: {{context: {ours}}}\n")
        repo.edit("platform.yaml", f"{PROD}:\n    cluster: {cluster.name}\n", f"{PROD}:\n    cluster: {ours}\n")
        namespace = delivery.namespace(TENANT)
        repo.onboard(
            *("api", "add", IN_BOTH, "--tenant", TENANT, "--team", config_repo.TEAM, "--port", "8080"),
            *("--image", f"{image(IN_BOTH)}:v1.1.0", "--namespace", f"{ENVIRONMENT}={namespace}"),
            *("--namespace", f"{PROD}={namespace}"),
        )
        repo.onboard("bump", IN_BOTH, PROD, f"{image(IN_BOTH)}:v1.0.0")
        repo.add(IN_PROD, namespace, environment=PROD)
        _argocd.register(_second_cluster)
        delivery.begin()
        config_repo.deliver(repo, _argocd, cluster, PROD)
        for name in (application(IN_BOTH), in_prod(IN_BOTH), in_prod(IN_PROD)):
            _argocd.wait_until(synced_and_healthy, name, 180)
        yield Clusters(delivery, _second_cluster, namespace, older)
    _second_cluster.delete("Namespace", namespace)


def in_prod(api: str) -> str:
    return f"{api}-{PROD}"


def owned(cluster: Cluster, kind: str, older: frozenset[str]) -> set[tuple[str, str]]:
    """Namespace and name of what belongs to an API, wherever it lies in that cluster."""
    found = [item["metadata"] for item in cluster.objects(kind, labels=OWNER)]
    return {(item["namespace"], item["name"]) for item in found if item["namespace"] not in older}


def images(cluster: Cluster, namespace: str) -> set[str]:
    pods = cluster.objects("Pod", namespace)
    return {container["image"] for pod in pods for container in pod["spec"]["containers"]}


def state(cluster: Cluster, namespace: str) -> dict[tuple[str, str], tuple[str, object]]:
    """What an API, its platform and its cluster made in the namespace: uid, and what it asks for."""
    return {
        (kind, item["metadata"]["name"]): (item["metadata"]["uid"], item.get("spec"))
        for kind in KINDS
        for item in cluster.objects(kind, namespace)
    }


def test_each_api_is_in_its_own_cluster_and_only_there(clusters):
    staging, prod, home = clusters.delivery.cluster, clusters.prod, clusters.namespace
    for kind in ("Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"):
        assert owned(staging, kind, clusters.older) == {(home, IN_BOTH)}, kind
        assert owned(prod, kind, clusters.older) == {(home, IN_BOTH), (home, IN_PROD)}, kind
    assert images(staging, home) == {f"{image(IN_BOTH)}:v1.1.0"}
    assert images(prod, home) == {f"{image(IN_BOTH)}:v1.0.0", f"{image(IN_PROD)}:v1.0.0"}
    for cluster in (staging, prod):
        assert cluster.get("NetworkPolicy", "onboarding-ingress", home) is not None


def test_a_release_to_staging_leaves_prod_alone(clusters):
    delivery, wanted = clusters.delivery, f"{image(IN_BOTH)}:v2.0.0"
    delivery.settle()
    before = state(clusters.prod, clusters.namespace)
    rendered = len(delivery.argocd.renders(delivery.repo.remote))
    commit = delivery.repo.release(IN_BOTH, "v2.0.0")
    delivery.refresh()
    delivery.argocd.wait_until(delivered(commit, wanted), application(IN_BOTH))
    delivery.settle()
    # Prod's Applications have seen the commit, and found nothing in it.
    for api in (IN_BOTH, IN_PROD):
        delivery.argocd.wait_until(synced_at(commit), in_prod(api))
    assert state(clusters.prod, clusters.namespace) == before
    ours = Render(commit, f"generated/{ENVIRONMENT}/apps/{IN_BOTH}")
    assert delivery.argocd.renders(delivery.repo.remote)[rendered:] == [ours]
    assert images(clusters.prod, clusters.namespace) == {f"{image(IN_BOTH)}:v1.0.0", f"{image(IN_PROD)}:v1.0.0"}

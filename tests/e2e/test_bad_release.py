"""A bad change is seen as Degraded while the old pods go on serving, Argo CD leaves git alone, and git mends it."""

import json
from collections.abc import Iterator

import pytest

from tests.cluster.client import Condition, Object
from tests.cluster.conditions import delivered, ready, synced_at, waiting, with_health
from tests.cluster.config_repo import ENVIRONMENT, REGISTRY, TENANT, image
from tests.cluster.delivery import Delivery, application, prepared
from tests.support.git import git, write

# By API: how its next image is bad, and what Kubernetes says of it.
BAD = {"payments": "-never-ready", "orders": "-pull-error"}
COMPONENT = "components/rollouts/kustomization.yaml"
# Kubernetes' own default is 600 s: so long a rollout may make no progress before its Application is Degraded.
DEADLINE = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: Deployment}
    patch: |
      - {op: add, path: /spec/progressDeadlineSeconds, value: 5}
"""
SIDECAR = f"{{name: mesh, image: '{REGISTRY}/platform/mesh:v1-never-ready'}}"
WITH_SIDECAR = f"{DEADLINE}      - {{op: add, path: /spec/template/spec/containers/-, value: {SIDECAR}}}\n"


@pytest.fixture(scope="module")
def delivery(_argocd, cluster, tmp_path_factory) -> Iterator[Delivery]:
    """Two APIs; a component of the platform's gives their rollouts little time."""
    with prepared(_argocd, cluster, tmp_path_factory.mktemp("repo")) as made:
        write(made.repo.folder, {COMPONENT: DEADLINE})
        made.repo.edit("platform.yaml", "components: []", "components: [rollouts]")
        made.add(TENANT, *BAD)
        made.begin(*BAD)
        made.repo.onboard("check", "--strict")
        for api in BAD:
            made.cluster.wait_until(sending_to_two_pods_of(api), "EndpointSlice", namespace=made.namespaces[0])
        yield made


def sending_to_two_pods_of(api: str) -> Condition:
    """Two are what the HPA wants at least."""

    def check(found: Object) -> bool:
        return found["metadata"]["labels"]["kubernetes.io/service-name"] == api and len(receivers(found)) == 2

    check.__name__ = f"sending to two pods of {api}"
    return check


def receivers(endpoint_slice: Object) -> set[str]:
    endpoints = endpoint_slice.get("endpoints") or []
    return {endpoint["targetRef"]["uid"] for endpoint in endpoints if endpoint["conditions"]["ready"]}


def serving(delivery: Delivery, api: str) -> set[str]:
    """The pods that the API's Service sends traffic to."""
    slices = delivery.cluster.objects("EndpointSlice", delivery.namespaces[0], f"kubernetes.io/service-name={api}")
    return set().union(*map(receivers, slices))


def ready_pods(delivery: Delivery, api: str) -> set[str]:
    pods = delivery.cluster.objects("Pod", delivery.namespaces[0], f"app.kubernetes.io/name={api}")
    return {pod["metadata"]["uid"] for pod in pods if ready(pod)}


def refs(delivery: Delivery) -> str:
    return git(delivery.repo.folder, "ls-remote", str(delivery.repo.remote.bare))


def with_health_at(health: str, commit: str) -> Condition:
    """An Application that has synced this commit and whose objects have come so far."""

    def check(found: Object) -> bool:
        sync = found.get("status", {}).get("sync", {})
        is_ours = (sync.get("status"), sync.get("revision")) == ("Synced", commit)
        return is_ours and with_health(health)(found)

    check.__name__ = f"{health} at {commit[:8]}"
    return check


def last_record(delivery: Delivery, api: str) -> str:
    """The id of the API's last release."""
    shown = json.loads(delivery.repo.onboard("api", "show", api, "--format", "json").out)
    return str(shown["environments"][ENVIRONMENT]["last_release"]["id"])


@pytest.mark.parametrize(("api", "bad"), BAD.items())
def test_a_bad_image_is_degraded_and_the_old_pods_go_on_serving_until_a_rollback(delivery, api, bad):
    before = serving(delivery, api)
    assert len(before) == 2
    commit = delivery.repo.release(api, f"v2.0.0{bad}")
    pushed = refs(delivery)
    delivery.refresh()
    delivery.argocd.wait_until(with_health_at("Progressing", commit), application(api))
    delivery.argocd.wait_until(with_health_at("Degraded", commit), application(api))
    if bad == "-pull-error":
        delivery.cluster.wait_until(waiting("ImagePullBackOff"), "Pod", namespace=delivery.namespaces[0])
    delivery.settle()
    assert serving(delivery, api) == ready_pods(delivery, api) == before
    # Argo CD neither went back to what ran before, nor wrote to git.
    delivery.argocd.wait_until(with_health_at("Degraded", commit), application(api))
    assert refs(delivery) == pushed

    commit = delivery.repo.release(api, "v1.0.0", "--rollback-of", last_record(delivery, api))
    delivery.refresh()
    delivery.argocd.wait_until(delivered(commit, f"{image(api)}:v1.0.0"), application(api))
    assert serving(delivery, api) == ready_pods(delivery, api) == before


def test_a_bad_component_is_degraded_everywhere_and_a_git_revert_mends_it(delivery):
    before = {api: serving(delivery, api) for api in BAD}
    write(delivery.repo.folder, {COMPONENT: WITH_SIDECAR})
    commit = delivery.push("A sidecar for all")
    for api in BAD:
        delivery.argocd.wait_until(with_health_at("Degraded", commit), application(api))
    assert {api: serving(delivery, api) for api in BAD} == before
    commit = delivery.revert()
    for api in BAD:
        delivery.argocd.wait_until(synced_at(commit), application(api))
    assert {api: serving(delivery, api) for api in BAD} == before

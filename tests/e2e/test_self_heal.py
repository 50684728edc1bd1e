"""What is changed by hand in the cluster is undone; but the number of replicas is the HPA's."""

from collections.abc import Iterator

import pytest
import yaml

from tests.cluster.conditions import available, delivered, rescaled_to, synced_and_healthy
from tests.cluster.config_repo import ENVIRONMENT, TENANT, image
from tests.cluster.delivery import Delivery, application, prepared, with_sync

API = "payments"
ENV = """\
          image: europe-docker.pkg.dev/acme/payments/app
          env:
            - {name: LOG_LEVEL, value: info}
"""


@pytest.fixture(scope="module")
def delivery(_argocd, cluster, tmp_path_factory) -> Iterator[Delivery]:
    """One API with an environment variable, delivered."""
    with prepared(_argocd, cluster, tmp_path_factory.mktemp("repo")) as made:
        made.add(TENANT, API)
        made.repo.edit(f"apps/{API}/base/deployment.yaml", ENV[: ENV.index("\n") + 1], ENV)
        made.begin(API)
        yield made


@pytest.fixture
def home(delivery) -> str:
    return delivery.namespaces[0]


@pytest.fixture
def healthy(delivery) -> Iterator[Delivery]:
    """Healthy before a test and, whatever the test did, after it."""
    delivery.argocd.wait_until(synced_and_healthy, application(API))
    yield delivery
    delivery.argocd.wait_until(synced_and_healthy, application(API))


def deployment(delivery: Delivery) -> dict:
    found = delivery.cluster.get("Deployment", API, delivery.namespaces[0])
    assert found is not None
    return found


def container(found: dict) -> dict:
    [one] = found["spec"]["template"]["spec"]["containers"]
    return one


def edit_by_hand(delivery: Delivery, **fields: object) -> dict:
    """As `kubectl set image`, `kubectl set env` and `kubectl edit` do; returns the Deployment as it then was."""
    change = {"spec": {"template": {"spec": {"containers": [{"name": "app", **fields}]}}}}
    kind_of_patch = "application/strategic-merge-patch+json"
    resource = delivery.cluster.api.resources.get(api_version="apps/v1", kind="Deployment")
    place = {"name": API, "namespace": delivery.namespaces[0]}
    return resource.patch(body=change, content_type=kind_of_patch, field_manager="kubectl-set", **place).to_dict()


def scale(delivery: Delivery, replicas: int) -> None:
    """As `kubectl scale` does."""
    delivery.cluster.patch("Deployment", API, {"spec": {"replicas": replicas}}, delivery.namespaces[0])


def test_self_heal_undoes_kubectl_set_image(healthy, home):
    wanted = container(deployment(healthy))["image"]
    changed = edit_by_hand(healthy, image=f"{image(API)}:v6.6.6")
    assert container(changed)["image"] != wanted

    def restored(found: dict) -> bool:
        return available(found) and container(found)["image"] == wanted

    healthy.cluster.wait_until(restored, "Deployment", API, home)


def test_self_heal_undoes_an_edited_env(healthy, home):
    changed = edit_by_hand(healthy, env=[{"name": "LOG_LEVEL", "value": "trace"}])
    assert container(changed)["env"] == [{"name": "LOG_LEVEL", "value": "trace"}]

    def restored(found: dict) -> bool:
        return available(found) and container(found)["env"] == [{"name": "LOG_LEVEL", "value": "info"}]

    healthy.cluster.wait_until(restored, "Deployment", API, home)


def test_self_heal_makes_a_deleted_service_anew(healthy, home):
    before = healthy.cluster.get("Service", API, home)
    assert before is not None
    healthy.cluster.delete("Service", API, home)

    def anew(found: dict) -> bool:
        return found["metadata"]["uid"] != before["metadata"]["uid"] and found["spec"]["ports"][0]["port"] == 8080

    healthy.cluster.wait_until(anew, "Service", API, home)


def test_self_heal_does_not_see_an_env_variable_that_git_does_not_name(healthy):
    """The limit of it: a server-side apply owns the entries of a list that it sets, and no others."""
    edit_by_hand(healthy, env=[{"name": "DEBUG", "value": "1"}])
    healthy.settle()
    healthy.argocd.wait_until(with_sync("Synced"), application(API))
    assert {variable["name"] for variable in container(deployment(healthy))["env"]} == {"LOG_LEVEL", "DEBUG"}
    edit_by_hand(healthy, env=[{"name": "DEBUG", "$patch": "delete"}])


def test_replicas_are_the_hpas_and_nothing_fights_a_changed_count(healthy, home):
    rendered = yaml.safe_load_all(healthy.repo.onboard("render", API, ENVIRONMENT).out)
    assert ["replicas" in item["spec"] for item in rendered if item["kind"] == "Deployment"] == [False]
    healthy.cluster.wait_until(rescaled_to(2), "Event", namespace=home)
    scale(healthy, 4)
    healthy.settle()
    healthy.argocd.wait_until(with_sync("Synced"), application(API))
    assert deployment(healthy)["spec"]["replicas"] == 4
    # Nor does the next release bring another count.
    commit = healthy.repo.release(API, "v2.0.0")
    healthy.refresh()
    healthy.argocd.wait_until(delivered(commit, f"{image(API)}:v2.0.0"), application(API))
    assert deployment(healthy)["spec"]["replicas"] == 4
    # Only the HPA takes back what is above its maximum.
    scale(healthy, 9)
    healthy.cluster.wait_until(rescaled_to(5), "Event", namespace=home)
    assert deployment(healthy)["spec"]["replicas"] == 5

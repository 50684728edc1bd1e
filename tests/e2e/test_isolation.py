"""A tenant's Application deploys into the tenant's namespaces, from this repo, and only what a tenant may have.

Each defence is tried behind those before it: the files below generated/ are written by hand, as `onboard check` would
not let them pass, and Argo CD itself refuses.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster import config_repo
from tests.cluster.argocd import NAMESPACE
from tests.cluster.conditions import synced_and_healthy
from tests.cluster.config_repo import ENVIRONMENT, TENANT
from tests.cluster.delivery import Delivery, application, prepared, project, saying
from tests.cluster.remote import create
from tests.support.git import write
from tests.support.web import overlay

NEIGHBOUR, NEIGHBOURS_API = "customer-b", "billing"
BORROWER = "reports"
OTHER_REPO = "other"
APPLICATIONS = f"generated/{ENVIRONMENT}/applications/{TENANT}"
# As the generated one, but without the namespace that it gives to every object.
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../../../apps/{api}/overlays/{environment}
  - more.yaml
"""
FOREIGN_NAMESPACE = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: smuggled, namespace: NEIGHBOURS}
"""
CLUSTER_KIND = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: smuggled-NEIGHBOURS}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
"""
PLATFORM_KIND = """\
apiVersion: v1
kind: ResourceQuota
metadata: {name: smuggled}
spec: {hard: {pods: "1000"}}
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody wrote below generated/ for an API, given the neighbour's namespace; and what Argo CD says of it."""

    write: Callable[[Delivery, str, str], None]
    refusal: str


def pointing_at(field: str, value: str) -> Callable[[Delivery, str, str], None]:
    """Another value of a field of the API's Application."""

    def attempt(delivery: Delivery, api: str, neighbours: str) -> None:
        path = f"{APPLICATIONS}/{api}.yaml"
        text = (delivery.repo.folder / path).read_text(encoding="utf-8")
        [line] = [line for line in text.splitlines() if line.startswith(f"    {field}: ")]
        new = value.replace("NEIGHBOURS", neighbours).replace("OTHER", str(delivery.repo.folder.parent / OTHER_REPO))
        delivery.repo.edit(path, f"{line}\n", f"    {field}: {new}\n")

    return attempt


def adding(manifest: str) -> Callable[[Delivery, str, str], None]:
    """One more object among those of the API."""

    def attempt(delivery: Delivery, api: str, neighbours: str) -> None:
        folder = f"generated/{ENVIRONMENT}/apps/{api}"
        kustomization = KUSTOMIZATION.format(api=api, environment=ENVIRONMENT)
        more = manifest.replace("NEIGHBOURS", neighbours)
        write(delivery.repo.folder, {f"{folder}/kustomization.yaml": kustomization, f"{folder}/more.yaml": more})

    return attempt


ATTEMPTS = {
    "payments": Attempt(
        pointing_at("namespace", "NEIGHBOURS"),
        f"do not match any of the allowed destinations in project '{project(TENANT)}'",
    ),
    "orders": Attempt(
        pointing_at("repoURL", "file://OTHER/remote.git"), f"is not permitted in project '{project(TENANT)}'"
    ),
    "ledger": Attempt(adding(FOREIGN_NAMESPACE), f"is not permitted in project '{project(TENANT)}'"),
    "refunds": Attempt(
        adding(CLUSTER_KIND),
        f"resource rbac.authorization.k8s.io:ClusterRole is not permitted in project {project(TENANT)}",
    ),
    "invoices": Attempt(
        adding(PLATFORM_KIND), f"resource :ResourceQuota is not permitted in project {project(TENANT)}"
    ),
}


@dataclass(frozen=True, slots=True)
class Attempted:
    delivery: Delivery
    home: str
    neighbours: str
    findings: list[dict[str, str]]  # of `onboard check`, before anything was pushed


@pytest.fixture(scope="module")
def attempted(_argocd, cluster, tmp_path_factory) -> Iterator[Attempted]:
    """All attempts in one commit, each by an API of its own, and two tenants' repo delivered with them."""
    folder: Path = tmp_path_factory.mktemp("repo")
    create(folder / OTHER_REPO).push(overlay(folder="orders"))
    with prepared(_argocd, cluster, folder) as delivery:
        neighbours = delivery.add(NEIGHBOUR, NEIGHBOURS_API)
        home = delivery.add(TENANT, *ATTEMPTS, BORROWER)
        delivery.repo.onboard("generate")
        delivery.repo.onboard("check")
        for api, attempt in ATTEMPTS.items():
            attempt.write(delivery, api, neighbours)
        borrow(delivery, home, neighbours)
        checked = delivery.repo.run("check", "--format", "json", at=delivery.repo.folder)
        assert checked.code == 1, checked.text
        delivery.publish("By hand")
        config_repo.deliver(delivery.repo, delivery.argocd, cluster)
        delivery.argocd.wait_until(synced_and_healthy, application(NEIGHBOURS_API), 120)
        yield Attempted(delivery, home, neighbours, json.loads(checked.out)["findings"])


def borrow(delivery: Delivery, home: str, neighbours: str) -> None:
    """An API that moves in with the neighbour, whose project its Application names."""
    applied, kustomization = (
        f"{APPLICATIONS}/{BORROWER}.yaml",
        f"generated/{ENVIRONMENT}/apps/{BORROWER}/kustomization.yaml",
    )
    delivery.repo.edit(applied, f"  project: {project(TENANT)}\n", f"  project: {project(NEIGHBOUR)}\n")
    for path in (applied, kustomization):
        delivery.repo.edit(path, f"namespace: {home}\n", f"namespace: {neighbours}\n")


@pytest.mark.parametrize("api", ATTEMPTS)
def test_argo_cd_refuses_and_deploys_nothing(attempted, api):
    delivery = attempted.delivery
    delivery.argocd.wait_until(saying(ATTEMPTS[api].refusal), application(api), 120)
    assert delivery.cluster.get("Deployment", api, attempted.home) is None
    assert delivery.cluster.get("Deployment", api, attempted.neighbours) is None


def test_what_was_smuggled_in_is_nowhere(attempted):
    for api, attempt in ATTEMPTS.items():
        attempted.delivery.argocd.wait_until(saying(attempt.refusal), application(api), 120)
    cluster = attempted.delivery.cluster
    assert cluster.get("ConfigMap", "smuggled", attempted.neighbours) is None
    assert cluster.get("ClusterRole", f"smuggled-{attempted.neighbours}") is None
    assert cluster.get("ResourceQuota", "smuggled", attempted.home) is None


def test_the_neighbour_notices_nothing(attempted):
    found = attempted.delivery.argocd.wait_until(synced_and_healthy, application(NEIGHBOURS_API))
    assert not found["status"].get("conditions")


def test_an_application_that_names_another_project_is_not_refused_by_argo_cd(attempted):
    """The parent may make Applications of any project. So the check has to refuse it, and does."""
    delivery = attempted.delivery
    found = delivery.argocd.wait_until(synced_and_healthy, application(BORROWER), 120)
    assert (found["metadata"]["namespace"], found["spec"]["project"]) == (NAMESPACE, project(NEIGHBOUR))
    assert delivery.cluster.get("Deployment", BORROWER, attempted.neighbours) is not None


@pytest.mark.parametrize("api", [*ATTEMPTS, BORROWER])
def test_the_check_refuses_what_was_written_by_hand(attempted, api):
    ours = [found for found in attempted.findings if found["rule"] == "generated-stale" and f"/{api}" in found["path"]]
    assert ours
    assert {found["severity"] for found in ours} == {"error"}

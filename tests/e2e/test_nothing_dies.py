"""Nothing dies by accident; and a retirement ends exactly one API."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster.argocd import NAMESPACE
from tests.cluster.client import Condition, Object
from tests.cluster.conditions import synced_and_healthy, with_health
from tests.cluster.config_repo import ENVIRONMENT, TENANT
from tests.cluster.delivery import (
    Delivery,
    Uids,
    application,
    deleting,
    parent,
    prepared,
    project,
    saying,
    with_sync,
)
from tests.support.git import git

GENERATED = f"generated/{ENVIRONMENT}"
TENANTS, ROOT = f"{GENERATED}/tenants", f"onboarding-{ENVIRONMENT}"
APPLICATIONS = f"{GENERATED}/applications/{TENANT}"
OPTIONS, PROTECTION = "argocd.argoproj.io/sync-options", "Prune=false,Delete=false"
FINALIZER = "resources-finalizer.argocd.argoproj.io"
# The APIs of the first tenant stay; the other loses both.
APIS = {TENANT: ("payments", "orders", "ledger"), "customer-b": ("billing", "reports")}
NOT_PRUNED = "ignored (no prune)"
WIPE_OUT = "auto-sync will wipe out all resources"
NO_PATH = "app path does not exist"


@pytest.fixture(scope="module")
def shared(_argocd, cluster, tmp_path_factory) -> Iterator[Delivery]:
    with prepared(_argocd, cluster, tmp_path_factory.mktemp("repo")) as made:
        for tenant, apis in APIS.items():
            made.add(tenant, *apis)
        made.begin(*APIS[TENANT], *APIS["customer-b"])
        yield made


@pytest.fixture
def delivery(shared) -> Delivery:
    """Nothing is left over of the test before.

    A sync at work would not see the path that the next accident takes away, and try again for minutes.
    """
    shared.settle()
    for name in (ROOT, *(parent(tenant) for tenant in APIS)):
        shared.argocd.wait_until(with_sync("Synced"), name)
    return shared


# Accidents


@dataclass(frozen=True, slots=True)
class Accident:
    """A change of the repo that nobody wanted, and what Argo CD says of it, and where."""

    happens: Callable[[Path], None]
    application: str
    says: str
    sync: str


def deleting_files(*paths: str, but: str = "") -> Callable[[Path], None]:
    """All that is there of it; in a folder that stays, a .gitkeep as `onboard generate` leaves it."""

    def happen(folder: Path) -> None:
        for path in paths:
            for found in sorted(folder.glob(path)):
                if found.name != but:
                    shutil.rmtree(found) if found.is_dir() else found.unlink()
            home = (folder / path).parent
            if "*" in path:
                (home / ".gitkeep").touch()

    return happen


def breaking(path: str) -> Callable[[Path], None]:
    def happen(folder: Path) -> None:
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write("broken: [\n")

    return happen


def rendering_nothing(folder: Path) -> None:
    kustomization = folder / f"{GENERATED}/apps/payments/kustomization.yaml"
    kustomization.write_text("kind: Kustomization\nresources: []\n", encoding="utf-8")


ACCIDENTS = {
    "one application file deleted": Accident(
        deleting_files(f"{APPLICATIONS}/payments.yaml"), parent(TENANT), NOT_PRUNED, "OutOfSync"
    ),
    "all but one application file deleted": Accident(
        deleting_files(f"{APPLICATIONS}/*.yaml", but="orders.yaml"), parent(TENANT), NOT_PRUNED, "OutOfSync"
    ),
    # The parent may become empty; that opens no door.
    "a folder of applications emptied": Accident(
        deleting_files(f"{APPLICATIONS}/*.yaml"), parent(TENANT), NOT_PRUNED, "OutOfSync"
    ),
    "a folder of applications deleted": Accident(deleting_files(APPLICATIONS), parent(TENANT), NO_PATH, "Unknown"),
    "a tenant file deleted, with its AppProject": Accident(
        deleting_files(f"{TENANTS}/{TENANT}.yaml"), ROOT, NOT_PRUNED, "OutOfSync"
    ),
    "all tenant files deleted": Accident(deleting_files(f"{TENANTS}/*.yaml"), ROOT, WIPE_OUT, "OutOfSync"),
    "generated deleted": Accident(deleting_files("generated"), application("payments"), NO_PATH, "Unknown"),
    "an empty render": Accident(rendering_nothing, application("payments"), WIPE_OUT, "OutOfSync"),
    "broken YAML in a base": Accident(
        breaking("apps/payments/base/deployment.yaml"), application("payments"), "MalformedYAMLError", "Unknown"
    ),
    "broken YAML in an application file": Accident(
        breaking(f"{APPLICATIONS}/payments.yaml"), parent(TENANT), 'Failed to unmarshal "payments.yaml"', "Unknown"
    ),
    "broken YAML in a tenant file": Accident(
        breaking(f"{TENANTS}/{TENANT}.yaml"), ROOT, f'Failed to unmarshal "{TENANT}.yaml"', "Unknown"
    ),
}


@pytest.mark.parametrize("name", ACCIDENTS)
def test_nothing_dies_by_accident(delivery, name):
    accident, before = ACCIDENTS[name], delivery.living()
    accident.happens(delivery.repo.folder)
    commit = delivery.publish(name)
    delivery.settle()
    found = delivery.argocd.wait_until(saying(accident.says, commit), accident.application)
    assert found["status"]["sync"]["status"] == accident.sync
    assert delivery.living() == before
    delivery.revert()
    delivery.settle()
    delivery.argocd.wait_until(with_sync("Synced"), accident.application)
    assert delivery.living() == before


def test_nothing_dies_when_an_application_is_deleted_by_hand(delivery):
    before = delivery.living()
    key = ("Application", NAMESPACE, application("payments"))
    delivery.cluster.delete("Application", application("payments"), NAMESPACE)
    anew = delivery.argocd.wait_until(with_another_uid(before[key]), application("payments"))
    delivery.settle()
    delivery.argocd.wait_until(synced_and_healthy, application("payments"))
    assert delivery.living() == {**before, key: anew["metadata"]["uid"]}


def test_nothing_dies_when_an_appproject_is_deleted_by_hand(delivery):
    before = delivery.living()
    key = ("AppProject", NAMESPACE, project(TENANT))
    delivery.cluster.delete("AppProject", project(TENANT), NAMESPACE)
    anew = delivery.cluster.wait_until(with_another_uid(before[key]), "AppProject", project(TENANT), NAMESPACE)
    delivery.settle()
    delivery.argocd.wait_until(synced_and_healthy, application("payments"))
    assert delivery.living() == {**before, key: anew["metadata"]["uid"]}


# Retirement


def test_a_retirement_in_two_commits_removes_exactly_that_api_and_so_for_the_last_of_a_tenant(delivery):
    for api in APIS["customer-b"]:
        before = delivery.living()
        retire(delivery, api)
        assert delivery.living() == before
        commit = remove(delivery, api)
        delivery.cluster.wait_until_gone("Application", application(api), NAMESPACE)
        delivery.settle()
        assert delivery.living() == without(before, api)
        found = delivery.argocd.wait_until(synced_and_healthy, parent("customer-b"))
        assert found["status"]["sync"]["revision"] == commit


def test_a_retirement_taken_back_before_the_removal_changes_nothing(delivery):
    before = delivery.living()
    retire(delivery, "ledger")
    delivery.revert()
    delivery.argocd.wait_until(protected, application("ledger"))
    delivery.settle()
    assert delivery.living() == before


def test_a_retirement_pushed_as_one_removes_nothing_and_goes_on_after_a_revert_of_its_second_commit(delivery):
    before = delivery.living()
    delivery.repo.onboard("api", "retire", "ledger")
    delivery.repo.onboard("generate")
    delivery.commit("Retire ledger")
    commit = remove(delivery, "ledger")
    delivery.settle()
    delivery.argocd.wait_until(saying(NOT_PRUNED, commit), parent(TENANT))
    delivery.argocd.wait_until(saying(f"{GENERATED}/apps/ledger: {NO_PATH}"), application("ledger"))
    assert delivery.living() == before
    delivery.revert()
    delivery.argocd.wait_until(retiring, application("ledger"))
    delivery.settle()
    assert delivery.living() == before
    activate(delivery, "ledger")


def test_an_api_restored_as_retiring_during_its_deletion_is_made_anew_when_the_deletion_has_ended(delivery):
    with half_deleted(delivery, "ledger") as old:
        delivery.revert()
        delivery.settle()
        assert deleting(delivery.argocd.wait_until(with_uid(old), application("ledger")))
        delivery.argocd.wait_until(with_sync("Synced"), parent(TENANT))
        delivery.argocd.wait_until(with_health("Progressing"), parent(TENANT))
    delivery.argocd.wait_until(with_another_uid(old), application("ledger"))
    delivery.argocd.wait_until(synced_and_healthy, application("ledger"))
    activate(delivery, "ledger")


def test_an_api_restored_as_active_during_its_deletion_is_made_anew_at_once(delivery):
    with half_deleted(delivery, "ledger") as old:
        git(delivery.repo.folder, "revert", "--no-commit", "HEAD")
        activate(delivery, "ledger")
        delivery.argocd.wait_until(with_another_uid(old), application("ledger"))
        delivery.argocd.wait_until(with_sync("Synced"), application("ledger"))
    delivery.argocd.wait_until(synced_and_healthy, application("ledger"))


@contextmanager
def half_deleted(delivery: Delivery, api: str) -> Iterator[str]:
    """The API's deletion comes to an end only after the block, since its Service cannot go before. Gives the
    Application's uid.
    """
    retire(delivery, api)
    uid, namespace = delivery.living()["Application", NAMESPACE, application(api)], delivery.namespaces[0]
    delivery.cluster.patch("Service", api, {"metadata": {"finalizers": ["example.com/hold"]}}, namespace)
    try:
        remove(delivery, api)
        delivery.argocd.wait_until(deleting, application(api))
        delivery.cluster.wait_until_gone("Deployment", api, namespace)
        yield uid
    finally:
        delivery.cluster.patch("Service", api, {"metadata": {"finalizers": None}}, namespace)


def retire(delivery: Delivery, api: str) -> None:
    """The first commit, until Argo CD has taken it in."""
    delivery.repo.onboard("api", "retire", api)
    delivery.push(f"Retire {api}")
    delivery.argocd.wait_until(retiring, application(api))
    delivery.settle()


def remove(delivery: Delivery, api: str) -> str:
    delivery.repo.onboard("api", "remove", api)
    return delivery.push(f"Remove {api}")


def activate(delivery: Delivery, api: str) -> None:
    """Take a retirement back."""
    delivery.repo.edit(f"apps/{api}/metadata.yaml", "lifecycle: retiring", "lifecycle: active")
    delivery.push(f"Keep {api}")
    delivery.argocd.wait_until(protected, application(api))


def retiring(found: Object) -> bool:
    return FINALIZER in (found["metadata"].get("finalizers") or [])


def protected(found: Object) -> bool:
    return not found["metadata"].get("finalizers") and found["metadata"]["annotations"].get(OPTIONS) == PROTECTION


def without(uids: Uids, api: str) -> Uids:
    """What remains when an API ends: all that is called after it goes."""
    return {key: uid for key, uid in uids.items() if key[2] != api and not key[2].startswith(f"{api}-")}


def with_uid(uid: str) -> Condition:
    def check(found: Object) -> bool:
        return bool(found["metadata"]["uid"] == uid)

    check.__name__ = f"with the uid {uid}"
    return check


def with_another_uid(uid: str) -> Condition:
    def check(found: Object) -> bool:
        return bool(found["metadata"]["uid"] != uid)

    check.__name__ = f"with another uid than {uid}"
    return check

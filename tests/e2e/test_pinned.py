"""An environment with `sync: manual` waits for a person; one that is pinned to a tag stays until the pin moves."""

import re
from collections.abc import Iterator

import pytest

from tests.cluster import config_repo
from tests.cluster.argocd import NAMESPACE
from tests.cluster.client import Condition, Object
from tests.cluster.conditions import available, delivered, synced_at
from tests.cluster.config_repo import ENVIRONMENT, TENANT, image
from tests.cluster.delivery import Delivery, application, prepared, saying
from tests.support.git import git

MANUAL, PINNED = ENVIRONMENT, "live"
WAITS, STAYS, COMES_LATE = "payments", "orders", "ledger"


@pytest.fixture(scope="module")
def delivery(_argocd, cluster, tmp_path_factory) -> Iterator[Delivery]:
    """An API in the manual environment, and one in the pinned environment; the latter is pinned to the first commit."""
    with prepared(_argocd, cluster, tmp_path_factory.mktemp("repo"), (MANUAL, PINNED)) as made:
        settings = f":\n    cluster: {cluster.name}\n    sync: "
        made.repo.edit("platform.yaml", f"{MANUAL}{settings}auto", f"{MANUAL}{settings}manual")
        made.repo.edit(
            "platform.yaml", f"{PINNED}{settings}auto", f"{PINNED}{settings}auto\n    revision: refs/tags/live-1"
        )
        made.add(TENANT, WAITS)
        made.repo.add(STAYS, made.namespace(PINNED), environment=PINNED)
        made.begin()
        tag(made, "live-1")
        config_repo.deliver(made.repo, made.argocd, cluster, PINNED)
        made.argocd.wait_until(delivered(made.repo.head(), f"{image(STAYS)}:v1.0.0"), in_pinned(STAYS), 120)
        yield made


def tag(delivery: Delivery, name: str) -> None:
    """An annotated tag at the last commit, moved there if it exists."""
    git(delivery.repo.folder, "tag", "-f", "-a", "-m", name, name)
    git(delivery.repo.folder, "push", "-q", "-f", "origin", f"refs/tags/{name}")
    delivery.refresh()


def pin(delivery: Delivery) -> str:
    """The name of the tag that the environment is pinned to."""
    [name] = re.findall(r"revision: refs/tags/(\S+)", (delivery.repo.folder / "platform.yaml").read_text("utf-8"))
    return str(name)


def in_pinned(api: str) -> str:
    return f"{api}-{PINNED}"


def running(delivery: Delivery, api: str, namespace: str) -> str | None:
    """The image that the API's Deployment asks for; None if there is none."""
    found = delivery.cluster.get("Deployment", api, namespace)
    return found and found["spec"]["template"]["spec"]["containers"][0]["image"]


def out_of_sync_at(commit: str) -> Condition:
    def check(found: Object) -> bool:
        sync = found.get("status", {}).get("sync", {})
        return (sync.get("status"), sync.get("revision")) == ("OutOfSync", commit)

    check.__name__ = f"OutOfSync at {commit[:8]}"
    return check


def press_sync(delivery: Delivery, name: str) -> None:
    """What `argocd app sync` and the button write."""
    found = delivery.cluster.get("Application", name, NAMESPACE)
    assert found is not None
    sync = {"syncOptions": found["spec"]["syncPolicy"]["syncOptions"]}
    operation = {"initiatedBy": {"username": "kim"}, "sync": sync}
    delivery.cluster.patch("Application", name, {"operation": operation}, NAMESPACE)


def test_a_manual_environment_waits_until_somebody_syncs(delivery):
    home, before = delivery.namespaces[0], None
    for version in ("v2.0.0", "v3.0.0"):
        wanted = f"{image(WAITS)}:{version}"
        commit = delivery.repo.release(WAITS, version)
        delivery.settle()
        found = delivery.argocd.wait_until(out_of_sync_at(commit), application(WAITS))
        assert not found["status"].get("conditions")
        assert running(delivery, WAITS, home) == before
        press_sync(delivery, application(WAITS))
        delivery.argocd.wait_until(delivered(commit, wanted), application(WAITS))
        delivery.cluster.wait_until(available, "Deployment", WAITS, home)
        assert running(delivery, WAITS, home) == wanted
        before = wanted


def test_a_pinned_environment_moves_when_the_tag_moves_and_when_the_pin_moves_and_never_with_main(delivery):
    home, first = delivery.namespaces[1], f"{image(STAYS)}:v1.0.0"
    pinned_to = git(delivery.repo.folder, "rev-parse", f"{pin(delivery)}^{{commit}}")
    second = f"{image(STAYS)}:v2.0.0"
    delivery.repo.onboard("bump", STAYS, PINNED, second)
    main = delivery.push("The second, on main")
    delivery.settle()
    delivery.argocd.wait_until(synced_at(main), f"tenant-{TENANT}-{PINNED}")
    delivery.argocd.wait_until(delivered(pinned_to, first), in_pinned(STAYS))
    assert running(delivery, STAYS, home) == first

    tag(delivery, pin(delivery))
    delivery.argocd.wait_until(delivered(main, second), in_pinned(STAYS))
    assert running(delivery, STAYS, home) == second

    third = f"{image(STAYS)}:v3.0.0"
    delivery.repo.onboard("bump", STAYS, PINNED, third)
    main = delivery.push("The third, on main")
    tag(delivery, "live-2")
    delivery.settle()
    assert running(delivery, STAYS, home) == second
    delivery.repo.edit("platform.yaml", f"refs/tags/{pin(delivery)}", "refs/tags/live-2")
    delivery.push("Move the pin")
    delivery.argocd.wait_until(delivered(main, third), in_pinned(STAYS))
    assert running(delivery, STAYS, home) == third


def test_an_api_that_is_newer_than_the_tag_waits_for_it_and_disturbs_nobody(delivery):
    home = delivery.namespaces[1]
    before = running(delivery, STAYS, home)
    delivery.repo.add(COMES_LATE, home, environment=PINNED)
    commit = delivery.push("One API more")
    delivery.argocd.wait_until(saying("app path does not exist"), in_pinned(COMES_LATE))
    assert running(delivery, COMES_LATE, home) is None
    assert running(delivery, STAYS, home) == before
    tag(delivery, pin(delivery))
    delivery.argocd.wait_until(delivered(commit, f"{image(COMES_LATE)}:v1.0.0"), in_pinned(COMES_LATE), 120)
    assert running(delivery, STAYS, home) == before

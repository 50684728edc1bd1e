"""`onboard wait` against a real Argo CD: what it says, when it ends, and which rights it needs."""

import copy
import json
import os
import pty
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.cluster.client import Cluster, Object
from tests.cluster.conditions import delivered
from tests.cluster.config_repo import ENVIRONMENT, TENANT, image
from tests.cluster.delivery import Delivery, application, prepared
from tests.cluster.rights import documented, grant, revoke
from tests.support.cli import ONBOARD
from tests.support.git import git
from tests.support.pages import assert_has_form, form, typed

# Each API has a namespace of its own, and what a test breaks stays broken: no other test uses that API.
APIS = ("payments", "orders", "ledger", "billing", "reports", "search", "carts", "invoices")


@pytest.fixture(scope="module")
def delivery(_argocd, cluster, tmp_path_factory) -> Iterator[Delivery]:
    with prepared(_argocd, cluster, tmp_path_factory.mktemp("repo")) as made:
        made.repo.edit("platform.yaml", "refresh: false", "refresh: true")
        for api in APIS:
            made.add(TENANT, api)
        made.begin(*APIS)
        yield made


@pytest.fixture
def home(delivery) -> Callable[[str], str]:
    """The namespace of an API."""
    return lambda api: delivery.namespaces[APIS.index(api)]


def waited(delivery: Delivery, api: str, *words: str, code: int = 0) -> tuple[dict, str]:
    done = delivery.repo.run("wait", api, ENVIRONMENT, "--format", "json", *words, at=delivery.repo.folder)
    assert done.code == code, done.text
    return json.loads(done.out), done.err


def test_a_release_is_followed_until_its_image_runs(delivery, cluster, home):
    commit = delivery.repo.release("payments", "v2.0.0-slow-2s")
    told, _ = waited(delivery, "payments")
    assert (told["result"], told["revision"], told["compared"]) == ("healthy", commit, commit)
    assert told["message"] == "app v2.0.0-slow-2s runs in 2 pods"
    assert set(told["seconds"]) == {"noticed", "synced", "healthy"}
    images = {pod["spec"]["containers"][0]["image"] for pod in cluster.objects("Pod", home("payments"))}
    assert f"{image('payments')}:v2.0.0-slow-2s" in images


def test_the_documented_commands(delivery, blocks):
    """With the environment and the commit that there are."""
    [shown] = blocks
    commit = delivery.repo.release("payments", "v3.0.0")
    text = shown.text.replace("payments prod", f"payments {ENVIRONMENT}").replace("3f9c2ab", commit[:7])
    assert text.count(ENVIRONMENT) == text.count("onboard wait") == 2
    assert text.count(commit[:7]) == 1
    done = typed(text, at=delivery.repo.folder, KUBECONFIG=str(delivery.cluster.kubeconfig))
    assert done.code == 0, done.text
    first, told = done.out.split("\n", maxsplit=1)
    assert first.startswith(f"payments {ENVIRONMENT}: healthy at {commit[:12]}: ")
    assert_has_form(json.loads(told), form("docs/platform-team.md", "api"))


def test_what_the_bot_pushes_is_looked_at_at_once(delivery):
    """Nobody asks Argo CD but the command: by itself it would look in minutes, and the time is up before."""
    delivery.repo.onboard("request", "invoices", ENVIRONMENT, f"{image('invoices')}:v2.0.0")
    delivery.commit("Request invoices v2.0.0")
    done = delivery.repo.onboard("release", "apply", "--push")
    assert "applied: app v1.0.0 -> v2.0.0" in done.out
    assert done.err == ""
    commit = delivery.repo.head()
    assert git(delivery.repo.folder, "rev-parse", "origin/main").strip() == commit
    delivery.argocd.wait_until(delivered(commit, f"{image('invoices')}:v2.0.0"), application("invoices"), 60)


@pytest.mark.parametrize(
    ("api", "tag", "reason"),
    [("orders", "v2.0.0-pull-error", "ImagePullBackOff in app"), ("ledger", "v2.0.0-crash", "CrashLoopBackOff in app")],
)
def test_why_a_pod_does_not_run_is_told_while_it_is_waited_for_and_when_time_is_up(delivery, api, tag, reason):
    delivery.repo.release(api, tag)
    told, err = waited(delivery, api, "--timeout", "12s", code=6)
    assert told["result"] == "timed-out"
    # A container that crashes runs now and then; it is told, too, that it was started again.
    assert reason in told["message"] or "app was started again" in told["message"]
    assert reason in err


def test_a_quota_that_lets_no_pod_come_is_told(delivery, cluster, home):
    hard = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"}, "spec": {"hard": {"pods": "2"}}}
    cluster.apply(hard, namespace=home("billing"))
    delivery.repo.release("billing", "v2.0.0")
    told, _ = waited(delivery, "billing", "--timeout", "12s", code=6)
    assert "exceeded quota: full" in told["message"]


def test_what_kubernetes_refuses_is_told_while_argo_cd_tries_again(delivery):
    """An immutable field: the words are Kubernetes' own, from the result of the sync."""
    delivery.repo.edit("apps/reports/base/deployment.yaml", "matchLabels:", "matchLabels:\n      tier: web")
    delivery.repo.edit("apps/reports/base/deployment.yaml", "      labels:", "      labels:\n        tier: web")
    delivery.repo.push("Change a selector")
    told, _ = waited(delivery, "reports", "--timeout", "20s", code=6)
    assert told["phase"] in ("syncing", "sync-failed")
    assert "Deployment reports: " in told["message"]
    assert "field is immutable" in told["message"]


def test_what_cannot_be_rendered_has_failed_for_good(delivery):
    delivery.repo.edit("apps/search/base/kustomization.yaml", "resources:", "resources:\n  - nowhere.yaml")
    delivery.publish("List a file that is not there")
    told, _ = waited(delivery, "search", "--timeout", "3m", code=1)
    assert (told["result"], told["phase"]) == ("failed", "sync-failed")
    assert "Argo CD says ComparisonError: " in told["message"]
    assert "nowhere.yaml" in told["message"]


def test_a_terminal_has_one_line_that_is_written_over_and_gone_at_the_end(delivery):
    ours, theirs = pty.openpty()
    command = [ONBOARD, "wait", "payments", ENVIRONMENT]
    settings = {**os.environ, "KUBECONFIG": str(delivery.cluster.kubeconfig), "TERM": "xterm"}
    done = subprocess.run(
        command, cwd=delivery.repo.folder, env=settings, stdout=subprocess.PIPE, stderr=theirs, text=True, check=True
    )
    shown = os.read(ours, 100_000).decode()
    assert shown.startswith("\r\x1b[K   0s ")
    assert shown.endswith("\r\x1b[K")
    assert "\n" not in shown
    assert done.stdout.startswith(f"payments {ENVIRONMENT}: healthy at ")


# Its rights

NEEDED = [("applications", "list"), ("applications", "watch")]
NEEDED += [(kind, verb) for kind in ("deployments", "pods") for verb in ("list", "watch")]


def for_wait(rights: list[Object]) -> list[Object]:
    """Without those that the documentation lists for `onboard doctor` alone."""
    rights = copy.deepcopy(rights)
    for item in rights:
        if "rules" in item:
            item["rules"] = item["rules"][:1]
    return rights


def without(rights: list[Object], kind: str, verb: str) -> list[Object]:
    """Each rule for one kind, and for this one without this verb."""
    rights = copy.deepcopy(rights)
    for item in rights:
        if "rules" in item:
            item["rules"] = [
                {**rule, "resources": [each], "verbs": [one for one in rule["verbs"] if (each, one) != (kind, verb)]}
                for rule in item["rules"]
                for each in rule["resources"]
            ]
    return rights


@pytest.fixture
def bot(cluster: Cluster, namespace: str) -> Iterator[str]:
    """A service account without any rights; returns its KUBECONFIG. What it is granted goes."""
    cluster.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": namespace}}, namespace=namespace)
    yield str(cluster.kubeconfig_of(namespace, namespace))
    revoke(cluster, namespace)


def test_the_documented_rights_are_enough(delivery, cluster, bot, namespace, onboard):
    rules = [rule for rights in documented() for item in for_wait(rights) for rule in item.get("rules", [])]
    assert {(kind, verb) for rule in rules for kind in rule["resources"] for verb in rule["verbs"]} == set(NEEDED)
    for rights in documented():
        grant(cluster, for_wait(rights), namespace)
    commit = delivery.repo.release("carts", "v2.0.0")
    delivery.refresh()
    done = onboard("wait", "carts", ENVIRONMENT, at=delivery.repo.folder, KUBECONFIG=bot)
    assert (done.code, done.out) == (0, f"carts {ENVIRONMENT}: healthy at {commit[:12]}: app v2.0.0 runs in 2 pods\n")


@pytest.mark.parametrize(("kind", "verb"), NEEDED)
def test_none_of_them_can_be_left_out(delivery, cluster, bot, namespace, onboard, kind, verb):
    for rights in documented():
        grant(cluster, without(for_wait(rights), kind, verb), namespace)
    done = onboard("wait", "payments", ENVIRONMENT, "--timeout", "30s", at=delivery.repo.folder, KUBECONFIG=bot)
    assert done.code == 3, done.text
    assert f'cannot {verb} resource "{kind}"' in done.err

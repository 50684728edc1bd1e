"""The adapter that every command speaks with a cluster through, against a real API server."""

import threading

import pytest

from onboarding_tool.adapters import cluster as adapter
from onboarding_tool.adapters.cluster import Cluster, ForbiddenError, Query, Resource
from onboarding_tool.errors import WorldError
from tests.cluster.client import Cluster as Real
from tests.cluster.client import Object

UNKNOWN = Resource("nope.example", "v1", "things")


@pytest.fixture
def ours(kubeconfig: str, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setenv("KUBECONFIG", kubeconfig)
    return Cluster.connect()


def config_map(name: str, namespace: str, **metadata: object) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace, **metadata}}


def test_it_connects_by_name_and_by_the_current_context(ours, second_cluster):
    assert (ours.name, Cluster.connect("gke-prod").name) == ("gke-staging", "gke-prod")
    assert adapter.kubeconfig() == adapter.Kubeconfig(("gke-staging", "gke-prod"), "gke-staging")


def test_a_context_that_is_missing_names_those_that_are_there(ours):
    with pytest.raises(WorldError, match="no context 'nope'") as raised:
        Cluster.connect("nope")
    assert "gke-staging" in raised.value.hint


def test_the_version(ours):
    assert ours.version() == "1.36"


def test_objects_of_the_core_and_of_groups_in_a_namespace_and_without_one(ours, argocd, namespace):
    assert ours.get(adapter.NAMESPACES, namespace)["metadata"]["name"] == namespace
    assert ours.get(adapter.CONFIG_MAPS, "argocd-cm", "argocd")["kind"] == "ConfigMap"
    assert ours.get(adapter.PROJECTS, "default", "argocd")["kind"] == "AppProject"
    assert ours.get(adapter.DEFINITIONS, "applications.argoproj.io")["kind"] == "CustomResourceDefinition"


@pytest.mark.parametrize("resource", [adapter.CONFIG_MAPS, adapter.DEPLOYMENTS, adapter.INGRESS_CLASSES, UNKNOWN])
def test_what_is_not_there_is_none(ours, namespace, resource):
    assert ours.get(resource, "a/b?c", namespace) is None


def test_lists_by_labels_and_by_fields(ours, cluster, namespace):
    cluster.apply(config_map("one", namespace, labels={"of": "a-b"}), config_map("two", namespace))

    def names(**words: str) -> set[str]:
        return {item["metadata"]["name"] for item in ours.list(Query(adapter.CONFIG_MAPS, namespace, **words))}

    assert names() >= {"one", "two"}
    assert names(selector="of=a-b") == {"one"}
    assert names(selector="of notin (a-b, c),of") == set()
    assert names(fields="metadata.name=two") == {"two"}
    everywhere = {item["metadata"]["namespace"] for item in ours.list(Query(adapter.CONFIG_MAPS))}
    assert {namespace, "kube-system"} <= everywhere
    assert ours.list(Query(UNKNOWN)) == []


def test_what_the_cluster_says_no_to_is_a_sentence(ours, namespace):
    with pytest.raises(WorldError, match=r"gke-staging says 400: .*not a known field selector") as raised:
        ours.list(Query(adapter.CONFIG_MAPS, namespace, fields="nope=1"))
    assert not isinstance(raised.value, ForbiddenError)


def test_kinds_that_it_knows(ours, argocd):
    assert ours.knows(adapter.APPLICATIONS)
    assert ours.knows(adapter.DEPLOYMENTS)
    assert ours.knows(adapter.PODS)
    assert not ours.knows(Resource("argoproj.io", "v1alpha1", "rollouts"))
    assert not ours.knows(UNKNOWN)


def test_annotations_are_added(ours, cluster, namespace):
    cluster.apply(config_map("one", namespace, annotations={"a": "1"}))
    ours.annotate(adapter.CONFIG_MAPS, namespace, "one", {"b/c": "2"})
    assert ours.get(adapter.CONFIG_MAPS, "one", namespace)["metadata"]["annotations"] == {"a": "1", "b/c": "2"}
    with pytest.raises(WorldError, match="says 404"):
        ours.annotate(adapter.CONFIG_MAPS, namespace, "none", {"b": "2"})


def test_who_may_nothing_is_forbidden_and_may_ask_what_he_may(cluster, namespace, monkeypatch):
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bot"}}
    cluster.apply(account, namespace=namespace)
    monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig_of("bot", namespace)))
    bot = Cluster.connect()
    assert bot.version() == "1.36"
    assert not bot.may("list", adapter.PODS, namespace)
    with pytest.raises(ForbiddenError, match=r"forbids to look at pods: .*cannot list") as raised:
        bot.list(Query(adapter.PODS, namespace))
    assert "docs/platform-team.md" in raised.value.hint
    with pytest.raises(ForbiddenError):
        next(bot.follow(Query(adapter.PODS, namespace)))


def test_what_one_may_do(ours, namespace):
    assert ours.may("list", adapter.PODS, namespace)
    assert ours.may("*", Resource("*", "*", "*"))


def test_changes_are_followed(ours, cluster: Real, namespace):
    seen = ours.follow(Query(adapter.CONFIG_MAPS, namespace, selector="test"))
    assert next(seen) == {}
    cluster.apply(config_map("one", namespace, labels={"test": "1"}))
    assert next(seen)["one"]["metadata"]["labels"] == {"test": "1"}
    cluster.apply(
        config_map("one", namespace, labels={"test": "2"}), config_map("two", namespace, labels={"test": "1"})
    )
    assert next(seen)["one"]["metadata"]["labels"] == {"test": "2"}
    assert set(next(seen)) == {"one", "two"}
    cluster.delete("ConfigMap", "one", namespace)
    assert set(next(seen)) == {"two"}


def test_a_kind_that_comes_later_is_followed_without_haste(ours, monkeypatch):
    paused: list[float] = []
    monkeypatch.setattr(adapter.time, "sleep", paused.append)
    seen = ours.follow(Query(UNKNOWN))
    assert [next(seen) for _ in range(3)] == [{}, {}, {}]
    assert paused == [adapter.PAUSE, adapter.PAUSE * 2]


def test_threads_share_a_cluster(ours, namespace):
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(ours.version())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["1.36"] * 8

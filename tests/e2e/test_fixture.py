"""The cluster of the end-to-end tests does what the tests of the tool rely on."""

import json

import pytest
from kubernetes import client, config

from onboarding_tool.rendering import KUSTOMIZE
from tests.cluster.argocd import NAMESPACE, RESYNC_SECONDS, Render, application
from tests.cluster.conditions import (
    available,
    container_statuses,
    delivered,
    ready,
    synced_and_healthy,
    synced_at,
    waiting,
    with_address,
    with_health,
)
from tests.support.web import IMAGE, deployment, overlay

# Pods


def test_a_deployment_becomes_available(cluster, namespace):
    cluster.apply(deployment(replicas=3), namespace=namespace)
    cluster.wait_until(available, "Deployment", "web", namespace)
    pods = cluster.objects("Pod", namespace, labels="app=web")
    assert [pod["status"]["phase"] for pod in pods] == ["Running"] * 3
    assert len({pod["status"]["podIP"] for pod in pods}) == 3


def test_an_image_that_cannot_be_pulled(cluster, namespace):
    cluster.apply(deployment("v2-pull-error"), namespace=namespace)
    pod = cluster.wait_until(waiting("ImagePullBackOff"), "Pod", namespace=namespace)
    assert pod["status"]["phase"] == "Pending"
    assert (
        container_statuses(pod)[0]["state"]["waiting"]["message"] == f'Back-off pulling image "{IMAGE}:v2-pull-error"'
    )


def test_an_image_that_crashes_is_tried_again_and_again(cluster, namespace):
    def twice(pod):
        return container_statuses(pod)[0]["restartCount"] == 2

    cluster.apply(deployment("v2-crash"), namespace=namespace)
    pod = cluster.wait_until(waiting("CrashLoopBackOff"), "Pod", namespace=namespace)
    [status] = container_statuses(pod)
    assert status["lastState"]["terminated"]["exitCode"] == 1
    assert (status["ready"], status["restartCount"]) == (False, 1)
    again = cluster.wait_until(lambda pod: twice(pod) and waiting("CrashLoopBackOff")(pod), "Pod", namespace=namespace)
    assert not ready(again)


def test_an_image_that_crashes_after_it_was_ready(cluster, namespace):
    cluster.apply(deployment("v2-crash-after-2s"), namespace=namespace)
    cluster.wait_until(available, "Deployment", "web", namespace)
    cluster.wait_until(waiting("CrashLoopBackOff"), "Pod", namespace=namespace)
    cluster.wait_until(lambda found: not available(found), "Deployment", "web", namespace)


def test_an_image_that_is_never_ready(cluster, namespace):
    def given_up(found):
        conditions = found["status"].get("conditions", [])
        return any(condition.get("reason") == "ProgressDeadlineExceeded" for condition in conditions)

    broken = deployment("v2-never-ready")
    broken["spec"]["progressDeadlineSeconds"] = 2
    cluster.apply(broken, namespace=namespace)
    cluster.wait_until(given_up, "Deployment", "web", namespace)
    [pod] = cluster.objects("Pod", namespace)
    assert "running" in container_statuses(pod)[0]["state"]
    assert not ready(pod)


def test_an_image_that_starts_slowly(cluster, namespace):
    cluster.apply(deployment("v2-slow-2s"), namespace=namespace)
    first = cluster.wait_until(lambda pod: bool(container_statuses(pod)), "Pod", namespace=namespace)
    assert not ready(first)
    cluster.wait_until(ready, "Pod", namespace=namespace)
    cluster.wait_until(available, "Deployment", "web", namespace)


def test_a_digest_behind_the_tag_changes_nothing(cluster, namespace):
    cluster.apply(deployment(f"v2-pull-error@sha256:{'0' * 64}"), namespace=namespace)
    cluster.wait_until(waiting("ImagePullBackOff"), "Pod", namespace=namespace)


@pytest.mark.parametrize(("tag", "reason"), [("v2-pull-error", "ImagePullBackOff"), ("v2-crash", "CrashLoopBackOff")])
def test_a_broken_init_container_holds_its_pod(cluster, namespace, tag, reason):
    init = [{"name": "migrate", "image": f"{IMAGE}:{tag}"}]
    cluster.apply(deployment(initContainers=init), namespace=namespace)
    pod = cluster.wait_until(waiting(reason), "Pod", namespace=namespace)
    assert pod["status"]["phase"] == "Pending"
    assert [status["name"] for status in container_statuses(pod)] == ["migrate", "app"]
    assert container_statuses(pod)[1]["state"] == {"waiting": {"reason": "PodInitializing"}}


def test_the_pods_of_a_rollout_follow_each_other(cluster, namespace):
    cluster.apply(deployment("v1"), namespace=namespace)
    cluster.wait_until(available, "Deployment", "web", namespace)
    cluster.apply(deployment("v2-pull-error"), namespace=namespace)
    cluster.wait_until(waiting("ImagePullBackOff"), "Pod", namespace=namespace)
    [old] = [pod for pod in cluster.objects("Pod", namespace) if ready(pod)]
    cluster.apply(deployment("v3"), namespace=namespace)
    cluster.wait_until(available, "Deployment", "web", namespace)
    cluster.wait_until_gone("Pod", old["metadata"]["name"], namespace)


def test_a_job_completes(cluster, namespace):
    spec = {"restartPolicy": "Never", "containers": [{"name": "job", "image": f"{IMAGE}:v1"}]}
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "job"}, "spec": {"template": {"spec": spec}}}
    cluster.apply(job, namespace=namespace)
    cluster.wait_until(lambda found: found["status"].get("succeeded") == 1, "Job", "job", namespace)


# The load balancer


INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %s}
spec:
  ingressClassName: %s
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, ports: [{port: 80}]}
"""


def test_ingresses_and_load_balancers_get_an_address(cluster, namespace):
    cluster.apply(INGRESS % ("web", "nginx"), SERVICE, namespace=namespace)
    ingress = cluster.wait_until(with_address, "Ingress", "web", namespace)
    assert ingress["status"]["loadBalancer"]["ingress"] == [{"ip": "203.0.113.10"}]
    cluster.wait_until(with_address, "Service", "web", namespace)


def test_an_ingress_that_no_controller_serves_gets_none(cluster, namespace):
    cluster.apply(INGRESS % ("lonely", "unserved"), INGRESS % ("web", "nginx"), namespace=namespace)
    cluster.wait_until(with_address, "Ingress", "web", namespace)
    lonely = cluster.get("Ingress", "lonely", namespace)
    assert lonely is not None
    assert not with_address(lonely)


# Argo CD


def test_a_commit_is_delivered(argocd, cluster, remote, namespace):
    remote.push(overlay("v1"))
    argocd.create_application("web", remote, "web", namespace)
    argocd.wait_until(synced_and_healthy, "web")
    commit = remote.push(overlay("v2"))
    argocd.refresh("web")
    argocd.wait_until(delivered(commit, f"{IMAGE}:v2"), "web")
    cluster.wait_until(available, "Deployment", "web", namespace)
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.objects("Pod", namespace)} == {f"{IMAGE}:v2"}


def test_a_commit_is_seen_without_a_refresh(argocd, remote, namespace):
    remote.push(overlay("v1"))
    argocd.create_application("web", remote, "web", namespace)
    argocd.wait_until(synced_and_healthy, "web")
    commit = remote.push(overlay("v2"))
    argocd.wait_until(delivered(commit, f"{IMAGE}:v2"), "web", within=60 + 2 * RESYNC_SECONDS)


def test_a_broken_release_is_no_healthy_application(argocd, cluster, remote, namespace):
    first = remote.push(overlay("v1"))
    argocd.create_application("web", remote, "web", namespace)
    argocd.wait_until(delivered(first, f"{IMAGE}:v1"), "web")
    second = remote.push(overlay("v2-pull-error"))
    argocd.refresh("web")
    cluster.wait_until(waiting("ImagePullBackOff"), "Pod", namespace=namespace)
    sync = argocd.wait_until(with_health("Progressing"), "web")["status"]["sync"]
    assert (sync["status"], sync["revision"]) == ("Synced", second)
    assert argocd.renders(remote) == [Render(first, "web"), Render(second, "web")]


def test_an_ingress_without_address_is_no_healthy_application(argocd, remote, namespace):
    kustomization = "resources: [ingress.yaml]\n"
    remote.push({"web/ingress.yaml": INGRESS % ("lonely", "unserved"), "web/kustomization.yaml": kustomization})
    argocd.create_application("web", remote, "web", namespace)
    argocd.wait_until(with_health("Progressing"), "web")
    remote.push({"web/ingress.yaml": INGRESS % ("lonely", "nginx")})
    argocd.refresh("web")
    argocd.wait_until(synced_and_healthy, "web")


def test_renders_are_counted(argocd, remote, namespace):
    names = ("one", "two")
    first = remote.push(overlay("v1", "one") | overlay("v1", "two"))
    for name in names:
        paths = {"argocd.argoproj.io/manifest-generate-paths": "."}
        argocd.create_application(name, remote, name, namespace, annotations=paths)
        argocd.wait_until(synced_at(first), name)
    assert sorted(argocd.renders(remote)) == [Render(first, "one"), Render(first, "two")]
    second = remote.push(overlay("v2", "one"))
    for name in names:
        argocd.refresh(name)
        argocd.wait_until(synced_at(second), name)
    assert argocd.renders(remote)[2:] == [Render(second, "one")]


def test_a_second_cluster_gets_its_own(argocd, cluster, second_cluster, remote, namespace):
    argocd.register(second_cluster)
    commit = remote.push(overlay("v1"))
    argocd.create_application("web", remote, "web", namespace, cluster=second_cluster.name)
    argocd.wait_until(delivered(commit, f"{IMAGE}:v1"), "web")
    second_cluster.wait_until(available, "Deployment", "web", namespace)
    assert cluster.get("Deployment", "web", namespace) is None


def test_an_application_may_make_others(argocd, remote, namespace):
    """A parent makes its children anew; the next test shows that all are gone nevertheless."""
    child = application("child", remote, "web", namespace)
    remote.push(overlay("v1") | {"children/child.yaml": json.dumps(child)})
    argocd.create_application("parent", remote, "children", NAMESPACE)
    argocd.wait_until(synced_and_healthy, "child")
    argocd.wait_until(synced_and_healthy, "parent")


def test_nothing_is_left_for_the_next_test(argocd, cluster):
    assert cluster.objects("Application") == []
    assert [project["metadata"]["name"] for project in cluster.objects("AppProject")] == ["default"]
    assert cluster.objects("Secret", labels="argocd.argoproj.io/secret-type=cluster") == []


# What a user has


def test_kubectl_has_the_version_of_the_cluster_and_the_kustomize_of_our_renderer(cluster):
    told = json.loads(cluster.kubectl("version", "--output", "json"))
    assert told["clientVersion"]["gitVersion"] == told["serverVersion"]["gitVersion"]
    assert told["kustomizeVersion"] == f"v{KUSTOMIZE}"


def test_the_kubeconfig_has_a_context_for_each_cluster(kubeconfig, second_cluster):
    contexts, _ = config.list_kube_config_contexts(config_file=kubeconfig)
    assert [context["name"] for context in contexts] == ["gke-staging", "gke-prod"]
    for context in ("gke-staging", "gke-prod"):
        api = config.new_client_from_config(config_file=kubeconfig, context=context)
        assert client.VersionApi(api).get_code().git_version == "v1.36.3"


def test_a_service_account_has_only_its_own_rights(cluster, namespace):
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "bot"}}
    cluster.apply(account, namespace=namespace)
    path = cluster.kubeconfig_of("bot", namespace)
    api = config.new_client_from_config(config_file=str(path))
    review = client.AuthenticationV1Api(api).create_self_subject_review({})
    assert review.status.user_info.username == f"system:serviceaccount:{namespace}:bot"
    with pytest.raises(client.ApiException) as refused:
        client.CoreV1Api(api).list_namespaced_pod(namespace)
    assert refused.value.status == 403


def test_onboard_runs_as_its_user_runs_it(onboard, tmp_path):
    assert onboard("--version").out.startswith("onboard ")
    assert onboard("init", tmp_path / "config").code == 0
    assert onboard("check", at=tmp_path / "config").code == 0


# Failures


def test_a_wait_in_vain_tells_the_last_state(cluster, namespace):
    cluster.apply(deployment("v2-pull-error"), namespace=namespace)
    cluster.wait_until(waiting("ImagePullBackOff"), "Pod", namespace=namespace)
    with pytest.raises(AssertionError) as told:
        cluster.wait_until(available, "Deployment", "web", namespace, within=1)
    assert f"after 1 s Deployment {namespace}/web of gke-staging is not available" in str(told.value)
    assert "unavailableReplicas: 1" in str(told.value)
    assert str(cluster.logs) in str(told.value)


def test_a_wait_for_what_does_not_go_tells_the_last_state(cluster, namespace):
    held = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "finalizers": ["example.com/hold"]}}
    cluster.apply(held, namespace=namespace)
    cluster.delete("ConfigMap", "held", namespace)
    with pytest.raises(AssertionError, match="is still there") as told:
        cluster.wait_until_gone("ConfigMap", "held", namespace, within=1)
    assert "example.com/hold" in str(told.value)
    cluster.patch("ConfigMap", "held", {"metadata": {"finalizers": None}}, namespace)
    cluster.wait_until_gone("ConfigMap", "held", namespace)

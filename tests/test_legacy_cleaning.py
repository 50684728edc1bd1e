import json

import pytest

from onboarding_tool.errors import UsageError
from tests.support.imports import DEPLOYMENT, HPA, INGRESS, SERVICE, documents, imported, notes, text, value


def with_lines(manifest: str, below: str, *lines: str) -> str:
    """The manifest with lines below the first line that is `below`."""
    assert f"{below}\n" in manifest
    return manifest.replace(f"{below}\n", "\n".join([below, *lines, ""]), 1)


def annotated(manifest: str, *annotations: str) -> str:
    return with_lines(manifest, "metadata:", "  annotations:", *(f"    {one}" for one in annotations))


CLUSTER_OWNED = """\
  uid: 6d080e2e-8cdc-48b1-90ec-42fa47664565
  resourceVersion: "418830275"
  generation: 97
  creationTimestamp: "2024-02-13T09:41:07Z"
  deletionTimestamp: "2026-02-13T09:41:07Z"
  deletionGracePeriodSeconds: 30
  selfLink: /apis/apps/v1/namespaces/x/deployments/payments
  managedFields: [{manager: kubectl}]
  ownerReferences: [{kind: App, name: a, controller: false}]
  finalizers: [example.com/finalizer]
""".splitlines()


@pytest.mark.parametrize(
    "manifest", [DEPLOYMENT, SERVICE, HPA, INGRESS], ids=["deployment", "service", "hpa", "ingress"]
)
def test_what_the_cluster_owns_goes_and_is_named(manifest):
    kind = manifest.split("kind: ")[1].split("\n")[0]
    exported = with_lines(manifest, "metadata:", *CLUSTER_OWNED, "  namespace: live") + "status: {a: 1}\n"
    others = [one for one in (DEPLOYMENT, SERVICE, HPA, INGRESS) if one is not manifest]
    result = imported(documents(exported, *others))
    fields = {field for name, field in notes(result) if name == f"{kind} payments"} - {"spec.replicas"}
    assert fields == {f"metadata.{line.split(':')[0].strip()}" for line in CLUSTER_OWNED} | {
        "metadata.namespace",
        "status",
    }
    file = {"HorizontalPodAutoscaler": "hpa"}.get(kind, kind.lower())
    assert value(result, f"base/{file}.yaml") == value(imported(documents(manifest, *others)), f"base/{file}.yaml")


@pytest.mark.parametrize(
    ("annotation", "goes"),
    [
        ("deployment.kubernetes.io/revision", True),
        ("kubectl.kubernetes.io/last-applied-configuration", True),
        ("autoscaling.alpha.kubernetes.io/conditions", True),
        ("autoscaling.alpha.kubernetes.io/current-metrics", True),
        ("autoscaling.alpha.kubernetes.io/behavior", False),  # autoscaling/v1 keeps fields of v2 there
        ("autoscaling.alpha.kubernetes.io/metrics", False),
        ("cloud.google.com/neg", False),
        ("cloud.google.com/neg-status", True),
        ("ingress.kubernetes.io/backends", True),
        ("ingress.kubernetes.io/rewrite-target", False),
        ("argocd.argoproj.io/tracking-id", True),
        ("argocd.argoproj.io/sync-wave", True),
        ("helm.sh/hook", True),
        ("meta.helm.sh/release-name", False),
        ("config.kubernetes.io/local-config", True),
        ("prometheus.io/scrape", False),
    ],
)
def test_annotations(annotation, goes):
    result = imported(documents(annotated(DEPLOYMENT, f'{annotation}: "true"', 'example.com/kept: "1"')))
    kept = value(result, "base/deployment.yaml")["metadata"]["annotations"]
    assert kept == {"example.com/kept": "1"} | ({} if goes else {annotation: "true"})
    assert notes(result) == ({("Deployment payments", f'metadata.annotations["{annotation}"]')} if goes else set())


def test_annotations_that_are_all_the_clusters_leave_nothing_behind():
    result = imported(documents(annotated(DEPLOYMENT, 'deployment.kubernetes.io/revision: "4"')))
    assert text(result, "base/deployment.yaml") == text(imported(documents(DEPLOYMENT)), "base/deployment.yaml")


def test_a_pod_template_keeps_everything():
    template = [
        "        app.kubernetes.io/instance: payments",
        "      annotations:",
        '        kubectl.kubernetes.io/restartedAt: "2026-08-30T07:02:11+02:00"',
        '        deployment.kubernetes.io/revision: "3"',
    ]
    exported = with_lines(DEPLOYMENT, "        app: payments", *template)
    result = imported(documents(exported))
    metadata = value(result, "base/deployment.yaml")["spec"]["template"]["metadata"]
    assert metadata["annotations"] == {
        "kubectl.kubernetes.io/restartedAt": "2026-08-30T07:02:11+02:00",
        "deployment.kubernetes.io/revision": "3",
    }
    assert metadata["labels"]["app.kubernetes.io/instance"] == "payments"
    assert result.notes == ()


def test_an_empty_creation_timestamp_of_a_template_goes():
    result = imported(documents(with_lines(DEPLOYMENT, "    metadata:", "      creationTimestamp: null")))
    assert notes(result) == {("Deployment payments", "spec.template.metadata.creationTimestamp")}
    assert text(result, "base/deployment.yaml") == text(imported(documents(DEPLOYMENT)), "base/deployment.yaml")


SCALED = with_lines(DEPLOYMENT, "spec:", "  replicas: 3")


def test_replicas_stay_without_an_autoscaler_and_none_is_invented():
    result = imported(documents(SCALED))
    assert value(result, "base/deployment.yaml")["spec"]["replicas"] == 3
    assert value(result, "base/kustomization.yaml")["resources"] == ["deployment.yaml"]
    assert result.notes == ()


def test_replicas_go_where_the_export_has_an_autoscaler():
    other = SCALED.replace("payments", "worker").replace("acme/worker", "acme/payments")
    result = imported(documents(SCALED, other, HPA))
    assert "replicas" not in value(result, "base/deployment-payments.yaml")["spec"]
    assert value(result, "base/deployment-worker.yaml")["spec"]["replicas"] == 3
    assert notes(result) == {("Deployment payments", "spec.replicas")}


def test_an_autoscaler_that_another_controller_makes_counts_too():
    owned = with_lines(HPA, "metadata:", "  ownerReferences: [{kind: ScaledObject, name: payments, controller: true}]")
    result = imported(documents(SCALED, owned))
    assert notes(result) == {("Deployment payments", "spec.replicas"), ("HorizontalPodAutoscaler payments", "")}
    assert any("ScaledObject payments makes it" in note.reason for note in result.notes)


def test_replicas_that_kubectl_applied_are_pointed_out():
    """Argo CD's first sync drops what kubectl applied before and is gone: the number would fall to 1.

    That the command helps is shown by tests/e2e/test_adoption.py.
    """
    applied = json.dumps({"spec": {"replicas": 2}})
    exported = annotated(SCALED, f"kubectl.kubernetes.io/last-applied-configuration: '{applied}'")
    (warning,) = warnings(exported, HPA)
    assert "kubectl patch deployment/payments " in warning
    assert not warnings(SCALED, HPA)
    assert not warnings(exported)


def warnings(*exported):
    return [step for step in imported(documents(*exported)).steps if "number of replicas" in step]


def test_what_the_cluster_hands_out_to_a_service_goes():
    spec = [
        "  clusterIP: 10.84.6.113",
        "  clusterIPs: [10.84.6.113]",
        "  ipFamilies: [IPv4]",
        "  ipFamilyPolicy: SingleStack",
        "  healthCheckNodePort: 32001",
        "  type: LoadBalancer",
        "  externalTrafficPolicy: Local",
        "  sessionAffinity: None",
    ]
    exported = with_lines(SERVICE, "spec:", *spec).replace("    port: 80\n", "    port: 80\n    nodePort: 30417\n")
    result = imported(documents(DEPLOYMENT, exported))
    assert value(result, "base/service.yaml")["spec"] == {
        "type": "LoadBalancer",
        "externalTrafficPolicy": "Local",
        "sessionAffinity": "None",
        "selector": {"app": "payments"},
        "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
    }
    fields = ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "healthCheckNodePort", "ports[0].nodePort")
    assert notes(result) == {("Service payments", f"spec.{field}") for field in fields}
    assert any(note.reason.startswith("30417: ") for note in result.notes)


def test_a_headless_service_stays_headless():
    result = imported(
        documents(DEPLOYMENT, with_lines(SERVICE, "spec:", '  clusterIP: "None"', '  clusterIPs: ["None"]'))
    )
    assert value(result, "base/service.yaml")["spec"]["clusterIP"] == "None"
    assert notes(result) == {("Service payments", "spec.clusterIPs")}


@pytest.mark.parametrize(
    ("policy", "families"),
    [("PreferDualStack", "[IPv4, IPv6]"), ("RequireDualStack", "[IPv6, IPv4]"), ("SingleStack", "[IPv6]")],
)
def test_ip_families_that_somebody_chose_stay(policy, families):
    exported = with_lines(SERVICE, "spec:", f"  ipFamilyPolicy: {policy}", f"  ipFamilies: {families}")
    assert imported(documents(DEPLOYMENT, exported)).notes == ()


def an_object(kind: str, name: str, version: str = "v1", **fields: object) -> str:
    return json.dumps({"apiVersion": version, "kind": kind, "metadata": {"name": name}, **fields}) + "\n"


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        (an_object("ConfigMap", "kube-root-ca.crt", data={"ca.crt": "x"}), "Kubernetes makes it itself"),
        (an_object("ServiceAccount", "default"), "Kubernetes makes it itself"),
        (an_object("Endpoints", "payments"), "Kubernetes makes it itself"),
        (an_object("EndpointSlice", "payments-x1", "discovery.k8s.io/v1"), "Kubernetes makes it itself"),
        (an_object("ReplicaSet", "payments-6c9d", "apps/v1"), "Kubernetes makes it itself"),
        (an_object("Event", "payments.17"), "Kubernetes makes it itself"),
        (an_object("ControllerRevision", "payments-1", "apps/v1"), "Kubernetes makes it itself"),
        (
            an_object("Secret", "t", type="kubernetes.io/service-account-token", data={"token": "eA=="}),
            "Kubernetes makes it",
        ),
        (an_object("Pod", "debug"), "an API may not have one"),
        (an_object("CronJob", "nightly", "batch/v1"), "an API may not have one. It runs what no workload"),
        (an_object("RoleBinding", "r", "rbac.authorization.k8s.io/v1"), "Rights are given by the platform team"),
        (an_object("Namespace", "live"), "an API may not have one"),
        (an_object("Widget", "w", "example.com/v1"), "an API may not have one. Allowed are ConfigMap,"),
        (an_object("Ingress", "i", "extensions/v1beta1"), "extensions/v1beta1 is gone from Kubernetes"),
    ],
)
def test_objects_that_are_not_kept_are_named_with_the_reason(manifest, reason):
    result = imported(documents(DEPLOYMENT, manifest))
    (note,) = result.notes
    assert note.reason.startswith(reason) or reason in note.reason
    assert (note.object, note.field) == (
        f"{json.loads(manifest)['kind']} {json.loads(manifest)['metadata']['name']}",
        "",
    )
    assert value(result, "base/kustomization.yaml")["resources"] == ["deployment.yaml"]
    assert note.object in text(result, "IMPORT.md")


def test_a_pod_of_a_replica_set_is_made_by_kubernetes():
    owned = an_object("Pod", "payments-6c9d-x").replace(
        '"metadata": {', '"metadata": {"ownerReferences": [{"kind": "ReplicaSet", "name": "p", "controller": true}], '
    )
    (note,) = imported(documents(DEPLOYMENT, owned)).notes
    assert note.reason == "Kubernetes makes it itself"


@pytest.mark.parametrize(
    ("secrets", "kept"),
    [
        (["payments-token-x7k2p"], False),
        (["payments-token-x7k2p", "payments-dockercfg-abcde"], False),
        (["payments-key"], True),
        (["payments-token-x7k2p", "payments-key"], True),
    ],
)
def test_tokens_that_old_clusters_made_for_service_accounts_go(secrets, kept):
    account = an_object("ServiceAccount", "payments", secrets=[{"name": name} for name in secrets])
    result = imported(documents(DEPLOYMENT, account))
    assert ("secrets" in value(result, "base/serviceaccount.yaml")) is kept
    assert bool(result.notes) is not kept


@pytest.mark.parametrize("bound", [True, False])
def test_a_claim_keeps_a_volume_that_somebody_chose(bound):
    claim = an_object("PersistentVolumeClaim", "data", spec={"volumeName": "pvc-1", "resources": {}})
    mark = '"annotations": {"pv.kubernetes.io/bound-by-controller": "yes"}, ' if bound else ""
    result = imported(documents(DEPLOYMENT, claim.replace('"metadata": {', f'"metadata": {{{mark}')))
    assert ("volumeName" in value(result, "base/persistentvolumeclaim.yaml")["spec"]) is not bound


@pytest.mark.parametrize("field", ["data", "stringData"])
def test_a_plaintext_secret_is_refused_with_the_way_out(field):
    secret = an_object("Secret", "payments-db", **{field: {"password": "hunter2hunter2"}})
    with pytest.raises(UsageError) as caught:
        imported(documents(DEPLOYMENT, secret))
    assert "export.yaml:18:1: Secret payments-db is a plaintext Secret" in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert "External Secrets" in caught.value.hint


def test_other_kinds_of_an_api_are_kept():
    external = an_object(
        "ExternalSecret", "db", "external-secrets.io/v1", spec={"target": {"name": "db"}}, status={"a": 1}
    )
    result = imported(documents(DEPLOYMENT, external))
    assert value(result, "base/externalsecret.yaml")["spec"] == {"target": {"name": "db"}}
    assert notes(result) == {("ExternalSecret db", "status")}


def test_names_that_could_do_harm_are_shown_as_literals():
    hostile = an_object("Widget", "x|<script>\u001b[31m\n::error::", "example.com/v1")
    (note,) = imported(documents(DEPLOYMENT, hostile)).notes
    page = text(imported(documents(DEPLOYMENT, hostile)), "IMPORT.md")
    assert "\x1b" not in note.object + page
    assert "\n::error" not in page
    assert "<script>" not in page

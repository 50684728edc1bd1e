import pytest

from onboarding_tool import legacy
from onboarding_tool.errors import Exit, UsageError
from onboarding_tool.model import Placement
from tests.support.imports import (
    DEPLOYMENT,
    HPA,
    SERVICE,
    documents,
    empty_repo,
    findings,
    imported,
    notes,
    text,
    value,
)
from tests.support.repos import good, repo_of


def in_namespace(manifest: str, namespace: str) -> str:
    return manifest.replace("metadata:\n", f"metadata:\n  namespace: {namespace}\n", 1)


def refused(sources: dict[str, bytes], repo=None, **words: object) -> UsageError:
    with pytest.raises(UsageError) as caught:
        imported(sources, repo, **words)
    assert caught.value.exit is Exit.USAGE
    return caught.value


def test_the_files_of_an_import():
    result = imported(documents(DEPLOYMENT, SERVICE, HPA))
    assert set(result.changes) == {
        f"apps/payments/{path}"
        for path in (
            "IMPORT.md",
            "metadata.yaml",
            "base/kustomization.yaml",
            "base/deployment.yaml",
            "base/service.yaml",
            "base/hpa.yaml",
            "overlays/staging/kustomization.yaml",
            "overlays/prod/kustomization.yaml",
        )
    }
    assert findings(empty_repo(), result.changes) == []
    assert value(result, "overlays/prod/kustomization.yaml") == {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "payments-prod",
        "resources": ["../../base"],
        "images": [{"name": "europe-docker.pkg.dev/acme/payments/app", "newTag": "v1.9.3"}],
    }
    assert text(result, "metadata.yaml").startswith("# yaml-language-server: $schema=../../.onboard/schemas/api.json\n")


def test_several_of_a_kind_have_their_names_in_the_files():
    other = DEPLOYMENT.replace("name: payments\n", "name: worker\n", 1)
    result = imported(documents(other, DEPLOYMENT, SERVICE))
    assert value(result, "base/kustomization.yaml")["resources"] == [
        "deployment-payments.yaml",
        "deployment-worker.yaml",
        "service.yaml",
    ]
    assert [workload.deployment for workload in result.api.workloads] == ["worker", "payments"]


def test_the_same_export_gives_the_same_files():
    sources = {"a.yaml": DEPLOYMENT.encode(), "b.yaml": SERVICE.encode()}
    assert imported(sources).changes == imported(dict(sources)).changes


@pytest.mark.parametrize(
    ("namespace", "words", "places"),
    [
        (None, {}, {"staging": "payments-staging", "prod": "payments-prod"}),
        ("live", {}, {"staging": "live", "prod": "live"}),
        ("live", {"namespaces": {"prod": "pay"}}, {"prod": "pay"}),
        (None, {"namespaces": {"prod": "a", "staging": "b"}}, {"staging": "b", "prod": "a"}),
    ],
)
def test_namespaces(namespace, words, places):
    manifest = in_namespace(DEPLOYMENT, namespace) if namespace else DEPLOYMENT
    result = imported(documents(manifest), **words)
    assert result.api.environments == {name: Placement(place, "none") for name, place in places.items()}
    assert list(result.api.environments) == list(places)
    for name, place in places.items():
        assert value(result, f"overlays/{name}/kustomization.yaml")["namespace"] == place
    assert "namespace" not in value(result, "base/deployment.yaml")["metadata"]
    assert notes(result) == ({("Deployment payments", "metadata.namespace")} if namespace else set())


def test_namespaces_are_managed_only_on_demand():
    result = imported(documents(DEPLOYMENT), manage_namespaces=True)
    assert {place.manage for place in result.api.environments.values()} == {"full"}
    assert not any("is expected to exist" in step for step in result.steps)
    assert any("payments-prod is expected to exist" in step for step in imported(documents(DEPLOYMENT)).steps)


TWO = documents(in_namespace(DEPLOYMENT, "a"), in_namespace(SERVICE, "b"))


@pytest.mark.parametrize("namespaces", [{}, {"prod": "a"}, {"prod": "c", "staging": "d"}])
def test_two_namespaces_are_refused_with_the_way_out_whatever_is_wished(namespaces):
    error = refused(TWO, namespaces=namespaces)
    assert "the export comes from 2 namespaces" in error.message
    assert "export.yaml:4:14: Deployment payments is in 'a'" in error.message
    assert "export.yaml:22:14: Service payments is in 'b'" in error.message
    assert "kubectl get ... -n NAMESPACE" in error.hint


def test_the_namespace_of_what_is_dropped_does_not_count():
    account = in_namespace("apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: default\n", "b")
    assert imported(documents(in_namespace(DEPLOYMENT, "a"), account)).api.environments["prod"].namespace == "a"


def test_a_namespace_that_cannot_be_one_is_pointed_out():
    assert any(
        "forbids the namespace default" in step
        for step in imported(documents(in_namespace(DEPLOYMENT, "default"))).steps
    )
    one_cluster = empty_repo(**{"cluster: gke-prod": "cluster: gke-staging"})
    steps = imported(documents(in_namespace(DEPLOYMENT, "live")), one_cluster).steps
    assert any("cannot share a namespace" in step for step in steps)


@pytest.mark.parametrize(
    ("words", "said", "hint"),
    [
        ({"team": "paymets-team"}, "there is no team 'paymets-team'", "'payments-team'"),
        ({"tenant": "customer-b"}, "does not serve the tenant 'customer-b'", "onboard team add payments-team --tenant"),
        ({"tenant": "Customer A"}, "cannot be the name of a tenant", ""),
        ({"namespaces": {"prd": "x"}}, "there is no environment 'prd'", "'prod'"),
        ({"namespaces": {"prod": "X_1"}}, "'X_1' cannot be a namespace", ""),
        ({"name": "Payments API"}, "cannot be the name of an API", "For example: payments-api."),
        ({"name": "../../platform"}, "cannot be the name of an API", "For example: platform."),
        ({"name": ""}, "cannot be the name of an API", ""),
        ({"name": "a" * 41}, "cannot be the name of an API", "at most 40"),
        ({"name": "tenant-portal"}, "cannot be the name of an API", "choose another"),
        ({"name": "a" * 40, "namespaces": {}}, "cannot be a namespace", "--namespace staging=NAMESPACE"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(words, said, hint):
    repo = empty_repo(**{"  staging:\n": f"  staging-{'x' * 25}:\n"}) if words.get("name") == "a" * 40 else None
    error = refused(documents(DEPLOYMENT), repo, **words)
    assert said in error.message
    assert hint.replace("staging=", f"staging-{'x' * 25}=") in error.hint if repo else hint in error.hint


def test_an_api_that_exists_is_refused():
    assert "there is an API 'payments' already" in refused(documents(DEPLOYMENT), repo_of(good())).message


def test_a_platform_that_cannot_be_read_is_refused():
    repo = repo_of({"platform.yaml": ": :", "teams.yaml": good()["teams.yaml"]})
    assert "platform.yaml cannot be read" in refused(documents(DEPLOYMENT), repo).message


def test_an_object_twice_is_refused_with_both_places():
    error = refused({"a.yaml": DEPLOYMENT.encode(), "b.yaml": SERVICE.encode() + b"---\n" + DEPLOYMENT.encode()})
    assert "b.yaml:13:1: Deployment payments is in the export twice; first at a.yaml:1:1" in error.message


def test_an_export_without_a_deployment_is_refused():
    assert "the export has no Deployment" in refused(documents(SERVICE, HPA)).message
    assert "it has Service payments and HorizontalPodAutoscaler payments" in refused(documents(SERVICE, HPA)).message


def test_an_export_of_nothing_that_can_be_taken_says_why_of_each():
    other = "apiVersion: apps/v1\nkind: {}\nmetadata: {{name: db}}\n"
    message = refused(documents(other.format("StatefulSet"), other.format("ReplicaSet"))).message
    assert "the export has no Deployment" in message
    assert "\n  StatefulSet db cannot be taken: an API may not have one." in message
    assert "\n  ReplicaSet db cannot be taken: Kubernetes makes it itself" in message
    assert "nothing of use" not in message


@pytest.mark.parametrize("name", ["../../x", "A", "a/b", "a" * 201, "-a", "ä"])
def test_a_name_that_is_no_name_of_an_object_is_refused(name):
    error = refused(documents(DEPLOYMENT, SERVICE.replace("name: payments", f'name: "{name}"')))
    assert "cannot be the name of an object" in error.message


def test_what_the_api_needs_and_the_export_has_not_is_pointed_out():
    pod = """\
        env:
        - {name: A, valueFrom: {secretKeyRef: {name: db, key: a}}}
        - {name: B, valueFrom: {configMapKeyRef: {name: settings, key: a}}}
        - {name: C, valueFrom: {secretKeyRef: {name: maybe, key: a, optional: true}}}
        envFrom:
        - configMapRef: {name: there}
      serviceAccountName: runner
      imagePullSecrets:
      - name: pull
      volumes:
      - {name: v, secret: {secretName: files}}
      - {name: w, projected: {sources: [{secret: {name: projected}}]}}
"""
    there = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: there}\ndata: {a: b}\n"
    (step,) = [step for step in imported(documents(DEPLOYMENT + pod, there)).steps if "refers to what is not" in step]
    wanted = "ConfigMap settings, Secret db, Secret files, Secret projected, Secret pull and ServiceAccount runner"
    assert step.endswith(f": {wanted}.")


def test_the_page_tells_what_became_of_everything():
    cluster = in_namespace(DEPLOYMENT, "live").replace("metadata:\n", "metadata:\n  uid: a\n", 1) + "status: {}\n"
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: debug}\n"
    result = imported({"live.yaml": cluster.encode(), "other.yaml": pod.encode()})
    page = text(result, "IMPORT.md")
    assert "| Deployment payments | base/deployment.yaml | live.yaml |\n" in page
    assert "| Deployment payments | status, metadata.uid | the cluster writes it |\n" in page
    assert "| Deployment payments | metadata.namespace | each overlay sets the namespace |\n" in page
    assert "| Pod debug | all of it | an API may not have one." in page
    assert all(step in page for step in result.steps)


def test_the_lines_for_the_terminal_say_the_same():
    result = imported(documents(in_namespace(DEPLOYMENT, "live") + "status: {}\n"))
    assert legacy.not_kept(result)[:4] == [
        "Not kept as it was:",
        "  Deployment payments: status: the cluster writes it",
        "  Deployment payments: metadata.namespace: each overlay sets the namespace",
        "Left to do:",
    ]
    assert len(legacy.not_kept(result)) == 4 + len(result.steps)


def test_what_was_kept_whole_needs_no_words():
    assert legacy.not_kept(imported(documents(DEPLOYMENT)))[0] == "Left to do:"

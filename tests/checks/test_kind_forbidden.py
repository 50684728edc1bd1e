import pytest

from onboarding_tool.checks import kind_forbidden as rule
from onboarding_tool.kinds import DERIVED_KINDS, PROJECT_KINDS, TENANT_KINDS
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
EXTRA = "apps/payments/base/extra.yaml"


def with_object(version: str, kind: str, more: str = "") -> dict[str, str]:
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: extra}}\n{more}"
    return edited(BASE, "- hpa.yaml", "- hpa.yaml\n  - extra.yaml") | {EXTRA: text}


def test_the_usual_kinds_pass():
    assert findings(rule, good()) == []


@pytest.mark.parametrize(("group", "kind"), TENANT_KINDS)
def test_every_allowed_kind_passes(group, kind):
    assert findings(rule, with_object(f"{group}/v1" if group else "v1", kind)) == []


@pytest.mark.parametrize(
    ("version", "kind", "words"),
    [
        ("v1", "Pod", "Write a Deployment"),
        ("apps/v1", "ReplicaSet", "Write a Deployment"),
        ("apps/v1", "StatefulSet", "no workload"),
        ("apps/v1", "DaemonSet", "no workload"),
        ("batch/v1", "Job", "no workload"),
        ("batch/v1", "CronJob", "no workload"),
        ("v1", "Namespace", "generates it"),
        ("v1", "ResourceQuota", "generates it"),
        ("networking.k8s.io/v1", "NetworkPolicy", "generates it"),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", "Rights"),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "Rights"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "whole cluster"),
        ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "whole cluster"),
        ("argoproj.io/v1alpha1", "Application", "Argo CD"),
        ("argoproj.io/v1alpha1", "AppProject", "Argo CD"),
        ("gateway.networking.k8s.io/v1", "HTTPRoute", "`routes:`"),
        ("v1", "Secret", "ExternalSecret"),
        ("example.com/v1", "Anything", "Allowed are BackendConfig"),
    ],
)
def test_every_other_kind_is_found_with_its_reason(version, kind, words):
    found = findings(rule, with_object(version, kind))
    assert places(found) == [(EXTRA, 2, 7)]
    assert found[0].rule == "kind-forbidden"
    assert kind in found[0].message
    assert "'extra'" in found[0].message
    assert words in found[0].hint


@pytest.mark.parametrize(
    ("version", "kind", "words"),
    [("extensions/v1beta1", "Ingress", "networking.k8s.io"), ("serving.knative.dev/v1", "Service", "`apiVersion: v1`")],
)
def test_an_allowed_kind_of_another_group_is_found(version, kind, words):
    found = findings(rule, with_object(version, kind))
    assert places(found) == [(EXTRA, 2, 7)]
    assert words in found[0].hint


def test_a_typo_gets_the_kind_that_was_meant():
    assert "Did you mean 'Deployment'?" in findings(rule, with_object("apps/v1", "Deploymnet"))[0].hint


def test_a_secret_with_data_is_left_to_its_own_rule():
    assert findings(rule, with_object("v1", "Secret", "data: {a: b}\n")) == []


def test_objects_of_an_overlay_count():
    path = "apps/payments/overlays/prod/pod.yaml"
    files = edited(path.replace("pod", "kustomization"), "- ../../base", "- ../../base\n  - pod.yaml")
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
    assert places(findings(rule, files | {path: text})) == [(path, 2, 7)]


def test_what_a_project_permits_is_what_tenants_write_and_what_comes_of_it():
    assert set(PROJECT_KINDS) == {*TENANT_KINDS, *DERIVED_KINDS}
    assert not set(TENANT_KINDS) & set(DERIVED_KINDS)


def test_the_page_names_every_allowed_kind():
    assert [kind for _, kind in TENANT_KINDS if kind not in (rule.__doc__ or "")] == []

import pytest

from onboarding_tool.checks import argocd_annotation as rule
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
SERVICE = "apps/payments/base/service.yaml"


def annotated(name: str, kind: str = "annotations") -> dict[str, str]:
    return edited(SERVICE, "name: payments\n", f"name: payments\n  {kind}:\n    {name}: x\n")


def test_no_annotations_pass():
    assert findings(rule, good()) == []


@pytest.mark.parametrize(
    "name",
    ["example.com/argocd.argoproj.io", "notargocd.argoproj.io/hook", "meta.helm.sh/release-name", "helm.sh/chart"],
)
def test_near_names_pass(name):
    assert findings(rule, annotated(name)) == []


@pytest.mark.parametrize(
    "name",
    [
        "argocd.argoproj.io/sync-options",
        "argocd.argoproj.io/hook",
        "argocd.argoproj.io/anything-new",
        "link.argocd.argoproj.io/external-link",
        "helm.sh/hook",
        "helm.sh/hook-delete-policy",
    ],
)
def test_an_annotation_that_steers_is_found(name):
    found = findings(rule, annotated(name))
    assert places(found) == [(SERVICE, 6, 5)]
    assert found[0].rule == "argocd-annotation"
    assert f"annotation {name!r}" in found[0].message
    assert "Delete it" in found[0].hint


def test_a_label_that_steers_is_found():
    found = findings(rule, annotated("argocd.argoproj.io/instance", "labels"))
    assert places(found) == [(SERVICE, 6, 5)]
    assert "label 'argocd.argoproj.io/instance'" in found[0].message


def test_a_generated_configmap_counts():
    files = good()
    files[PROD] += "configMapGenerator: [{name: a, options: {annotations: {argocd.argoproj.io/hook: Sync}}}]\n"
    assert places(findings(rule, files)) == [(PROD, 9, 56)]


@pytest.mark.parametrize(
    "patch",
    [
        "{kind: Service, metadata: {name: payments, annotations: {argocd.argoproj.io/hook: Sync}}}",
        "[{op: add, path: /metadata/annotations/argocd.argoproj.io~1hook, value: Sync}]",
        "[{op: copy, from: /metadata/name, path: /metadata/annotations/argocd.argoproj.io~1hook}]",
        "[{op: replace, path: /metadata/annotations, value: {argocd.argoproj.io/hook: Sync}}]",
        "[{op: replace, path: /metadata, value: {annotations: {argocd.argoproj.io/hook: Sync}}}]",
        '[{op: replace, path: "", value: {metadata: {annotations: {argocd.argoproj.io/hook: Sync}}}}]',
        "{kind: List, items: [{metadata: {annotations: {argocd.argoproj.io/hook: Sync}}}]}",
    ],
)
@pytest.mark.parametrize("path", [BASE, PROD])
def test_a_patch_counts(path, patch):
    files = good()
    files[path] += f"patches:\n  - target: {{kind: Service}}\n    patch: '{patch}'\n"
    assert places(findings(rule, files)) == [(path, files[path].count("\n"), 5)]


def test_a_patch_file_is_found_in_its_own_place():
    files = good()
    files[PROD] += "patches: [{path: p.yaml}]\n"
    path = "apps/payments/overlays/prod/p.yaml"
    files[path] = "kind: Service\nmetadata:\n  annotations:\n    argocd.argoproj.io/hook: Sync\n"
    assert places(findings(rule, files)) == [(path, 4, 5)]


def test_taking_one_away_passes():
    files = good()
    patch = "[{op: remove, path: /metadata/annotations/argocd.argoproj.io~1hook}]"
    files[PROD] += f"patches:\n  - target: {{kind: Service}}\n    patch: '{patch}'\n"
    assert findings(rule, files) == []

import pytest

from onboarding_tool.checks import ownership_label_foreign as rule
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"
SERVICE = "apps/payments/base/service.yaml"
LABEL = "platform/api-name"


def test_no_ownership_label_passes():
    assert findings(rule, good()) == []


def test_the_own_name_passes():
    assert findings(rule, edited(DEPLOYMENT, "app.kubernetes.io/name:", f"{LABEL}:")) == []


@pytest.mark.parametrize(
    ("path", "old", "place"),
    [
        (DEPLOYMENT, "  labels:\n    app.kubernetes.io/name: payments\nspec:", (6, 24)),
        (DEPLOYMENT, "    matchLabels:\n      app.kubernetes.io/name: payments", (10, 26)),
        (DEPLOYMENT, "      labels:\n        app.kubernetes.io/name: payments", (14, 28)),
        (SERVICE, "  selector:\n    app.kubernetes.io/name: payments", (7, 24)),
    ],
)
def test_another_name_is_found_wherever_an_object_says_it(path, old, place):
    files = good()
    files[path] = files[path].replace(old, old.replace("app.kubernetes.io/name: payments", f"{LABEL}: orders"))
    found = findings(rule, files)
    assert places(found) == [(path, *place)]
    assert found[0].rule == "ownership-label-foreign"
    assert "'orders'" in found[0].message
    assert "Delete the label" in found[0].hint


@pytest.mark.parametrize("path", [BASE, PROD])
@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("labels: [{pairs: {platform/api-name: orders}}]\n", 38),
        ("configMapGenerator: [{name: a, options: {labels: {platform/api-name: orders}}}]\n", 70),
    ],
)
def test_a_kustomization_that_says_it_is_found(path, text, column):
    files = good()
    files[path] += text
    assert places(findings(rule, files)) == [(path, files[path].count("\n"), column)]


@pytest.mark.parametrize(
    "patch",
    [
        "{kind: Service, metadata: {name: payments, labels: {platform/api-name: orders}}}",
        "[{op: add, path: /metadata/labels/platform~1api-name, value: orders}]",
        "[{op: add, path: /metadata/labels, value: {platform/api-name: orders}}]",
        "[{op: add, path: /spec/selector/platform~1api-name, value: orders}]",
    ],
)
def test_a_patch_that_says_it_is_found(patch):
    files = good()
    files[PROD] += f"patches:\n  - target: {{kind: Service}}\n    patch: '{patch}'\n"
    assert places(findings(rule, files)) == [(PROD, 11, 12)]


def test_the_platform_names_the_label():
    files = edited("platform.yaml", "clusters:", "ownership_label: acme/owner\nclusters:")
    assert findings(rule, edited(DEPLOYMENT, "app.kubernetes.io/name:", f"{LABEL}2:", files)) == []
    files = edited(SERVICE, "app.kubernetes.io/name: payments", "acme/owner: orders", files)
    assert places(findings(rule, files)) == [(SERVICE, 7, 17)]

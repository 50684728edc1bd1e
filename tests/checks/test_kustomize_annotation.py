import pytest

from onboarding_tool.checks import kustomize_annotation as rule
from tests.support.repos import edited, findings, good, places

SERVICE = "apps/payments/base/service.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"


def annotated(name: str) -> dict[str, str]:
    return edited(SERVICE, "name: payments\n", f'name: payments\n  annotations:\n    {name}: "true"\n')


@pytest.mark.parametrize("name", ["config.kubernetes.io/origin", "kubernetes.io/description", "local-config"])
def test_other_annotations_pass(name):
    assert findings(rule, good()) == []
    assert findings(rule, annotated(name)) == []


@pytest.mark.parametrize(
    "name",
    [
        "config.kubernetes.io/local-config",
        "config.kubernetes.io/function",
        "internal.config.kubernetes.io/allowNameChange",
        "kustomize.config.k8s.io/needs-hash",
    ],
)
def test_an_annotation_that_steers_is_found(name):
    found = findings(rule, annotated(name))
    assert places(found) == [(SERVICE, 6, 5)]
    assert found[0].rule == "kustomize-annotation"
    assert repr(name) in found[0].message
    assert "Delete it" in found[0].hint


def test_a_patch_counts():
    files = good()
    value = (
        "{kind: Deployment, metadata: {name: x, annotations: {internal.config.kubernetes.io/allowNameChange: enabled}}}"
    )
    files[PROD] += f"patches:\n  - target: {{kind: Deployment}}\n    patch: '{value}'\n"
    assert places(findings(rule, files)) == [(PROD, 11, 5)]

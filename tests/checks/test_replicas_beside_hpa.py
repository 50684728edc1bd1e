from onboarding_tool.checks import replicas_beside_hpa as rule
from tests.support.repos import HPA, edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"


def with_replicas() -> dict[str, str]:
    return edited(DEPLOYMENT, "spec:\n  selector:", "spec:\n  replicas: 3\n  selector:")


def test_an_autoscaler_without_replicas_passes():
    assert findings(rule, good()) == []


def test_replicas_without_an_autoscaler_pass():
    assert findings(rule, edited(BASE, "  - hpa.yaml\n", "", with_replicas())) == []


def test_an_autoscaler_of_something_else_passes():
    files = edited("apps/payments/base/hpa.yaml", "    name: payments", "    name: other", with_replicas())
    assert findings(rule, files) == []


def test_both_are_found_at_the_replicas():
    found = findings(rule, with_replicas())
    assert places(found) == [(DEPLOYMENT, 8, 13)]
    assert found[0].rule == "replicas-beside-hpa"
    assert "in staging and prod" in found[0].message
    assert "`replicas: 3`" in found[0].message
    assert "minReplicas" in found[0].hint
    assert "apps/payments/base/hpa.yaml" in found[0].hint


def test_an_autoscaler_of_one_environment_is_found_with_it():
    files = edited(BASE, "  - hpa.yaml\n", "", with_replicas())
    files = edited(PROD, "- ../../base", "- ../../base\n  - hpa.yaml", files)
    found = findings(rule, files | {"apps/payments/overlays/prod/hpa.yaml": HPA})
    assert places(found) == [(DEPLOYMENT, 8, 13)]
    assert "in prod, " in found[0].message

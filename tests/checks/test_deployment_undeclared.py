from onboarding_tool.checks import deployment_undeclared as rule
from tests.support.repos import DEPLOYMENT, edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
WORKER = DEPLOYMENT.replace("name: payments\n", "name: payments-worker\n", 1)


def test_declared_deployments_pass():
    assert findings(rule, good()) == []


def test_an_undeclared_deployment_of_the_base_is_found_once():
    files = edited(BASE, "- hpa.yaml", "- hpa.yaml\n  - worker.yaml") | {"apps/payments/base/worker.yaml": WORKER}
    found = findings(rule, files)
    assert places(found) == [("apps/payments/base/worker.yaml", 4, 9)]
    assert found[0].rule == "deployment-undeclared"
    assert "'payments-worker'" in found[0].message
    assert "metadata.yaml" in found[0].hint


def test_an_undeclared_deployment_of_an_overlay_is_found():
    path = "apps/payments/overlays/prod/worker.yaml"
    files = edited(PROD, "- ../../base", "- ../../base\n  - worker.yaml") | {path: WORKER}
    assert places(findings(rule, files)) == [(path, 4, 9)]


def test_a_second_document_hides_nothing():
    files = edited("apps/payments/base/deployment.yaml", "containerPort: 8080\n", "containerPort: 8080\n---\n" + WORKER)
    assert places(findings(rule, files)) == [("apps/payments/base/deployment.yaml", 25, 9)]


def test_another_kind_of_that_name_passes():
    assert (
        findings(rule, edited("apps/payments/base/service.yaml", "name: payments\n", "name: payments-worker\n")) == []
    )

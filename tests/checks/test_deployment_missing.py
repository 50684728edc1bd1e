from onboarding_tool.checks import deployment_missing as rule
from tests.support.repos import DEPLOYMENT, edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"


def test_a_declared_deployment_that_is_there_passes():
    assert findings(rule, good()) == []


def test_a_declared_deployment_that_is_not_there_is_found_once_for_all_environments():
    found = findings(rule, edited(METADATA, "deployment: payments", "deployment: payment"))
    assert places(found) == [(METADATA, 11, 17)]
    assert found[0].rule == "deployment-missing"
    assert "in staging and prod" in found[0].message
    assert "'payment'" in found[0].message
    assert "Did you mean 'payments'?" in found[0].hint


def test_a_deployment_that_one_environment_lacks_is_found_with_it():
    files = edited(METADATA, "environments:", WORKER + "environments:")
    files |= edited(PROD, "- ../../base", "- ../../base\n  - worker.yaml", files)
    files["apps/payments/overlays/prod/worker.yaml"] = DEPLOYMENT.replace("name: payments\n", "name: worker\n", 1)
    found = findings(rule, files)
    assert places(found) == [(METADATA, 14, 17)]
    assert "in staging, there is no Deployment 'worker'" in found[0].message


WORKER = "  - deployment: worker\n    containers: [{name: app, image: europe-docker.pkg.dev/acme/payments/app}]\n"

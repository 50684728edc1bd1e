from onboarding_tool.checks import container_missing as rule
from tests.support.repos import edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"


def test_a_declared_container_that_is_there_passes():
    assert findings(rule, good()) == []


def test_an_init_container_counts():
    assert findings(rule, edited(DEPLOYMENT, "containers:", "initContainers:")) == []


def test_a_declared_container_that_is_not_there_is_found():
    found = findings(rule, edited(METADATA, "{name: app,", "{name: apps,"))
    assert places(found) == [(METADATA, 13, 16)]
    assert found[0].rule == "container-missing"
    assert "in staging and prod" in found[0].message
    assert "no container 'apps'" in found[0].message
    assert "Did you mean 'app'?" in found[0].hint


def test_a_missing_deployment_is_left_to_its_own_rule():
    assert findings(rule, edited(METADATA, "deployment: payments", "deployment: payment")) == []

import pytest

from onboarding_tool.checks import container_undeclared as rule
from tests.support.repos import edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"


def test_declared_containers_pass():
    assert findings(rule, good()) == []


@pytest.mark.parametrize("group", ["containers", "initContainers"])
def test_an_undeclared_container_is_found(group):
    files = edited(DEPLOYMENT, "containers:\n", f"{group}:\n        - name: debug\n          image: busybox\n")
    found = findings(rule, files)
    assert places(found) == [(DEPLOYMENT, 17, 17)]
    assert found[0].rule == "container-undeclared"
    assert "'debug'" in found[0].message
    assert "metadata.yaml" in found[0].hint


def test_a_near_name_is_suggested():
    found = findings(rule, edited(DEPLOYMENT, "- name: app\n", "- name: apps\n"))
    assert "Did you mean 'app'?" in found[0].hint


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("ephemeralContainers: []\n", 28),
        ("volumes: [{name: a, emptyDir: {}}, {name: b, image: {reference: ghcr.io/x/y}}]\n", 59),
    ],
)
def test_other_ways_to_bring_in_an_image_are_found(text, column):
    found = findings(rule, edited(DEPLOYMENT, "containers:\n", text + "      containers:\n"))
    assert places(found) == [(DEPLOYMENT, 16, column)]
    assert "cannot be declared" in found[0].message


def test_an_undeclared_deployment_is_left_to_its_own_rule():
    assert findings(rule, edited(METADATA, "deployment: payments", "deployment: other")) == []

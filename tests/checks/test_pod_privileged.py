import pytest

from onboarding_tool.checks import pod_privileged as rule
from tests.support.repos import edited, good, patched, places, with_component

DEPLOYMENT = "apps/payments/base/deployment.yaml"
POD = "/spec/template/spec"


def test_an_ordinary_pod_passes(judged):
    assert judged(rule, good()) == []


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("hostNetwork: true", (16, 20), "`hostNetwork` lets the pods of 'payments' into the machine"),
        ("hostPID: true", (16, 16), "`hostPID`"),
        ("hostIPC: true", (16, 16), "`hostIPC`"),
        ("volumes: [{name: logs, hostPath: {path: /}}]", (16, 40), "the volume 'logs' of 'payments' is a folder"),
        ("securityContext: {windowsOptions: {hostProcess: true}}", (16, 24), "`hostProcess`"),
    ],
)
def test_a_pod_that_reaches_the_machine_is_found_where_it_is_written(judged, text, place, problem):
    files = good()
    files[DEPLOYMENT] = files[DEPLOYMENT].replace("      containers:", f"      {text}\n      containers:")
    found = judged(rule, files)
    assert places(found) == [(DEPLOYMENT, *place)]
    assert f"payments: in staging and prod, {problem}" in found[0].message


@pytest.mark.parametrize("group", ["containers", "initContainers"])
def test_a_privileged_container_is_found(judged, group):
    files = edited(DEPLOYMENT, "containers:", f"{group}:")
    files[DEPLOYMENT] += "          securityContext: {privileged: true}\n"
    found = judged(rule, files)
    assert [one.line for one in found] == [21]
    assert "the container 'app' of 'payments' is privileged" in found[0].message


def test_what_a_patch_adds_is_found(judged):
    found = judged(rule, patched("{kind: Deployment}", f'[{{"op": "add", "path": "{POD}/hostPID", "value": true}}]'))
    assert ["payments: in prod, `hostPID`" in one.message for one in found] == [True]


def test_what_is_off_passes(judged):
    files = good()
    files[DEPLOYMENT] = files[DEPLOYMENT].replace("      containers:", "      hostPID: false\n      containers:")
    files[DEPLOYMENT] += "          securityContext: {privileged: false}\n"
    assert judged(rule, files) == []


def test_what_a_component_adds_is_the_platforms(judged):
    patch = f'[{{"op": "add", "path": "{POD}/hostPID", "value": true}}]'
    assert judged(rule, with_component(f"patches: [{{target: {{kind: Deployment}}, patch: '{patch}'}}]\n")) == []

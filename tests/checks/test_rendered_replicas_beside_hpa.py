from onboarding_tool.checks import rendered_replicas_beside_hpa as rule
from onboarding_tool.checks import replicas_beside_hpa
from tests.support.repos import edited, findings, good, patched, places, with_component, with_generated

DEPLOYMENT = "apps/payments/base/deployment.yaml"
PATCH = '[{"op": "add", "path": "/spec/replicas", "value": 5}]'


def test_an_autoscaler_alone_passes(judged):
    assert judged(rule, with_generated(good())) == []


def test_replicas_of_a_patch_are_found(judged):
    files = patched("{kind: Deployment, name: payments}", PATCH)
    assert findings(replicas_beside_hpa, files) == []
    found = judged(rule, files)
    assert places(found) == [(DEPLOYMENT, 8, 3)]
    assert "in prod, the Deployment 'payments' comes out with `replicas: 5`" in found[0].message


def test_replicas_of_a_component_are_found(judged):
    found = judged(rule, with_component(f"patches: [{{target: {{kind: Deployment}}, patch: '{PATCH}'}}]\n"))
    assert ["in staging and prod" in one.message for one in found] == [True]


def test_without_an_autoscaler_replicas_pass(judged):
    files = edited("apps/payments/base/kustomization.yaml", "  - hpa.yaml\n", "")
    assert judged(rule, patched("{kind: Deployment, name: payments}", PATCH, files)) == []


def test_what_the_files_say_is_left_to_the_rule_for_files(judged):
    files = edited(DEPLOYMENT, "spec:\n  selector:", "spec:\n  replicas: 3\n  selector:")
    assert findings(replicas_beside_hpa, files) != []
    assert judged(rule, files) == []

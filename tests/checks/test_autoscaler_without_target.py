import pytest

from onboarding_tool.checks import autoscaler_without_target as rule
from onboarding_tool.checks import hpa_target_missing
from tests.support.repos import edited, findings, good, listed_in_base, patched, places, with_generated

HPA = "apps/payments/base/hpa.yaml"
PDB = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: payments}
spec:
  minAvailable: 1
  selector: SELECTOR
"""


def budget(selector):
    return listed_in_base("pdb.yaml", PDB.replace("SELECTOR", selector))


def test_an_autoscaler_of_a_deployment_passes(judged):
    assert judged(rule, with_generated(good())) == []


def test_a_target_that_a_patch_moves_is_found(judged):
    patch = '[{"op": "replace", "path": "/spec/scaleTargetRef/name", "value": "payment"}]'
    files = patched("{kind: HorizontalPodAutoscaler}", patch)
    assert findings(hpa_target_missing, files) == []
    found = judged(rule, files)
    assert places(found) == [(HPA, 9, 11)]
    assert "in prod, 'payments' scales the Deployment 'payment', which does not come out" in found[0].message
    assert "'payments'" in found[0].hint


def test_an_autoscaler_that_is_wrong_in_the_files_is_left_to_its_rule(judged):
    files = edited(HPA, "Deployment\n    name: payments", "Deployment\n    name: payment")
    assert findings(hpa_target_missing, files) != []
    assert judged(rule, files) == []


@pytest.mark.parametrize(
    "selector",
    [
        "{}",
        "{matchLabels: {app.kubernetes.io/name: payments}}",
        "{matchExpressions: [{key: app.kubernetes.io/name, operator: In, values: [a, payments]}]}",
        "{matchExpressions: [{key: app.kubernetes.io/name, operator: Exists}]}",
        "{matchExpressions: [{key: app.kubernetes.io/name, operator: NotIn, values: [a]}]}",
        "{matchExpressions: [{key: other, operator: DoesNotExist}]}",
    ],
)
def test_a_budget_that_means_pods_passes(judged, selector):
    assert judged(rule, budget(selector)) == []


@pytest.mark.parametrize(
    "selector",
    [
        "{matchLabels: {app.kubernetes.io/name: payment}}",
        "{matchLabels: {app.kubernetes.io/name: payments, tier: a}}",
        "{matchExpressions: [{key: app.kubernetes.io/name, operator: In, values: [a]}]}",
        "{matchExpressions: [{key: other, operator: Exists}]}",
        "{matchExpressions: [{key: app.kubernetes.io/name, operator: NotIn, values: [payments]}]}",
        "{matchExpressions: [{key: app.kubernetes.io/name, operator: DoesNotExist}]}",
    ],
)
def test_a_budget_that_means_no_pods_is_found(judged, selector):
    found = judged(rule, budget(selector))
    assert places(found) == [("apps/payments/base/pdb.yaml", 6, 13)]
    assert "in staging and prod, the PodDisruptionBudget 'payments' selects no pod" in found[0].message

from onboarding_tool.checks import hpa_target_missing as rule
from tests.support.repos import edited, findings, good, places

HPA = "apps/payments/base/hpa.yaml"


def test_an_existing_target_passes():
    assert findings(rule, good()) == []


def test_a_missing_target_is_found():
    found = findings(rule, edited(HPA, "Deployment\n    name: payments", "Deployment\n    name: payment"))
    assert places(found) == [(HPA, 9, 11)]
    assert found[0].rule == "hpa-target-missing"
    assert "in staging and prod" in found[0].message
    assert "Deployment 'payment'" in found[0].message
    assert "Did you mean 'payments'?" in found[0].hint


def test_another_kind_of_target_is_found():
    found = findings(rule, edited(HPA, "kind: Deployment", "kind: StatefulSet"))
    assert places(found) == [(HPA, 8, 11)]
    assert "StatefulSet 'payments'" in found[0].message


def test_no_target_at_all_is_found():
    target = "  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: payments\n"
    assert places(findings(rule, edited(HPA, target, ""))) == [(HPA, 6, 3)]

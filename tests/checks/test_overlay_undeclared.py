from onboarding_tool.checks import overlay_undeclared as rule
from tests.support.repos import edited, findings, good, places


def test_overlays_of_listed_environments_pass():
    assert findings(rule, good()) == []


def test_an_overlay_of_an_environment_that_is_not_listed_is_found():
    files = edited("apps/payments/metadata.yaml", "  prod: {namespace: payments, manage: none}\n", "")
    found = findings(rule, files)
    assert places(found) == [("apps/payments/overlays/prod/kustomization.yaml", 1, 1)]
    assert found[0].rule == "overlay-undeclared"
    assert "'prod'" in found[0].message


def test_a_mistyped_folder_gets_the_environment_that_was_meant():
    files = good() | {"apps/payments/overlays/stagin/kustomization.yaml": "resources: [../../base]\n"}
    found = findings(rule, files)
    assert places(found) == [("apps/payments/overlays/stagin/kustomization.yaml", 1, 1)]
    assert "Did you mean 'staging'?" in found[0].hint


def test_a_folder_without_kustomization_counts():
    files = good() | {"apps/payments/overlays/dr/patch.yaml": "{}\n"}
    assert places(findings(rule, files)) == [("apps/payments/overlays/dr/patch.yaml", 1, 1)]


def test_metadata_that_cannot_be_read_accuses_no_overlay():
    assert findings(rule, good() | {"apps/payments/metadata.yaml": "{"}) == []

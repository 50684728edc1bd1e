from onboarding_tool.checks import overlay_missing as rule
from tests.support.repos import edited, findings, good, places

OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"


def test_an_overlay_for_each_environment_passes():
    assert findings(rule, good()) == []


def test_an_environment_without_overlay_is_found_where_it_is_listed():
    files = good()
    del files[OVERLAY]
    found = findings(rule, files)
    assert places(found) == [("apps/payments/metadata.yaml", 16, 3)]
    assert found[0].rule == "overlay-missing"
    assert "'prod'" in found[0].message
    assert OVERLAY in found[0].hint


def test_a_kustomization_of_another_name_is_no_overlay():
    files = good()
    files[OVERLAY.replace(".yaml", ".yml")] = files.pop(OVERLAY)
    assert len(findings(rule, files)) == 1


def test_a_removed_api_has_no_overlays():
    files = edited("apps/payments/metadata.yaml", "lifecycle: active", "lifecycle: removed")
    del files[OVERLAY]
    assert findings(rule, files) == []

from onboarding_tool.checks import base_missing as rule
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"


def test_a_base_that_every_overlay_lists_passes():
    assert findings(rule, good()) == []


def test_a_slash_behind_the_base_is_fine():
    assert findings(rule, edited(PROD, "- ../../base", "- ../../base/")) == []


def test_no_base_is_found():
    files = good()
    del files[BASE]
    found = findings(rule, files)
    assert places(found) == [(BASE, 1, 1)]
    assert found[0].rule == "base-missing"
    assert BASE in found[0].message
    assert "resources" in found[0].hint


def test_an_overlay_that_does_not_list_the_base_is_found():
    found = findings(rule, edited(PROD, "- ../../base", "- deployment.yaml"))
    assert places(found) == [(PROD, 4, 1)]
    assert "prod" in found[0].message
    assert "../../base" in found[0].hint


def test_a_removed_api_has_no_base():
    files = edited("apps/payments/metadata.yaml", "lifecycle: active", "lifecycle: removed")
    del files[BASE]
    assert findings(rule, files) == []

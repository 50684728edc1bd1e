from onboarding_tool.checks import yaml_duplicate_key as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, loaded, places

DEPLOYMENT = "apps/payments/base/deployment.yaml"


def test_equal_keys_of_different_mappings_pass():
    assert loaded(good()) == []
    assert findings(rule, good()) == []


def test_second_key_is_found_in_a_request_and_names_the_first():
    found = loaded(good() | {REQUEST_PATH: REQUEST + "container: other\n"})
    assert places(found) == [(REQUEST_PATH, 12, 1)]
    assert (found[0].rule, found[0].who) == (rule.RULE, Who.APP_TEAM)
    assert "'container'" in found[0].message
    assert "line 8" in found[0].message
    assert "Delete one" in found[0].hint


def test_second_key_is_found_in_a_manifest():
    found = loaded(edited(DEPLOYMENT, "name: payments\n  labels", "name: payments\n  name: other\n  labels"))
    assert places(found) == [(DEPLOYMENT, 5, 3)]
    assert found[0].rule == rule.RULE
    assert "'name'" in found[0].message


def test_second_key_in_flow_style_is_found():
    found = loaded(edited("platform.yaml", "{context: gke-prod}", "{context: gke-prod, context: other}"))
    assert places(found) == [("platform.yaml", 9, 33)]
    assert found[0].rule == rule.RULE

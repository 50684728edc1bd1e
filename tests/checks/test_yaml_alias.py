from onboarding_tool.checks import yaml_alias as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, loaded, places

METADATA = "apps/payments/metadata.yaml"


def test_ampersand_and_asterisk_in_text_pass():
    files = good() | {REQUEST_PATH: REQUEST.replace("new settlement rules", "*faster* & <<better")}
    assert loaded(files) == []
    assert findings(rule, files) == []


def test_anchor_and_alias_are_both_found():
    text = "staging: &place {namespace: payments}\n  prod: *place"
    files = edited(METADATA, "staging: {namespace: payments-staging, manage: full}", text)
    files = edited(METADATA, "  prod: {namespace: payments, manage: none}\n", "", files)
    found = loaded(files)
    assert places(found) == [(METADATA, 15, 12), (METADATA, 16, 9)]
    assert [finding.rule for finding in found] == [rule.RULE] * 2
    assert "&place" in found[0].message
    assert "*place" in found[1].message
    assert all("Write the value out" in finding.hint for finding in found)


def test_merge_key_is_found():
    found = loaded(good() | {REQUEST_PATH: REQUEST + "<<: {environment: staging}\n"})
    assert (REQUEST_PATH, 12, 1) in places(found)
    assert (found[0].rule, found[0].who) == (rule.RULE, Who.APP_TEAM)
    assert "<<" in found[0].message


def test_anchor_is_found_in_a_manifest():
    path = "apps/payments/base/deployment.yaml"
    found = loaded(edited(path, "labels:\n    app", "labels: &labels\n    app"))
    assert places(found) == [(path, 5, 11)]
    assert found[0].rule == rule.RULE

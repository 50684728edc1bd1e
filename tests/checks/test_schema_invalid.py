from onboarding_tool.checks import schema_invalid as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, loaded, places

METADATA = "apps/payments/metadata.yaml"


def test_files_that_fit_pass():
    files = good() | {REQUEST_PATH: REQUEST}
    assert loaded(files) == []
    assert findings(rule, files) == []


def test_misspelt_field_is_found_at_its_key_with_the_nearest_name():
    found = loaded(edited(METADATA, "lifecycle: active", "lifecycel: active"))
    assert places(found) == [(METADATA, 7, 1)]
    assert found[0].rule == rule.RULE
    assert "`lifecycel`" in found[0].message
    assert "`lifecycle`" in found[0].hint


def test_value_outside_the_list_is_found_at_the_value():
    found = loaded(edited(METADATA, "lifecycle: active", "lifecycle: live"))
    assert places(found) == [(METADATA, 7, 12)]
    assert '"live"' in found[0].message
    assert "active, retiring, removed" in found[0].hint


def test_missing_field_is_found():
    found = loaded(good() | {REQUEST_PATH: REQUEST.replace("container: app\n", "")})
    assert places(found) == [(REQUEST_PATH, 2, 1)]
    assert (found[0].rule, found[0].who) == (rule.RULE, Who.APP_TEAM)
    assert "`container` is missing" in found[0].message
    assert "Add `container:`" in found[0].hint


def test_wrong_type_is_found():
    found = loaded(edited(METADATA, "port: 8080", 'port: "8080"'))
    assert places(found) == [(METADATA, 20, 11)]
    assert '"8080"' in found[0].message
    assert "take the quotes off" in found[0].hint


def test_one_misfit_hides_no_other():
    files = edited(METADATA, "lifecycle: active", "lifecycle: live")
    files = edited(METADATA, "capability: L0", "capability: high", files)
    assert [finding.line for finding in loaded(files) if finding.rule == rule.RULE] == [7, 8]

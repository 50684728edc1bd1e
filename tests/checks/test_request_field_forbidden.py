import pytest

from onboarding_tool.checks import request_field_forbidden as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, findings, good, loaded, places


def test_request_of_an_image_passes():
    files = good() | {REQUEST_PATH: REQUEST}
    assert loaded(files) == []
    assert findings(rule, files) == []


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("replicas: 5", "HPA"),
        ("resources: {limits: {cpu: 2}}", "capacity"),
        ("env: {DEBUG: all}", "audited"),
        ("command: [sh]", "control"),
        ("strategy: {type: Recreate}", "risk"),
    ],
)
def test_field_of_the_platform_is_found_at_its_key_with_the_reason(field, reason):
    found = loaded(good() | {REQUEST_PATH: REQUEST + field + "\n"})
    assert places(found) == [(REQUEST_PATH, 12, 1)]
    assert (found[0].rule, found[0].who) == (rule.RULE, Who.APP_TEAM)
    assert f"`{field.partition(':')[0]}`" in found[0].message
    assert reason in found[0].hint


def test_field_that_nobody_knows_is_a_matter_of_the_schema():
    found = loaded(good() | {REQUEST_PATH: REQUEST + "colour: blue\n"})
    assert [finding.rule for finding in found] == ["schema-invalid"]

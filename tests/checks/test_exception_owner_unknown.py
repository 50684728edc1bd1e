from onboarding_tool.checks import exception_owner_unknown as rule
from tests.support.repos import excepting, findings, good, places

METADATA = "apps/payments/metadata.yaml"


def test_a_team_passes():
    assert findings(rule, good()) == []
    assert findings(rule, good() | excepting("image-tag-missing", METADATA)) == []


def test_an_owner_that_is_no_team_is_found_with_the_nearest():
    found = findings(rule, good() | excepting("image-tag-missing", METADATA, owner="paymets-team"))
    assert places(found) == [("exceptions.yaml", 4, 90)]
    assert "'paymets-team'" in found[0].message
    assert "'payments-team'" in found[0].hint

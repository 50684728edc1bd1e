from onboarding_tool.checks import exception_owner_unknown as rule
from tests.support.repos import findings, good, places

EXCEPTIONS = """\
apiVersion: onboarding/v1
kind: RuleExceptions
exceptions:
  - {rule: RULE, path: apps/payments/metadata.yaml, reason: later, owner: OWNER, expiry: "2027-01-31"}
"""


def excepting(rule_name="image-tag-missing", owner="platform-team"):
    return good() | {"exceptions.yaml": EXCEPTIONS.replace("RULE", rule_name).replace("OWNER", owner)}


def test_a_team_passes():
    assert findings(rule, good()) == []
    assert findings(rule, excepting()) == []


def test_an_owner_that_is_no_team_is_found_with_the_nearest():
    found = findings(rule, excepting(owner="paymets-team"))
    assert places(found) == [("exceptions.yaml", 4, 88)]
    assert "'paymets-team'" in found[0].message
    assert "'payments-team'" in found[0].hint

import pytest

from onboarding_tool import checks
from onboarding_tool.checks import exception_not_allowed as rule
from onboarding_tool.checks.rule import NEVER_EXCUSED
from tests.support.repos import findings, good, places

EXCEPTIONS = """\
apiVersion: onboarding/v1
kind: RuleExceptions
exceptions:
  - {rule: RULE, path: apps/payments/metadata.yaml, reason: later, owner: OWNER, expiry: "2027-01-31"}
"""


def excepting(rule_name="image-tag-missing", owner="platform-team"):
    return good() | {"exceptions.yaml": EXCEPTIONS.replace("RULE", rule_name).replace("OWNER", owner)}


def test_an_ordinary_rule_passes():
    assert findings(rule, good()) == []
    assert findings(rule, excepting()) == []


def test_a_rule_that_all_rests_on_is_found():
    found = findings(rule, excepting("yaml-invalid"))
    assert places(found) == [("exceptions.yaml", 4, 12)]
    assert "'yaml-invalid'" in found[0].message
    assert "apps/payments/metadata.yaml" in found[0].hint


@pytest.mark.parametrize("name", sorted(NEVER_EXCUSED))
def test_every_one_of_them_is_a_rule(name):
    assert checks.find(name) is not None

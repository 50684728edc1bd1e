from onboarding_tool.checks import exception_rule_unknown as rule
from onboarding_tool.findings import Severity
from tests.support.repos import findings, good, places

EXCEPTIONS = """\
apiVersion: onboarding/v1
kind: RuleExceptions
exceptions:
  - {rule: team-unknown, path: teams.yaml, reason: later, owner: platform-team, expiry: "2027-01-31"}
  - {rule: RULE, path: teams.yaml, reason: later, owner: platform-team, expiry: "2027-01-31"}
"""


def excepting(name):
    return good() | {"exceptions.yaml": EXCEPTIONS.replace("RULE", name)}


def test_known_rule_passes():
    assert findings(rule, good()) == []
    assert findings(rule, excepting("team-unknown")) == []
    assert findings(rule, excepting("mass-change")) == []


def test_misspelt_rule_is_found_with_the_nearest():
    found = findings(rule, excepting("team-unkown"))
    assert places(found) == [("exceptions.yaml", 5, 12)]
    assert found[0].rule == "exception-rule-unknown"
    assert found[0].severity is Severity.ERROR
    assert "'team-unkown'" in found[0].message
    assert "'team-unknown'" in found[0].hint
    assert "`onboard rules`" in found[0].hint


def test_name_that_resembles_none_is_found():
    found = findings(rule, excepting("zzz"))
    assert places(found) == [("exceptions.yaml", 5, 12)]
    assert found[0].hint == "`onboard rules` lists all names."

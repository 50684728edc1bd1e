import pytest

from onboarding_tool.checks import exception_expired as rule
from onboarding_tool.findings import Severity
from tests.support.repos import findings, good, places

EXCEPTIONS = """\
apiVersion: onboarding/v1
kind: RuleExceptions
exceptions:
  - {rule: team-unknown, path: teams.yaml, reason: later, owner: platform-team, expiry: "2027-01-31"}
  - rule: team-unknown
    path: apps/payments/metadata.yaml
    reason: The team is being set up.
    owner: platform-team
    expiry: "2026-11-20"
"""
FILES = good() | {"exceptions.yaml": EXCEPTIONS}


def test_no_exceptions_pass():
    assert findings(rule, good(), today="2026-11-21") == []


@pytest.mark.parametrize("today", ["2026-11-19", "2026-11-20"])
def test_exception_counts_until_its_last_day(today):
    assert findings(rule, FILES, today=today) == []


def test_expired_exception_is_found_at_its_expiry():
    found = findings(rule, FILES, today="2026-11-21")
    assert places(found) == [("exceptions.yaml", 9, 13)]
    assert found[0].rule == "exception-expired"
    assert found[0].severity is Severity.ERROR
    assert "'2026-11-20'" in found[0].message
    assert "team-unknown for apps/payments/metadata.yaml" in found[0].message
    assert "platform-team" in found[0].hint


def test_without_a_day_nothing_is_said():
    assert findings(rule, FILES) == []

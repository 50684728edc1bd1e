import pytest

from onboarding_tool.checks import exception_not_allowed as rule
from onboarding_tool.checks import judging
from onboarding_tool.checks.rule import NEVER_EXCUSED
from tests.support.repos import excepting, findings, good, places

METADATA = "apps/payments/metadata.yaml"


def test_an_ordinary_rule_passes():
    assert findings(rule, good()) == []
    assert findings(rule, good() | excepting("image-tag-missing", METADATA)) == []


def test_a_rule_that_all_rests_on_is_found():
    found = findings(rule, good() | excepting("yaml-invalid", METADATA))
    assert places(found) == [("exceptions.yaml", 4, 12)]
    assert "'yaml-invalid'" in found[0].message
    assert METADATA in found[0].hint


@pytest.mark.parametrize("name", sorted(NEVER_EXCUSED))
def test_every_one_of_them_is_a_rule(name):
    assert judging.find(name) is not None

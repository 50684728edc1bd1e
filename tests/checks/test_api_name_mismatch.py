import pytest

from onboarding_tool.checks import api_name_mismatch as rule
from tests.support.repos import edited, findings, good, places, second_api

METADATA = "apps/payments/metadata.yaml"


def moved(name):
    return {path.replace("apps/payments/", f"apps/{name}/"): text for path, text in good().items()}


@pytest.mark.parametrize("name", ["o", "orders-2", "a" * 40])
def test_one_name_passes(name):
    assert findings(rule, good() | second_api(name)) == []


def test_other_name_is_found_where_it_is_written():
    found = findings(rule, edited(METADATA, "api_name: payments", "api_name: payment"))
    assert places(found) == [(METADATA, 4, 11)]
    assert found[0].rule == "api-name-mismatch"
    assert "'payment'" in found[0].message
    assert "apps/payments" in found[0].message
    assert "`api_name: payments`" in found[0].hint


@pytest.mark.parametrize("name", ["Payments", "2pay", "pay_out", "pay-", "-pay", "a" * 41, "pay.out", "pay\n"])
def test_directory_that_cannot_be_a_name_is_found_once(name):
    found = findings(rule, moved(name))
    assert places(found) == [(f"apps/{name}/metadata.yaml", 1, 1)]
    assert f"apps/{name}" in found[0].message
    assert "git mv" in found[0].hint


def test_name_that_the_schema_refuses_is_left_to_the_schema():
    assert findings(rule, edited(METADATA, "api_name: payments", "api_name: Payments")) == []

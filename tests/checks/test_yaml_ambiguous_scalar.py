import pytest

from onboarding_tool.checks import yaml_ambiguous_scalar as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, loaded, places


@pytest.mark.parametrize("text", ['"no"', '"1e3"', "'012'", '"12:30"', "none", "v1.10", "2026-11", "1.2.3", "nope"])
def test_quoted_or_plain_text_passes(text):
    files = good() | {REQUEST_PATH: REQUEST.replace('"CHG-1234: new settlement rules"', text)}
    assert loaded(files) == []
    assert findings(rule, files) == []


@pytest.mark.parametrize("text", ["no", "on", "y", "012", "0x1F", "1_000", "12:30", "1e3", "2026-11-20", ".inf", "="])
def test_what_readers_disagree_about_is_found(text):
    found = loaded(good() | {REQUEST_PATH: REQUEST.replace('"CHG-1234: new settlement rules"', text)})
    assert places(found) == [(REQUEST_PATH, 11, 9)]
    assert (found[0].rule, found[0].who) == (rule.RULE, Who.APP_TEAM)
    assert found[0].message.startswith(f"{text} ")
    assert f'"{text}"' in found[0].hint


def test_ambiguous_key_is_found():
    found = loaded(edited("teams.yaml", "payments-team:", "off: {}\n  payments-team:"))
    assert places(found) == [("teams.yaml", 7, 3)]
    assert found[0].rule == rule.RULE
    assert "off" in found[0].message


def test_manifests_are_read_as_kubernetes_reads_them():
    path = "apps/payments/base/deployment.yaml"
    assert loaded(edited(path, "containerPort: 8080", "containerPort: 0o17620")) == []

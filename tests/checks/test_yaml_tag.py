import pytest

from onboarding_tool.checks import yaml_tag as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, loaded, places


def test_exclamation_mark_in_text_passes():
    files = good() | {REQUEST_PATH: REQUEST.replace("new settlement rules", "!now 100%")}
    assert loaded(files) == []
    assert findings(rule, files) == []


@pytest.mark.parametrize("tag", ["!!str", "!env", "!!python/object:os.system"])
def test_tag_is_found_in_a_request(tag):
    found = loaded(good() | {REQUEST_PATH: REQUEST.replace("reason: ", f"reason: {tag} ")})
    assert places(found) == [(REQUEST_PATH, 11, 9)]
    assert (found[0].rule, found[0].who) == (rule.RULE, Who.APP_TEAM)
    assert tag.removeprefix("!!") in found[0].message
    assert "Delete the tag" in found[0].hint


def test_tag_is_found_in_a_manifest():
    path = "apps/payments/base/service.yaml"
    found = loaded(edited(path, "port: 8080", "port: !!int 8080"))
    assert places(found) == [(path, 10, 13)]
    assert found[0].rule == rule.RULE


def test_directive_is_found():
    found = loaded(good() | {REQUEST_PATH: "%YAML 1.1\n---\n" + REQUEST})
    assert places(found) == [(REQUEST_PATH, 1, 1)]
    assert found[0].rule == rule.RULE
    assert "%" in found[0].message

import pytest

from onboarding_tool.checks import file_missing as rule
from tests.support.repos import findings, good, loaded, places


def without(path):
    return {name: text for name, text in good().items() if name != path}


def test_complete_repo_passes():
    assert loaded(good()) == []
    assert findings(rule, good()) == []


def test_exceptions_yaml_may_be_missing():
    assert "exceptions.yaml" not in good()
    assert loaded(good()) == []


@pytest.mark.parametrize(
    ("path", "command"),
    [
        ("platform.yaml", "git checkout -- platform.yaml"),
        ("teams.yaml", "git checkout -- teams.yaml"),
        ("apps/payments/metadata.yaml", "onboard api add"),
    ],
)
def test_missing_file_is_found(path, command):
    found = loaded(without(path))
    assert places(found) == [(path, 1, 1)]
    assert found[0].rule == rule.RULE
    assert path in found[0].message
    assert command in found[0].hint


def test_file_beside_the_directories_declares_no_api():
    assert loaded(good() | {"apps/.gitkeep": ""}) == []

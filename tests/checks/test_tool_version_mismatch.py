import pytest

from onboarding_tool import __version__
from onboarding_tool.checks import tool_version_mismatch as rule
from tests.support.repos import edited, findings, places


def pinned(version):
    return edited("platform.yaml", 'version: "0.1.0"', f'version: "{version}"')


def test_pinned_version_passes():
    assert findings(rule, pinned(__version__)) == []


@pytest.mark.parametrize("version", ["0.0.9", "99.0.0", f"{__version__}-rc.1", f"1{__version__}"])
def test_other_version_is_found_where_it_is_pinned(version):
    found = findings(rule, pinned(version))
    assert places(found) == [("platform.yaml", 4, 17)]
    assert found[0].rule == "tool-version-mismatch"
    assert f"'{version}'" in found[0].message
    assert __version__ in found[0].message
    assert f"version {version} " in found[0].hint


@pytest.mark.parametrize(
    ("version", "older"), [("0.0.9", True), (f"{__version__}-rc.1", True), ("9.9.9", False), (f"1{__version__}", False)]
)
def test_upgrade_is_offered_only_from_an_older_version(version, older):
    (found,) = findings(rule, pinned(version))
    assert ("`onboard upgrade`" in found.hint) is older

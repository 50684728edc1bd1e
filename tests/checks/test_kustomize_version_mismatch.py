import pytest

from onboarding_tool.checks import kustomize_version_mismatch as rule
from tests.support.repos import edited, findings, good, places


def pinned(version):
    return edited("platform.yaml", "registries:", f'kustomize: "{version}"\nregistries:')


def test_the_carried_version_passes():
    assert findings(rule, good()) == []
    assert findings(rule, pinned("5.8")) == []


@pytest.mark.parametrize("version", ["5.7", "5.80", "15.8", "4.5"])
def test_another_version_is_found_where_it_is_pinned(version):
    found = findings(rule, pinned(version))
    assert places(found) == [("platform.yaml", 6, 12)]
    assert f"kustomize {version}," in found[0].message
    assert '"5.8"' in found[0].hint

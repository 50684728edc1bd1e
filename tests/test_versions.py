from itertools import pairwise

import pytest

from onboarding_tool.versions import is_newer

# Each is newer than the one before it.
ORDER = (
    "none",
    "0.0.9",
    "0.1.0-1",
    "0.1.0-alpha",
    "0.1.0-alpha.2",
    "0.1.0-alpha.10",
    "0.1.0-rc.1",
    "0.1.0",
    "0.9.0",
    "0.10.0",
    "9.9.9",
    "10.0.0",
)


@pytest.mark.parametrize(("older", "newer"), list(pairwise(ORDER)))
def test_order(older, newer):
    assert is_newer(newer, older)
    assert not is_newer(older, newer)


@pytest.mark.parametrize("version", ORDER)
def test_no_version_is_newer_than_itself_whatever_its_build(version):
    assert not is_newer(version, version)
    assert not is_newer(f"{version}+build.7", version) or version == "none"


def test_what_is_no_version_is_older_than_all():
    assert not is_newer("", "0.0.0")
    assert is_newer("0.0.0", "latest")

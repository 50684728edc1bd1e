import pytest

from onboarding_tool import load
from onboarding_tool.checks import path_mode_forbidden as rule
from onboarding_tool.findings import Who
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, File, Tree
from tests.support.repos import findings, good, places


def found_with(path, mode, data=b"a"):
    files = {name: File(text.encode()) for name, text in good().items()}
    repo, _ = load.load(Tree(files | {path: File(data, mode)}))
    return sorted(rule.check(repo))


def test_ordinary_files_pass():
    assert findings(rule, good()) == []
    assert found_with("README.md", REGULAR) == []


@pytest.mark.parametrize("path", ["README.md", "apps/payments/base/x.yaml", "generated/x", ".github/x", "components/x"])
def test_symlink_is_found_and_says_where_it_leads(path):
    found = found_with(path, SYMLINK, b"../../etc/passwd")
    assert places(found) == [(path, 1, 1)]
    assert found[0].rule == "path-mode-forbidden"
    assert path in found[0].message
    assert "'../../etc/passwd'" in found[0].message
    assert "copy" in found[0].hint


@pytest.mark.parametrize(
    ("mode", "word", "hint"),
    [
        (SUBMODULE, "submodule", "git rm --cached apps/payments/base/x"),
        (EXECUTABLE, "executable", "git update-index --chmod=-x apps/payments/base/x"),
        (0o100664, "100664", "100644"),
    ],
)
def test_other_modes_are_found(mode, word, hint):
    found = found_with("apps/payments/base/x", mode)
    assert places(found) == [("apps/payments/base/x", 1, 1)]
    assert word in found[0].message
    assert hint in found[0].hint
    assert found[0].who is Who.PLATFORM


def test_symlink_in_place_of_metadata_is_found():
    assert places(found_with("apps/payments/metadata.yaml", SYMLINK)) == [("apps/payments/metadata.yaml", 1, 1)]


def test_requests_are_their_teams():
    found = found_with("apps/payments/requests/prod/a.yaml", EXECUTABLE)
    assert [finding.who for finding in found] == [Who.APP_TEAM]

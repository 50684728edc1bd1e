"""git merges what is judged, and nothing of it stays behind."""

import os
import subprocess
from pathlib import Path

import pytest

from onboarding_tool.adapters import merging
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.adapters.merging import Merged
from onboarding_tool.errors import WorldError
from tests.support.git import contents
from tests.support.pulls import Odd, Pulls
from tests.support.repos import good

OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
LINES = "".join(f"line {number}\n" for number in range(20))


@pytest.fixture
def pulls(tmp_path) -> Pulls:
    return Pulls(tmp_path / "config.git", good() | {"apps/payments/base/long.yaml": LINES})


def merged(pulls: Pulls, base: str, head: str) -> Merged:
    with merging.quarantine(GitRepo.open(pulls.folder, bare=True)) as inside:
        return merging.merged(inside, base, head)


def test_a_branch_on_top_of_its_base_is_what_it_is(pulls):
    head = pulls.commit({"new": "1", OVERLAY: None}, pulls.base)
    found = merged(pulls, pulls.base, head)
    assert found.tree == pulls.git("rev-parse", f"{head}^{{tree}}")
    assert {path: (old[0], new[0]) for path, (old, new) in found.changes.items()} == {
        "new": (0, 0o100644),
        OVERLAY: (0o100644, 0),
    }


def test_a_branch_that_is_behind_is_merged_as_git_merges(pulls):
    base = pulls.commit({"of-base": "1"}, pulls.base)
    head = pulls.commit({"of-head": "1"}, pulls.base)
    found = merged(pulls, base, head)
    assert list(found.changes) == ["of-head"]
    assert (found.conflicts, found.guessed) == ((), ())
    assert found.tree == pulls.git("merge-tree", "--write-tree", base, head)


def test_both_sides_of_one_file_are_merged(pulls):
    path = "apps/payments/base/long.yaml"
    base = pulls.commit({path: LINES.replace("line 2\n", "two\n")}, pulls.base)
    head = pulls.commit({path: LINES.replace("line 15\n", "fifteen\n")}, pulls.base)
    found = merged(pulls, base, head)
    assert (list(found.changes), found.conflicts, found.guessed) == ([path], (), ())


def test_a_conflict_is_told_and_nothing_is_merged(pulls):
    base = pulls.commit({OVERLAY: "ours"}, pulls.base)
    head = pulls.commit({OVERLAY: "theirs", "new": "1"}, pulls.base)
    found = merged(pulls, base, head)
    assert (found.tree, found.conflicts, list(found.changes)) == ("", (OVERLAY,), [OVERLAY, "new"])


def test_what_is_on_the_base_already_is_no_change(pulls):
    base = pulls.commit({"same": "1"}, pulls.base)
    assert merged(pulls, base, pulls.commit({"same": "1"}, pulls.base)).changes == {}
    assert merged(pulls, base, pulls.base).changes == {}


def test_a_result_that_follows_a_rename_is_told(pulls):
    """The base moved a file; git carries what the pull request makes of the old one to the new place."""
    path, moved = "apps/payments/base/long.yaml", "apps/payments/base/moved.yaml"
    base = pulls.commit({path: None, moved: LINES}, pulls.base)
    head = pulls.commit({path: LINES.replace("line 7\n", "seven\n")}, pulls.base)
    found = merged(pulls, base, head)
    assert found.guessed == (path, moved)


def test_a_rename_of_the_pull_request_that_meets_a_change_of_the_base_is_told(pulls):
    path, moved = "apps/payments/base/long.yaml", "apps/other/base/long.yaml"
    base = pulls.commit({path: LINES.replace("line 7\n", "seven\n")}, pulls.base)
    head = pulls.commit({path: None, moved: LINES}, pulls.base)
    assert merged(pulls, base, head).guessed == (moved, path)


def test_a_renamed_folder_draws_no_new_file_along(pulls):
    """git would put a file that the pull request adds into the folder that the base made of its own."""
    files = {f"apps/payments/base/{number}.yaml": f"{number}\n{LINES}" for number in range(5)}
    first = pulls.commit(files, pulls.base)
    gone: dict[str, str | None] = dict.fromkeys(files)
    gone |= {path.replace("/base/", "/moved/"): text for path, text in files.items()}
    base = pulls.commit(gone | {"apps/payments/base/keep": None}, first)
    found = merged(pulls, base, pulls.commit({"apps/payments/base/new.yaml": "new"}, first))
    assert found.conflicts or found.guessed or list(found.changes) == ["apps/payments/base/new.yaml"]


def test_modes_and_links_are_as_git_has_them(pulls):
    head = pulls.commit({"link": Odd("120000", b"/etc/passwd"), "run": Odd("100755", b"#!")}, pulls.base)
    assert {path: new[0] for path, (_, new) in merged(pulls, pulls.base, head).changes.items()} == {
        "link": 0o120000,
        "run": 0o100755,
    }


def test_nothing_is_written_into_the_repository(pulls):
    base, head = (pulls.commit({name: "1"}, pulls.base) for name in ("a", "b"))
    (pulls.folder / "building").unlink()
    before = contents(pulls.folder)
    for folder, _, files in os.walk(pulls.folder):
        for path in (folder, *(f"{folder}/{name}" for name in files)):
            Path(path).chmod(Path(path).stat().st_mode & ~0o222)
    assert merged(pulls, base, head).tree
    assert contents(pulls.folder) == before


def test_histories_that_have_nothing_in_common_are_refused(pulls):
    with pytest.raises(WorldError, match="no commit in common"):
        merged(pulls, pulls.base, pulls.commit({"a": "1"}))


def test_what_changes_without_end_is_not_read_to_its_end(pulls, monkeypatch):
    head = pulls.commit({f"{number}": "1" for number in range(100)}, pulls.base)
    monkeypatch.setattr(merging, "MOST", 5000)
    with pytest.raises(WorldError, match="more to tell than 5,000 bytes"):
        merged(pulls, pulls.base, head)
    assert len(merged(pulls, pulls.base, pulls.commit({"a": "1"}, pulls.base)).changes) == 1


def test_criss_cross_merges_are_refused(pulls):
    one, other = (pulls.commit({name: "1"}, pulls.base) for name in ("a", "b"))
    left, right = pulls.commit({"b": "1"}, one, other), pulls.commit({"a": "1"}, other, one)
    with pytest.raises(WorldError, match="2 best common commits"):
        merged(pulls, left, right)


def test_a_shallow_clone_says_what_it_needs(pulls, tmp_path):
    base = pulls.commit({"of-base": "1"}, pulls.base)
    head = pulls.commit({"of-head": "1"}, pulls.base)
    pulls.git("update-ref", "refs/heads/main", base)
    pulls.git("update-ref", "refs/heads/topic", head)
    words = ["git", "clone", "-q", "--bare", "--depth=1", "--no-single-branch", f"file://{pulls.folder}", "shallow"]
    subprocess.run(words, cwd=tmp_path, check=True)
    with (
        merging.quarantine(GitRepo.open(tmp_path / "shallow", bare=True)) as inside,
        pytest.raises(WorldError, match="shallow") as raised,
    ):
        merging.merged(inside, base, head)
    assert "--unshallow" in raised.value.hint


def test_a_clone_that_lacks_contents_says_so_and_fetches_nothing(pulls, tmp_path):
    head = pulls.commit({"new": "content that nobody has"}, pulls.base)
    pulls.git("update-ref", "refs/heads/topic", head)
    pulls.git("config", "uploadpack.allowFilter", "true")
    words = ["git", "clone", "-q", "--bare", "--filter=blob:none", f"file://{pulls.folder}", "partial"]
    subprocess.run(words, cwd=tmp_path, check=True)
    before = contents(tmp_path / "partial")
    with merging.quarantine(GitRepo.open(tmp_path / "partial", bare=True)) as inside:
        name = merging.merged(inside, pulls.base, head).changes["new"][1][1]
        for ask in (lambda: inside.sizes([name]), lambda: inside.contents([name])):
            with pytest.raises(WorldError):
                ask()
    assert contents(tmp_path / "partial") == before


def test_a_merge_driver_of_somebody_is_not_run(pulls, tmp_path):
    """Attributes come from a checkout, and of a bare repository there is none."""
    path, ran = "apps/payments/base/long.yaml", tmp_path / "ran"
    pulls.git("config", "merge.evil.driver", f"touch {ran}")
    with_attributes = pulls.commit({".gitattributes": "* merge=evil\n"}, pulls.base)
    base = pulls.commit({path: LINES.replace("line 2\n", "two\n")}, with_attributes)
    head = pulls.commit({path: LINES.replace("line 15\n", "fifteen\n")}, with_attributes)
    assert list(merged(pulls, base, head).changes) == [path]
    assert not ran.exists()

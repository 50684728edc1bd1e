"""What is staged becomes the tree that git makes of its index, however it is written."""

import random

import pytest

from onboarding_tool.adapters import merging
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.adapters.merging import HANDFUL
from onboarding_tool.errors import ConflictError
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK
from tests.support.git import git, repository

NAMES = ("a", "b", "a.b", "a-b", "ä", " x", "line\nbreak", "\udcff")
MODES = (REGULAR, REGULAR, EXECUTABLE, SYMLINK, SUBMODULE)

Entries = dict[str, tuple[int, str]]


def placed(entries: Entries, path: str, entry: tuple[int, str]) -> Entries:
    """With a file, which takes the place of the folder there, or of a file above it."""
    free = {
        other: known
        for other, known in entries.items()
        if other != path and not other.startswith(f"{path}/") and not path.startswith(f"{other}/")
    }
    return free | {path: entry}


def stage(folder, entries: Entries) -> None:
    git(folder, "read-tree", "--empty")
    lines = "".join(f"{mode:o} {name}\t{path}\0" for path, (mode, name) in entries.items())
    git(folder, "update-index", "-z", "--index-info", stdin=lines.encode("utf-8", "surrogateescape"))


def judged(folder, at: str = "") -> str:
    with merging.quarantine(GitRepo.open(folder / at)) as inside:
        commit = merging.working_tree(inside, (), staged=True)
        return inside.run("rev-parse", f"{commit}^{{tree}}").decode().strip()


@pytest.mark.parametrize("names", ["sha1", "sha256"])
@pytest.mark.parametrize("seed", range(4))
def test_any_handful_of_changes(tmp_path, seed, names):
    dice = random.Random(f"{seed} {names}")
    folder = tmp_path / "repo"
    git(tmp_path, "init", "-q", "-b", "main", f"--object-format={names}", "repo")
    blobs = [git(folder, "hash-object", "-w", "--stdin", stdin=text) for text in (b"1", b"2", b"3")]

    def entry() -> tuple[int, str]:
        mode = dice.choice(MODES)
        return mode, "1" * len(blobs[0]) if mode == SUBMODULE else dice.choice(blobs)

    def path() -> str:
        return "/".join(dice.choice(NAMES) for _ in range(dice.randint(1, 4)))

    entries: Entries = {}
    for _ in range(30):
        entries = placed(entries, path(), entry())
    stage(folder, entries)
    git(folder, "commit", "-q", "--allow-empty", "-m", "base")
    for _ in range(12):
        after = dict(entries)
        for _ in range(dice.randint(0, 4)):
            if after and dice.random() < 0.5:
                after.pop(dice.choice(sorted(after)))
            else:
                after = placed(after, path(), entry())
        stage(folder, after)
        assert judged(folder) == git(folder, "write-tree", "--missing-ok")


def test_everything_may_go(tmp_path):
    folder = repository(tmp_path / "repo", {"a/b": "1", "c": "2"})
    stage(folder, {})
    assert judged(folder) == git(folder, "write-tree")


def test_what_is_only_meant_to_be_added_is_not_staged(tmp_path):
    folder = repository(tmp_path / "repo")
    (folder / "new").write_text("1")
    git(folder, "add", "-N", "new")
    assert judged(folder) == git(folder, "rev-parse", "HEAD^{tree}")


@pytest.mark.parametrize("count", [1, HANDFUL, HANDFUL + 1])
def test_many_changes_are_staged_as_few_are(tmp_path, count):
    folder = repository(tmp_path / "repo", at="config")
    for number in range(count):
        (folder / f"{number}").write_text("1")
    git(folder, "add", "-A")
    assert judged(folder) == git(folder, "write-tree")


def test_an_unfinished_merge_is_told(tmp_path):
    folder = repository(tmp_path / "repo", {"platform.yaml": "1"})
    git(folder, "switch", "-qc", "topic")
    (folder / "platform.yaml").write_text("2")
    git(folder, "commit", "-qam", "theirs")
    git(folder, "switch", "-q", "main")
    (folder / "platform.yaml").write_text("3")
    git(folder, "commit", "-qam", "ours")
    with pytest.raises(AssertionError):
        git(folder, "merge", "topic")
    with pytest.raises(ConflictError, match="nothing is staged of platform"):
        judged(folder)

"""A Tree is the same from wherever it comes, and changes make another one of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.tree import EXECUTABLE, SYMLINK, File, Tree, changed, tree_of
from tests.support.git import repository

# Names that begin alike, and characters that sort before and behind the slash.
TRAPS = [
    "apps/a/base/x.yaml",
    "apps/a/metadata.yaml",
    "apps/a-b/metadata.yaml",
    "apps/a.b/metadata.yaml",
    "apps/a0/metadata.yaml",
    "apps/ab/metadata.yaml",
    "apps/a b/metadata.yaml",
    "apps/a.yaml",
    "apps/b/base/deep/er/x",
    "components/a/kustomization.yaml",
    "generated/prod/apps/a/kustomization.yaml",
    "platform.yaml",
]
BELOW = [
    *("", "apps", "apps/a", "apps/a-b", "apps/a.b", "apps/a.yaml", "apps/a/", "apps/a/base", "apps/a/base/x.yaml"),
    *("apps/b", "apps/c", "app", "apps/", "platform.yaml", "platform", "generated", "zzz", "é"),
]


def traps() -> Tree:
    return tree_of(dict.fromkeys(TRAPS, "x"))


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("apps/a", ["apps/a/base/x.yaml", "apps/a/metadata.yaml"]),
        ("apps/a/base", ["apps/a/base/x.yaml"]),
        ("apps/a-b", ["apps/a-b/metadata.yaml"]),
        ("apps/a.b", ["apps/a.b/metadata.yaml"]),
        ("apps/a.yaml", ["apps/a.yaml"]),
        ("app", []),
        ("", sorted(TRAPS)),
    ],
)
def test_paths(below, expected):
    assert list(traps().paths(below)) == expected


def test_folders():
    assert traps().folders("apps") == ["a", "a b", "a-b", "a.b", "a0", "ab", "b"]
    assert traps().folders("apps/a") == ["base"]
    assert traps().folders("apps/a/base") == traps().folders("apps/a.yaml") == traps().folders("zzz") == []
    assert traps().folders("") == ["apps", "components", "generated"]


@pytest.mark.parametrize(
    ("path", "is_folder"),
    [
        ("apps", True),
        ("apps/a", True),
        ("apps/b/base/deep", True),
        ("apps/a.yaml", False),
        ("app", False),
        ("z", False),
    ],
)
def test_has_folder(path, is_folder):
    assert traps().has_folder(path) is is_folder


parts = st.sampled_from(("a", "a-b", "a.b", "a b", "b", "A", "é"))
folders = st.lists(parts, min_size=1, max_size=3).map("/".join)


@given(st.sets(folders.map(lambda folder: f"{folder}/x.yaml"), max_size=12), folders)
def test_paths_and_folders_are_those_a_plain_search_finds(paths, below):
    tree = tree_of(dict.fromkeys(paths, ""))
    expected = sorted(path for path in paths if path.startswith(f"{below}/"))
    assert list(tree.paths(below)) == expected
    inner = [path.removeprefix(f"{below}/").split("/") for path in expected]
    assert tree.folders(below) == sorted({parts[0] for parts in inner if len(parts) > 1})
    assert tree.has_folder(below) is bool(expected)
    assert list(tree.paths()) == sorted(paths)


def test_what_is_there():
    tree = Tree({"apps/x": File(b"1"), "apps/run": File(b"2", EXECUTABLE)})
    assert "apps/x" in tree
    assert "apps" not in tree
    assert tree["apps/run"] == File(b"2", EXECUTABLE)
    assert tree.has_file("apps/run")
    assert tree.read("apps/x") == b"1"
    with pytest.raises(KeyError):
        tree["apps"]


def test_a_tree_is_the_same_from_a_dict_a_folder_and_a_commit(tmp_path):
    files = dict(zip(TRAPS, map(str, range(len(TRAPS))), strict=True))
    root = repository(tmp_path / "repo", files)
    plain = tree_of(files)
    for tree in (FolderTree(root), GitRepo.open(root).tree("HEAD")):
        assert {path: tree[path] for path in tree.paths()} == {path: plain[path] for path in plain.paths()}
        for below in BELOW:
            assert list(tree.paths(below)) == list(plain.paths(below)), below
            assert tree.folders(below) == plain.folders(below), below
            assert tree.has_folder(below) is plain.has_folder(below), below
            assert (below in tree) is (below in plain) is tree.has_file(below) is plain.has_file(below), below


# Changes


def test_changed_writes_and_deletes():
    tree = Tree({"a": File(b"1", EXECUTABLE), "b": File(b"2", EXECUTABLE), "c": File(b"c", SYMLINK)})
    after = changed(tree, {"b": b"new", "c": None, "d": b"", "not/there": None})
    assert {path: after[path] for path in after.paths()} == {
        "a": File(b"1", EXECUTABLE),
        "b": File(b"new"),
        "d": File(b""),
    }
    assert list(tree.paths()) == ["a", "b", "c"]


def test_no_changes_change_nothing():
    tree = traps()
    assert list(changed(tree, {}).paths()) == list(tree.paths())

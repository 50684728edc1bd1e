import os
import subprocess
import sys

import pytest

from onboarding_tool.adapters import files
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.errors import WorldError
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, tree_of
from tests.support.git import contents, git, repository, write
from tests.support.repos import good


def test_the_tree_is_the_same_as_one_from_a_dict(tmp_path):
    write(tmp_path, good() | {".github/CODEOWNERS": "* @a\n", ".onboard/schemas/api.json": "{}", "generated/x": ""})
    tree, plain = FolderTree(tmp_path), tree_of(contents(tmp_path))
    assert list(tree.paths()) == list(plain.paths())
    assert [tree[path] for path in tree.paths()] == [plain[path] for path in plain.paths()]
    for below in ("apps", "apps/payments", "apps/payments/base/hpa.yaml", "app", "apps/pay", ".onboard", "nothing"):
        assert list(tree.paths(below)) == list(plain.paths(below))
        assert tree.folders(below) == plain.folders(below)
        assert tree.has_folder(below) == plain.has_folder(below)


def test_paths_are_in_the_order_of_whole_paths(tmp_path):
    write(tmp_path, dict.fromkeys(["apps/a/x", "apps/a-b/x", "apps/a.b", "apps/a/b/c", "apps/a/b.c"], ""))
    paths = list(FolderTree(tmp_path).paths())
    assert paths == sorted(paths)
    assert len(paths) == 5


def test_only_the_config_repos_own_files_are_listed(tmp_path):
    write(tmp_path, good() | {"README.md": "", ".venv/lib/x.py": "", "node_modules/x": "", ".onboard/log": ""})
    tree = FolderTree(tmp_path)
    assert list(tree.paths()) == sorted(good())
    assert "README.md" not in tree
    with pytest.raises(KeyError):
        tree["README.md"]


def test_what_is_only_named_like_a_file_of_a_killed_process_is_seen(tmp_path):
    """Argo CD reads what ends in .yaml, and a file that nobody judges must not get there."""
    dead, committed = f"generated/prod/.onboard-tmp-{'0' * 16}", "generated/prod/.onboard-tmp-evil.yaml"
    write(tmp_path, {dead: "", f"{dead}.yaml": "", committed: ""})
    assert list(FolderTree(tmp_path).paths()) == [f"{dead}.yaml", committed]


@pytest.mark.parametrize(
    "path",
    ["", "apps", "apps/../secret", "/etc/passwd", "apps/./x", "apps//x", "apps/\0", "apps/\ud800", "apps/" + "x" * 300],
)
def test_a_path_that_is_no_file_is_not_there(tmp_path, path):
    write(tmp_path, {"secret": "s", "apps/x": ""})
    tree = FolderTree(tmp_path)
    assert path not in tree
    with pytest.raises(KeyError):
        tree[path]


def test_modes_are_those_of_git(tmp_path):
    write(tmp_path, {"apps/a/plain": "1", "apps/a/run": "2", "outside/file": "3"})
    (tmp_path / "apps/a/run").chmod(0o744)
    (tmp_path / "apps/a/link").symlink_to("../../outside/file")
    (tmp_path / "apps/a/folder").symlink_to("../../outside")
    (tmp_path / "apps/a/broken").symlink_to("./nowhere//")
    os.mkfifo(tmp_path / "apps/a/fifo")
    repository(tmp_path / "apps/nested", {"metadata.yaml": "4"})
    tree = FolderTree(tmp_path)
    assert {path: (tree[path].mode, tree[path].data) for path in tree.paths()} == {
        "apps/a/plain": (REGULAR, b"1"),
        "apps/a/run": (EXECUTABLE, b"2"),
        "apps/a/link": (SYMLINK, b"../../outside/file"),
        "apps/a/folder": (SYMLINK, b"../../outside"),
        "apps/a/broken": (SYMLINK, b"./nowhere//"),
        "apps/nested": (SUBMODULE, b""),
    }
    assert {path for path in tree.paths() if tree.has_file(path)} == {"apps/a/plain", "apps/a/run"}
    assert not tree.has_file("apps/a")
    assert not tree.has_file("apps/gone/file")
    assert tree.folders("apps") == ["a"]
    assert tree.folders("apps/a") == []


@pytest.mark.parametrize(
    ("setting", "mode"),
    [("false", REGULAR), ("no", REGULAR), ("true", EXECUTABLE), (None, EXECUTABLE), ("nonsense", EXECUTABLE)],
)
def test_modes_count_unless_git_is_told_that_the_disk_has_none(tmp_path, setting, mode):
    """As on a Windows disk in a Linux machine, where everybody may run everything."""
    repository(tmp_path, {"apps/a/x": "1"})
    if setting:
        git(tmp_path, "config", "core.fileMode", setting)
    (tmp_path / "apps/a/x").chmod(0o777)
    assert FolderTree(tmp_path).mode("apps/a/x") == FolderTree(tmp_path)["apps/a/x"].mode == mode


def test_without_a_repository_modes_count(tmp_path):
    write(tmp_path, {"apps/a/x": "1"})
    (tmp_path / "apps/a/x").chmod(0o777)
    assert FolderTree(tmp_path).mode("apps/a/x") == EXECUTABLE


def test_nothing_is_read_through_a_linked_folder(tmp_path):
    write(tmp_path, {"outside/payments/metadata.yaml": "secret", "platform.yaml": ""})
    (tmp_path / "apps").symlink_to("outside")
    tree = FolderTree(tmp_path)
    assert list(tree.paths()) == ["apps", "platform.yaml"]
    assert tree["apps"].mode == SYMLINK
    assert "apps/payments/metadata.yaml" not in tree
    assert tree.folders("apps") == []
    assert list(tree.paths("apps/payments")) == []


def test_folders_without_files_are_not_there(tmp_path):
    write(tmp_path, good())
    (tmp_path / "apps/empty/base").mkdir(parents=True)
    assert FolderTree(tmp_path).folders("apps") == ["payments"]
    assert not FolderTree(tmp_path).has_folder("apps/empty")


def test_asking_for_one_api_looks_at_no_other(tmp_path):
    write(tmp_path, good())
    write(tmp_path, {"apps/orders/metadata.yaml": ""})
    code = f"""
import os, sys
from pathlib import Path
from onboarding_tool.adapters.files import FolderTree
seen = []
sys.addaudithook(lambda name, args: seen.append(str(args[0])) if name in ("open", "os.scandir") else None)
list(FolderTree(Path({str(tmp_path)!r})).paths("apps/payments"))
print([path for path in seen if "orders" in path or "teams" in path], len([p for p in seen if "payments" in p]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("[] ")
    assert not done.stdout.endswith(" 0\n")


def test_the_root_is_found_upwards(tmp_path):
    write(tmp_path, good())
    assert files.find_root(tmp_path / "apps/payments/base") == tmp_path
    assert files.find_root(tmp_path) == tmp_path


def test_no_root_is_said_with_the_way_out(tmp_path):
    with pytest.raises(WorldError) as raised:
        files.find_root(tmp_path)
    assert "platform.yaml" in raised.value.message
    assert "onboard init" in raised.value.hint


@pytest.mark.parametrize("said", [0, 2, 11, 99])
def test_a_file_is_read_whole_whatever_size_it_had_a_moment_before(tmp_path, said):
    (tmp_path / "file").write_bytes(b"twelve bytes")
    handle = os.open(tmp_path / "file", os.O_RDONLY)
    try:
        assert files._content(handle, said) == b"twelve bytes"
    finally:
        os.close(handle)


def test_folders_that_hold_nothing_are_children_and_none_of_gits_folders(tmp_path):
    write(tmp_path, {"apps/a/b/c/file": "", "apps/file": ""})
    (tmp_path / "apps/empty/inner").mkdir(parents=True)
    (tmp_path / "apps/link").symlink_to("a")
    (tmp_path / "apps/other/.git").mkdir(parents=True)
    tree = files.FolderTree(tmp_path)
    assert tree.children("apps") == ["a", "empty", "other"]
    assert tree.folders("apps") == ["a"]
    assert tree.children("nowhere") == []

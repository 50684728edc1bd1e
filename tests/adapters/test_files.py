import os
import resource
import subprocess
import sys

import pytest

from onboarding_tool.adapters import files
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.errors import WorldError
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, tree_of
from tests.support.git import contents, repository, write
from tests.support.repos import good

# Reading


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


# Writing


def test_files_are_written_and_deleted_and_empty_folders_go(tmp_path):
    write(tmp_path, {"apps/a/requests/prod/x.yaml": "old", "apps/a/metadata.yaml": "old", "teams.yaml": "t"})
    files.apply(
        tmp_path,
        {"apps/a/requests/prod/x.yaml": None, "apps/a/metadata.yaml": b"new", "apps/b/c/d e\u00fc": b"x", "gone": None},
    )
    assert contents(tmp_path) == {"apps/a/metadata.yaml": b"new", "apps/b/c/d e\u00fc": b"x", "teams.yaml": b"t"}
    assert not (tmp_path / "apps/a/requests").exists()


def test_what_is_written_already_is_not_touched(tmp_path):
    write(tmp_path, {"apps/a": "same"})
    os.utime(tmp_path / "apps/a", (1, 1))
    files.apply(tmp_path, {"apps/a": b"same"})
    assert (tmp_path / "apps/a").stat().st_mtime == 1


def test_permissions_stay_but_nothing_is_executable(tmp_path):
    write(tmp_path, {"a": "1", "b": "1"})
    (tmp_path / "a").chmod(0o640)
    (tmp_path / "b").chmod(0o755)
    before = os.umask(0o022)
    files.apply(tmp_path, {"a": b"2", "b": b"2", "c": b"2"})
    os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in "abc"] == [0o640, 0o644, 0o644]


@pytest.mark.parametrize("path", ["../x", "/x", "apps/../../x", "apps//x", "", "apps/.git/config", ".GIT/hooks/x"])
def test_nothing_is_written_outside(tmp_path, path):
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(WorldError):
        files.apply(root, {"apps/first": b"1", path: b"2"})
    assert contents(tmp_path) == {}
    assert list(root.iterdir()) == []


def test_nothing_is_written_through_a_linked_folder(tmp_path):
    root = tmp_path / "root"
    write(tmp_path, {"outside/x": "mine", "root/platform.yaml": ""})
    (root / "apps").symlink_to("../outside")
    for change in ({"apps/x": b"yours"}, {"apps/x": None}, {"apps/new/y": b"yours"}):
        with pytest.raises(WorldError) as raised:
            files.apply(root, change)
        assert "apps is a symlink" in raised.value.message
    assert contents(tmp_path / "outside") == {"x": b"mine"}


def test_a_link_is_replaced_not_followed(tmp_path):
    write(tmp_path, {"target": "mine"})
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "other").symlink_to("target")
    files.apply(tmp_path, {"link": b"yours", "other": None})
    assert contents(tmp_path) == {"target": b"mine", "link": b"yours"}
    assert not (tmp_path / "link").is_symlink()


def test_a_folder_or_file_in_the_way_is_said(tmp_path):
    write(tmp_path, {"apps/a/x": "1", "apps/b": "1"})
    for path in ("apps/a", "apps/b/x"):
        with pytest.raises(WorldError) as raised:
            files.apply(tmp_path, {"apps/0": b"", path: b"2"})
        assert path in raised.value.message
    assert contents(tmp_path) == {"apps/a/x": b"1", "apps/b": b"1"}


def test_when_one_file_cannot_be_written_none_is(tmp_path):
    write(tmp_path, {"apps/a": "old", "apps/b": "old"})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(WorldError) as raised:
            files.apply(tmp_path, {"apps/a": b"new", "apps/b": b"n" * 9999, "apps/c/d": b"new", "platform.yaml": None})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert raised.value.message.startswith("apps/b: ")
    assert contents(tmp_path) == {"apps/a": b"old", "apps/b": b"old"}
    assert not (tmp_path / "apps/c").exists()


def test_prepared_changes_that_are_not_called_for_leave_nothing(tmp_path):
    write(tmp_path, {"apps/a": "old"})
    with files.prepared(tmp_path, {"apps/a": b"new", "apps/x/y": b"new", "teams.yaml": None}):
        assert len(contents(tmp_path)) == 3
        assert list(FolderTree(tmp_path).paths()) == ["apps/a"]
    assert contents(tmp_path) == {"apps/a": b"old"}
    assert not (tmp_path / "apps/x").exists()


def test_a_kill_leaves_each_file_old_or_new(tmp_path):
    """A child writes the same files again and again, all ones, all twos, and so on, until it is killed."""
    names = [f"apps/{number}/x" for number in range(20)]
    code = f"""
from pathlib import Path
from onboarding_tool.adapters import files
turn = 0
while True:
    turn += 1
    files.apply(Path({str(tmp_path)!r}), dict.fromkeys({names!r}, str(turn % 10).encode() * 20000))
    print(turn, flush=True)
"""
    for turns in (1, 2, 3):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
            for _ in range(turns):
                child.stdout.readline()
            child.kill()
        tree = FolderTree(tmp_path)
        assert list(tree.paths()) == sorted(names)
        contents = {tree.read(name) for name in names}
        assert all(len(set(data)) == 1 and len(data) == 20000 for data in contents)
        assert len(contents) <= 2


def test_what_a_killed_process_left_goes_when_its_folder_is_written_again(tmp_path):
    dead, at_work, named_alike = (f"apps/.onboard-tmp-{'0' * 15}{end}" for end in ("1", "2", "3.yaml"))
    write(tmp_path, {"apps/a": "old", dead: "", at_work: "", named_alike: "", "teams/x": ""})
    for path in (dead, named_alike):
        os.utime(tmp_path / path, (0, 0))
    files.apply(tmp_path, {"apps/a": b"new", "apps/b": b"new"})
    assert contents(tmp_path).keys() == {"apps/a", "apps/b", at_work, named_alike, "teams/x"}

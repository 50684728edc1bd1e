import os
import resource
import subprocess
import sys
from collections import Counter

import pytest

from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.writing import apply, prepared
from onboarding_tool.errors import WorldError
from tests.support.git import contents, write


def test_files_are_written_and_deleted_and_empty_folders_go(tmp_path):
    write(tmp_path, {"apps/a/requests/prod/x.yaml": "old", "apps/a/metadata.yaml": "old", "teams.yaml": "t"})
    apply(
        tmp_path,
        {"apps/a/requests/prod/x.yaml": None, "apps/a/metadata.yaml": b"new", "apps/b/c/d e\u00fc": b"x", "gone": None},
    )
    assert contents(tmp_path) == {"apps/a/metadata.yaml": b"new", "apps/b/c/d e\u00fc": b"x", "teams.yaml": b"t"}
    assert not (tmp_path / "apps/a/requests").exists()


def test_what_is_written_already_is_not_touched(tmp_path):
    write(tmp_path, {"apps/a": "same"})
    os.utime(tmp_path / "apps/a", (1, 1))
    apply(tmp_path, {"apps/a": b"same"})
    assert (tmp_path / "apps/a").stat().st_mtime == 1


def test_permissions_stay_but_nothing_is_executable(tmp_path):
    write(tmp_path, {"a": "1", "b": "1"})
    (tmp_path / "a").chmod(0o640)
    (tmp_path / "b").chmod(0o755)
    before = os.umask(0o022)
    apply(tmp_path, {"a": b"2", "b": b"2", "c": b"2"})
    os.umask(before)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in "abc"] == [0o640, 0o644, 0o644]


@pytest.mark.parametrize("path", ["../x", "/x", "apps/../../x", "apps//x", "", "apps/.git/config", ".GIT/hooks/x"])
def test_nothing_is_written_outside(tmp_path, path):
    root = tmp_path / "root"
    root.mkdir()
    with pytest.raises(WorldError):
        apply(root, {"apps/first": b"1", path: b"2"})
    assert contents(tmp_path) == {}
    assert list(root.iterdir()) == []


def test_nothing_is_written_through_a_linked_folder(tmp_path):
    root = tmp_path / "root"
    write(tmp_path, {"outside/x": "mine", "root/platform.yaml": ""})
    (root / "apps").symlink_to("../outside")
    for change in ({"apps/x": b"yours"}, {"apps/x": None}, {"apps/new/y": b"yours"}):
        with pytest.raises(WorldError) as raised:
            apply(root, change)
        assert "apps is a symlink" in raised.value.message
    assert contents(tmp_path / "outside") == {"x": b"mine"}


def test_a_link_is_replaced_not_followed(tmp_path):
    write(tmp_path, {"target": "mine"})
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "other").symlink_to("target")
    apply(tmp_path, {"link": b"yours", "other": None})
    assert contents(tmp_path) == {"target": b"mine", "link": b"yours"}
    assert not (tmp_path / "link").is_symlink()


def test_a_folder_or_file_in_the_way_is_said(tmp_path):
    write(tmp_path, {"apps/a/x": "1", "apps/b": "1"})
    for path in ("apps/a", "apps/b/x"):
        with pytest.raises(WorldError) as raised:
            apply(tmp_path, {"apps/0": b"", path: b"2"})
        assert path in raised.value.message
    assert contents(tmp_path) == {"apps/a/x": b"1", "apps/b": b"1"}


def test_when_one_file_cannot_be_written_none_is(tmp_path):
    write(tmp_path, {"apps/a": "old", "apps/b": "old"})
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(WorldError) as raised:
            apply(tmp_path, {"apps/a": b"new", "apps/b": b"n" * 9999, "apps/c/d": b"new", "platform.yaml": None})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert raised.value.message.startswith("apps/b: ")
    assert contents(tmp_path) == {"apps/a": b"old", "apps/b": b"old"}
    assert not (tmp_path / "apps/c").exists()


def test_prepared_changes_that_are_not_called_for_leave_nothing(tmp_path):
    write(tmp_path, {"apps/a": "old"})
    with prepared(tmp_path, {"apps/a": b"new", "apps/x/y": b"new", "teams.yaml": None}):
        assert len(contents(tmp_path)) == 3
        assert list(FolderTree(tmp_path).paths()) == ["apps/a"]
    assert contents(tmp_path) == {"apps/a": b"old"}
    assert not (tmp_path / "apps/x").exists()


def test_a_kill_leaves_each_file_old_or_new(tmp_path):
    """A child writes the same files again and again, all ones, all twos, and so on, until it is killed."""
    names = [f"apps/{number}/x" for number in range(20)]
    code = f"""
from pathlib import Path
from onboarding_tool.adapters.writing import apply
turn = 0
while True:
    turn += 1
    apply(Path({str(tmp_path)!r}), dict.fromkeys({names!r}, str(turn % 10).encode() * 20000))
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
    apply(tmp_path, {"apps/a": b"new", "apps/b": b"new"})
    assert contents(tmp_path).keys() == {"apps/a", "apps/b", at_work, named_alike, "teams/x"}


def test_the_disk_is_asked_of_each_folder_once(tmp_path, monkeypatch):
    root = tmp_path.resolve()
    write(root, {"generated/prod/apps/a/kustomization.yaml": "old"})
    asked: Counter[str] = Counter()
    lstat = os.lstat
    monkeypatch.setattr(os, "lstat", lambda path: (asked.update([os.path.relpath(path, root)]), lstat(path))[1])
    names = [
        f"generated/{environment}/apps/{api}/{name}"
        for environment in ("dev", "prod")
        for api in "abc"
        for name in "12"
    ]
    apply(root, dict.fromkeys(names, b""))
    assert contents(root).keys() == {*names, "generated/prod/apps/a/kustomization.yaml"}
    assert asked == dict.fromkeys(
        [
            *("generated", "generated/dev", "generated/prod", "generated/prod/apps"),
            *(f"generated/prod/apps/{api}" for api in "abc"),
            *("generated/prod/apps/a/1", "generated/prod/apps/a/2"),
        ],
        1,
    )


def test_what_shall_go_and_is_not_there_makes_no_folder(tmp_path):
    apply(tmp_path, {"generated/prod/apps/a/x": None, "generated/prod/apps/b/x": b"1", "apps/c/x": None})
    assert contents(tmp_path) == {"generated/prod/apps/b/x": b"1"}
    assert not (tmp_path / "apps").exists()
    assert not (tmp_path / "generated/prod/apps/a").exists()

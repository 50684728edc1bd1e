"""What is kept between runs, whatever happens to the file that keeps it."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from onboarding_tool.adapters.cache import FILE, FOLDER, Cache, open_cache

TODAY, TOMORROW = "2026-11-20", "2026-11-21"


def opened(root: Path, today: str = TODAY) -> Cache:
    cache = open_cache(root, today)
    assert cache is not None
    return cache


def keep(root: Path, entries: dict[bytes, bytes], today: str = TODAY) -> None:
    with opened(root, today) as cache:
        cache.put(entries)


def kept(root: Path, *keys: bytes) -> dict[bytes, bytes]:
    with opened(root) as cache:
        return cache.get(keys)


def test_what_is_put_is_there_in_the_next_run(tmp_path):
    keep(tmp_path, {b"a": b"1", b"b": bytes(range(256))})
    keep(tmp_path, {b"a": b"2"})
    assert kept(tmp_path, b"a", b"b", b"c", b"a") == {b"a": b"2", b"b": bytes(range(256))}


def test_any_number_of_keys_can_be_asked_for_at_once(tmp_path):
    entries = {str(number).encode(): b"x" for number in range(3000)}
    keep(tmp_path, entries)
    assert kept(tmp_path, *entries) == entries
    assert kept(tmp_path) == {}


def test_git_ignores_it_in_any_repository(tmp_path):
    keep(tmp_path, {b"a": b"1"})
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    status = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=tmp_path, capture_output=True, check=True)
    assert status.stdout == b""


def test_a_run_sees_what_another_one_keeps_meanwhile(tmp_path):
    with opened(tmp_path) as one, opened(tmp_path) as other:
        one.put({b"a": b"1"})
        assert other.get([b"a"]) == {b"a": b"1"}
        other.put({b"b": b"2"})
        assert one.get([b"b"]) == {b"b": b"2"}


WRITER = """
import sys
from pathlib import Path
from onboarding_tool.adapters.cache import open_cache
root, name = Path(sys.argv[1]), sys.argv[2]
for number in range(100):
    with open_cache(root, "2026-11-20") as cache:
        cache.put({f"{name}{number}".encode(): b"x" * 500})
"""


def test_runs_that_write_at_once_lose_nothing(tmp_path):
    commands = [[sys.executable, "-c", WRITER, str(tmp_path), name] for name in "abc"]
    writers = [subprocess.Popen(command) for command in commands]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    keys = [f"{name}{number}".encode() for name in "abc" for number in range(100)]
    assert len(kept(tmp_path, *keys)) == 300


def test_another_run_that_makes_the_file_is_waited_for(tmp_path):
    """SQLite does not wait before it refuses a second one that sets the mode of the journal."""
    (tmp_path / FOLDER).mkdir(parents=True)
    other = sqlite3.connect(tmp_path / FOLDER / FILE, check_same_thread=False)
    other.execute("CREATE TABLE made (here)")
    other.execute("BEGIN IMMEDIATE")
    later = threading.Timer(0.2, other.rollback)
    later.start()
    keep(tmp_path, {b"a": b"1"})
    later.join()
    other.close()
    assert kept(tmp_path, b"a") == {b"a": b"1"}


def test_it_can_be_deleted_while_it_is_used(tmp_path):
    with opened(tmp_path) as cache:
        cache.put({b"a": b"1"})
        shutil.rmtree(tmp_path / FOLDER)
        cache.put({b"b": b"2"})
        assert cache.get([b"c"]) == {}
    keep(tmp_path, {b"c": b"3"})
    assert kept(tmp_path, b"c") == {b"c": b"3"}


@pytest.mark.parametrize("rubbish", [b"", b"no database", b"SQLite format 3\0" + bytes(200)])
def test_a_broken_file_is_replaced(tmp_path, rubbish):
    (tmp_path / FOLDER).mkdir(parents=True)
    (tmp_path / FOLDER / FILE).write_bytes(rubbish)
    keep(tmp_path, {b"a": b"1"})  # this run may do without, the next one has it again
    keep(tmp_path, {b"a": b"1"})
    assert kept(tmp_path, b"a") == {b"a": b"1"}


def test_a_file_that_breaks_in_the_middle_is_replaced(tmp_path):
    keep(tmp_path, {str(number).encode(): os.urandom(2000) for number in range(200)})
    file = tmp_path / FOLDER / FILE
    data = bytearray(file.read_bytes())
    data[4096:-4096] = os.urandom(len(data) - 8192)
    file.write_bytes(data)
    kept(tmp_path, *(str(number).encode() for number in range(200)))
    keep(tmp_path, {b"a": b"1"})
    keep(tmp_path, {b"a": b"1"})
    assert kept(tmp_path, b"a") == {b"a": b"1"}


def test_what_cannot_be_a_cache_is_none(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "a/.onboard").mkdir(parents=True)
    (tmp_path / "a/.onboard/cache").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/.onboard").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "c").mkdir()
    (tmp_path / "c/.onboard").write_text("a file")
    assert [open_cache(tmp_path / name, TODAY) for name in "abc"] == [None, None, None]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_longest_unused_entries_make_room(tmp_path):
    file = tmp_path / "cache"
    entries = {str(number).encode(): os.urandom(4000) for number in range(100)}
    with Cache(file, TODAY) as cache:
        cache.put(entries)
    with Cache(file, TOMORROW, bound=200_000) as cache:
        used = cache.get([str(number).encode() for number in range(20)])
    with Cache(file, TOMORROW) as cache:
        left = cache.get(entries)
    assert used.items() <= left.items() < entries.items()
    assert 20 < len(left) < 40

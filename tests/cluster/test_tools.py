"""The cluster's programs are built when their sources change, and only then; and it is said what is missing."""

import os
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.cluster import tools
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    folder = tmp_path / "cache"
    monkeypatch.setenv("ONBOARD_TOOLS", str(folder))
    return folder


def a_program(into):
    (into / "program").write_text("built")


def a_failure(into):
    (into / "half").touch()
    raise tools.MissingToolError("no compiler")


def test_nothing_is_built_again_when_nothing_changed(cache):
    said = []
    first = tools._built("it", b"sources", a_program, said.append)
    assert (first / "program").read_text() == "built"
    assert tools._built("it", b"sources", a_program, said.append) == first
    assert len(said) == 1


def test_other_sources_make_another_program(cache):
    first = tools._built("it", b"sources", a_program, print)
    second = tools._built("it", b"other sources", a_program, print)
    assert first != second
    assert sorted(cache.iterdir()) == sorted([first, second])


def test_another_way_of_building_makes_another_program(cache):
    def otherwise(into):
        (into / "program").write_text("built otherwise")

    assert tools._built("it", b"", a_program, print) != tools._built("it", b"", otherwise, print)


def test_a_failed_build_leaves_nothing_behind(cache):
    with pytest.raises(tools.MissingToolError):
        tools._built("it", b"sources", a_failure, print)
    assert list(cache.iterdir()) == []


def test_two_builds_at_once_are_one(cache):
    both_build = threading.Barrier(2)

    def together(into):
        both_build.wait(60)
        a_program(into)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: tools._built("it", b"sources", together, print), range(2))
    assert first == second
    assert list(cache.iterdir()) == [first]


# What is missing


@pytest.fixture
def programs(monkeypatch, tmp_path):
    """The folder with all the programs there are: `env`, and what the test adds."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "env").symlink_to(shutil.which("env"))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def add(folder, name, script=""):
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize("user", [0, 1000])
def test_redis_is_installed_by_who_may(programs, monkeypatch, user):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    add(programs, "apt-get", f'[ "$2" = update ] || /bin/cp {programs}/apt-get {programs}/redis-server')
    if user:
        (programs / "apt-get").rename(programs / "apt-get-of-root")
        add(programs, "apt-get", "exit 1")
        add(programs, "sudo", f'[ "$1 $2" = "-n env" ] && shift 4 && exec {programs}/apt-get-of-root "$@"')
    assert tools._redis(print) == programs / "redis-server"


def test_without_redis_and_without_rights_it_says_so(programs, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    add(programs, "apt-get", f"touch {programs}/called")
    with pytest.raises(tools.MissingToolError, match="on Debian: apt-get install redis-server"):
        tools._redis(print)
    assert not (programs / "called").exists()


@pytest.fixture
def without_go(programs):
    add(programs, "redis-server")


def test_without_go_it_says_so(without_go):
    command = [sys.executable, "-m", "tests.cluster.tools"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no `go` on PATH; install Go 1.26" in done.stderr


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_without_go_the_end_to_end_tests_are_skipped_which_fails_in_ci(without_go, ci, code):
    command = [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "tests/e2e", "-k", "becomes_available"]
    environment = os.environ | {"CI": ci}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "no `go` on PATH; install Go 1.26" in done.stdout

"""Whatever ends pytest, nothing that it started runs on."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.cluster.tools import Tools
from tests.conftest import ROOT

INNER = """
import time
from pathlib import Path

def test_that_uses_everything(argocd):
    Path("{marker}").touch()
    time.sleep({seconds})
"""
PROGRAMS = {
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kwok",
    "redis-server",
    "argocd-repo-server",
    "argocd-application-controller",
}

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def alive(folder: Path) -> set[str]:
    """The names of the processes that work below the folder, as all those do that we start for it."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, PermissionError, ProcessLookupError):
            if (process / "cwd").readlink().is_relative_to(folder):
                command = re.split(r"[\0 ]", (process / "cmdline").read_text(encoding="utf-8"))[0]
                found.add(Path(command).name)
    return found


@contextmanager
def inner(tools: Tools, folder: Path, seconds: int) -> Iterator[subprocess.Popen[bytes]]:
    """A pytest whose one test uses everything and then waits, when all of it is up."""
    test, marker, said = folder / "test_inner.py", folder / "up", folder / "said"
    test.write_text(INNER.format(marker=marker, seconds=seconds), encoding="utf-8")
    plugins = ["-p", "tests.conftest", "-p", "tests.e2e.conftest", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, f"--basetemp={folder}/base", str(test)]
    # The tests' HOME has no cache.
    environment = os.environ | {"ONBOARD_TOOLS": str(tools.kubernetes.parent)}
    with said.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        while not marker.exists():
            assert process.poll() is None, said.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal(tools, tmp_path, number):
    with inner(tools, tmp_path, seconds=600) as process:
        assert alive(tmp_path / "base") == PROGRAMS
        process.send_signal(number)
        code = process.wait(60)
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else pytest.ExitCode.INTERRUPTED)
    assert gone(tmp_path / "base")


def test_the_normal_end(tools, tmp_path):
    with inner(tools, tmp_path, seconds=0) as process:
        assert process.wait(60) == 0
    assert gone(tmp_path / "base")
    assert not (tmp_path / "base/clusters0").exists()


def gone(folder: Path) -> bool:
    """A killed process takes a moment to go."""
    deadline = time.monotonic() + 10
    while alive(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(folder)

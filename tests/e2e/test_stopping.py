"""Whatever ends pytest, nothing that it started runs on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cluster.processes import working_below
from tests.cluster.tools import Tools
from tests.conftest import ROOT

WAITS = """
import time
from pathlib import Path

def test_that_uses_everything(argocd):
    Path("{marker}").touch()
    time.sleep({seconds})
"""
FAILS = """
def test_that_fails(cluster, namespace):
    cluster.wait_until(lambda pod: False, "Pod", namespace=namespace, within=1)
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


@contextmanager
def inner(tools: Tools, folder: Path, test: str) -> Iterator[subprocess.Popen[bytes]]:
    """A pytest that runs the test with our fixtures, and writes to the file `said`."""
    (folder / "test_inner.py").write_text(test, encoding="utf-8")
    plugins = ["-p", "tests.conftest", "-p", "tests.e2e.conftest", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *plugins, f"--basetemp={folder}/base", str(folder / "test_inner.py")]
    # The tests' HOME has no cache.
    environment = os.environ | {"ONBOARD_TOOLS": str(tools.kubernetes.parent)}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def waiting_inner(tools: Tools, folder: Path, seconds: int) -> Iterator[subprocess.Popen[bytes]]:
    """One that waits in its test, when everything is up."""
    with inner(tools, folder, WAITS.format(marker=folder / "up", seconds=seconds)) as process:
        while not (folder / "up").exists():
            assert process.poll() is None, (folder / "said").read_text(encoding="utf-8")
            time.sleep(0.05)
        yield process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal(tools, tmp_path, number):
    with waiting_inner(tools, tmp_path, seconds=600) as process:
        assert set(working_below(tmp_path).values()) == PROGRAMS
        process.send_signal(number)
        code = process.wait(60)
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else pytest.ExitCode.INTERRUPTED)
    assert gone(tmp_path)


def test_the_normal_end(tools, tmp_path):
    with waiting_inner(tools, tmp_path, seconds=0) as process:
        assert process.wait(60) == 0
    assert gone(tmp_path)
    assert not (tmp_path / "base/clusters0").exists()


def test_the_logs_stay_when_a_test_fails(tools, tmp_path):
    with inner(tools, tmp_path, FAILS) as process:
        assert process.wait(300) == pytest.ExitCode.TESTS_FAILED
    logs = tmp_path / "base/clusters0/gke-staging/logs"
    assert {path.stem for path in logs.iterdir()} == {name for name in PROGRAMS if name.startswith(("etcd", "k"))}
    assert [path.name for path in logs.parent.iterdir()] == ["logs"]
    said = (tmp_path / "said").read_text(encoding="utf-8")
    assert f"logs: {logs}" in said
    assert f"complaints in the programs' logs during this test; all of them below {tmp_path}" in said
    assert gone(tmp_path)


def gone(folder: Path) -> bool:
    """Whether nothing works there any more; a killed process takes a moment to go."""
    deadline = time.monotonic() + 10
    while working_below(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not working_below(folder)

"""Isolation for every test: no user's git config, a fixed identity, no colour; and the real tools as oracles."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from tests.support.pages import Block, blocks_of

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "") not in ("", "0", "false")

# A shell lets its background jobs ignore Ctrl-C, and what we start would inherit that; tests of Ctrl-C need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Memory, where there is enough of it: with a disk below them the tests take twice as long, and prove nothing more.
MEMORY, ENOUGH = "/dev/shm", 2 << 30  # bytes
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ["TMPDIR"] = tempfile.tempdir = MEMORY

# Nobody's git settings, and a fixed identity.
GIT = {
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Kim Example"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "kim@acme.example"),
}

# Shared machines are noisy: a slow example says nothing, and CI must not fail by chance.
settings.register_profile("default", deadline=None, max_examples=30)
settings.register_profile("ci", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("ci" if IN_CI else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite tests/golden from what is generated now")


@pytest.fixture(autouse=True)
def _isolated(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.getbasetemp() / "home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    for name, value in GIT.items():
        monkeypatch.setenv(name, value)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "FORCE_COLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def few_are_many() -> Iterator[None]:
    """What is worth while for fleets alone is done for a config repo of any size."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("onboarding_tool.adapters.files.LARGE", 1)
        yield


def give_up(why: str) -> NoReturn:
    """A skip where nobody asked for what is missing, a failure in CI."""
    (pytest.fail if IN_CI else pytest.skip)(why)


@pytest.fixture(scope="session")
def kustomize() -> Path:
    """kustomize 5.8.1, installed by our own script; a skip on a machine without Go, a failure in CI."""
    script = ROOT / "tests/tools/install_kustomize.sh"
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, env=os.environ, check=False)
    if done.returncode:
        give_up(f"no kustomize: {done.stderr.strip()[-300:]}")
    return Path(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def renderer() -> Path:
    """The helper's binary, as its sources are now; the build hook builds it if they changed since the installation."""
    command = [sys.executable, str(ROOT / "renderer/hatch_build.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"no renderer: {done.stderr.strip()[-300:]}")
    return Path(done.stdout.strip())


@pytest.fixture
def blocks(request: pytest.FixtureRequest) -> list[Block]:
    """The blocks of the documentation that this test executes; which these are says tests/support/pages.py."""
    return blocks_of(request.node.nodeid.partition("[")[0])


@pytest.fixture(scope="session")
def published_manifests() -> Path:
    """Real manifests that nobody of this project wrote."""
    return ROOT / "tests/corpus"


@pytest.fixture(scope="session")
def published_crds() -> Path:
    """CustomResourceDefinitions as their projects publish them."""
    return ROOT / "tests/corpus/crds"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("skipped", []):
        if IN_CI:
            terminalreporter.write_line(f"a skip is a failure in CI: {report.nodeid}: {report.longrepr}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

"""How far a command is: one line for who looks at a terminal, and nothing of it is left."""

import io
import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import Any

import pytest

from onboarding_tool.adapters import cluster, waiting
from onboarding_tool.cli import session
from onboarding_tool.delivery import Phase, State
from onboarding_tool.errors import Exit, WorldError
from tests.support.cli import Terminal, generated, onboard
from tests.support.git import repository, write
from tests.support.repos import edited, good, second_api

ERASED = "\r\x1b[K"
APIS = 110  # enough to be read and judged in parts
COMMANDS = [("judged", ["check", "--no-render"]), ("read", ["generate", "--check"]), ("read", ["api", "list"])]


class Interrupted(Terminal):
    """A Ctrl-C comes when the first line has been written."""

    def flush(self) -> None:
        if self.getvalue().count(ERASED) == 1:
            raise KeyboardInterrupt


def lines(shown: str) -> list[str]:
    """What stood in the last line of a terminal, one after the other. It has no other line."""
    first, *found = shown.split(ERASED)
    assert first == ""
    assert "\n" not in shown
    return found


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "PATIENCE", 0)
    monkeypatch.setenv("TERM", "xterm")


def judge(*of: int, then: type[BaseException] | None = None) -> None:
    """Tells that half of so many are judged."""
    with session.progress("APIs") as progress:
        for all_ in of:
            progress("judged")(all_ // 2, all_)
        if then:
            raise then


def test_each_line_is_written_once_over_the_one_before_it():
    with redirect_stderr(Terminal()) as terminal:
        judge(20_000, 300)
    assert lines(terminal.getvalue()) == ["judged 10,000 of 20,000 APIs", "judged 150 of 300 APIs", ""]


@pytest.mark.parametrize("end", [KeyboardInterrupt, ValueError])
def test_what_ends_early_leaves_an_empty_line(end):
    with redirect_stderr(Terminal()) as terminal, pytest.raises(end):
        judge(300, then=end)
    assert lines(terminal.getvalue()) == ["judged 150 of 300 APIs", ""]


def test_what_is_interrupted_while_it_writes_does_so_too():
    with redirect_stderr(Interrupted()) as terminal, pytest.raises(KeyboardInterrupt):
        judge(300)
    assert lines(terminal.getvalue()) == ["judged 150 of 300 APIs", ""]


def test_who_waits_less_than_a_second_is_told_nothing(monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 60)
    with redirect_stderr(Terminal()) as terminal:
        judge(300)
    assert terminal.getvalue() == ""


def test_a_file_and_a_terminal_that_cannot_erase_are_told_nothing(monkeypatch):
    with redirect_stderr(io.StringIO()) as file:
        judge(300)
    monkeypatch.setenv("TERM", "dumb")
    with redirect_stderr(Terminal()) as terminal:
        judge(300)
    assert file.getvalue() == terminal.getvalue() == ""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config repo with what is generated, committed."""
    return generated(tmp_path / "config")


# What a change does


def test_who_compares_is_told_of_files_and_of_renders(config):
    write(config, edited("apps/payments/base/service.yaml", "port: 80", "port: 81"))
    root = config / "generated/root/prod.yaml"
    root.write_text(f"{root.read_text()}# another one\n")
    alone, done = onboard("diff", at=config), onboard("diff", at=config, is_watched=True)
    assert (alone.err, done.code, done.out) == ("", 0, alone.out)
    told = ["compared 1 of 1 files", "compared 1 of 2 renders", "compared 2 of 2 renders"]
    assert lines(done.err) == [*told, "", ""]


def test_who_judges_a_platform_change_is_told_of_all_apis(config):
    write(config, edited("platform.yaml", "registries:", "# They are ours.\nregistries:"))
    alone, done = onboard("gate", "HEAD", at=config), onboard("gate", "HEAD", at=config, is_watched=True)
    assert (done.code, done.out) == (alone.code, alone.out)
    assert alone.err.count("\n") == 1
    assert lines(done.err.removeprefix(alone.err)) == ["judged 1 of 1 APIs", ""]


# What waits for a release


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        (KeyboardInterrupt(), Exit.INTERRUPTED, ""),
        (WorldError("the cluster is gone"), Exit.WORLD, "onboard: the cluster is gone\n"),
    ],
)
def test_a_wait_that_ends_early_leaves_an_empty_line(config, monkeypatch, end, code, said):
    def wait(*arguments: Any) -> None:
        arguments[-1](State(Phase.UNNOTICED, "nothing has been heard"))
        raise end

    monkeypatch.setattr(waiting, "wait", wait)
    monkeypatch.setattr(cluster.Cluster, "connect", lambda *_: None)
    monkeypatch.setattr(cluster, "refresh", lambda *_: None)
    done = onboard("wait", "payments", "prod", at=config, is_watched=True)
    assert done.code == code
    assert lines(done.err.removesuffix(said)) == ["   0s nothing has been heard", ""]


# Commands that look at every API

SCRIPT = """\
import sys, time
from onboarding_tool import load
from onboarding_tool.adapters import declarations, fleet
from onboarding_tool.cli import main, session
session.PATIENCE, declarations.AT_ONCE, fleet.AT_ONCE = 0, 10, 10
pause, apis = float(sys.argv.pop(1)), load.apis
def slowly(*arguments):
    time.sleep(pause)
    return apis(*arguments)
load.apis = slowly
main()
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    files = good()
    for number in range(1, APIS):
        files |= second_api(f"api-{number}")
    root = repository(tmp_path_factory.mktemp("large") / "config", files)
    assert onboard("generate", at=root).code == 0
    return root


def started(words: list[str], root: Path, stderr: Any, pause: float = 0) -> subprocess.Popen[bytes]:
    """The command in a process of its own that knows nothing of earlier ones, with a pause at whatever it reads."""
    shutil.rmtree(root / ".onboard/cache", ignore_errors=True)
    command = [sys.executable, "-c", SCRIPT, str(pause), *words]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True)


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Of a terminal: who looks at it, and what it is to a command."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    for end in (ours, theirs):
        with suppress(OSError):
            os.close(end)


def rest(ours: int) -> str:
    """What the terminal got, once nobody writes to it any more."""
    found = b""
    with suppress(OSError):
        while some := os.read(ours, 65536):
            found += some
    return found.decode()


@pytest.mark.parametrize(("verb", "words"), COMMANDS)
def test_a_terminal_is_told_how_far_it_is_and_keeps_nothing_of_it(large, ends, verb, words):
    ours, theirs = ends
    process = started(words, large, theirs)
    os.close(theirs)
    out, _ = process.communicate(timeout=60)
    *told, last, gone = lines(rest(ours))
    assert (process.returncode, bool(out)) == (0, True)
    assert f"{verb} 50 of {APIS} APIs" in told
    assert (last, gone) == (f"{verb} {APIS} of {APIS} APIs", "")


@pytest.mark.parametrize(("verb", "words"), COMMANDS)
def test_a_pipe_is_told_nothing(large, verb, words):
    out, err = started(words, large, subprocess.PIPE).communicate(timeout=60)
    assert (bool(out), err) == (True, b"")


def test_nor_is_a_file(large, tmp_path):
    with (tmp_path / "err").open("wb") as file:
        assert started(["api", "list"], large, file).communicate(timeout=60)[0]
    assert (tmp_path / "err").read_bytes() == b""


@pytest.mark.parametrize(("words", "pause"), [(["check", "--no-render"], 0.4), (["api", "list"], 0.1)])
def test_ctrl_c_leaves_an_empty_line(large, ends, words, pause):
    ours, theirs = ends
    process = started(words, large, theirs, pause)
    os.close(theirs)
    shown = ""
    while f" of {APIS} APIs" not in shown:
        shown += os.read(ours, 65536).decode()
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (Exit.INTERRUPTED, b"")
    assert lines(shown + rest(ours))[-1] == ""

"""How far a command is: one line for who looks at a terminal, and nothing of it is left."""

import io
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from onboarding_tool.adapters import cluster, waiting
from onboarding_tool.cli import session
from onboarding_tool.delivery import Phase, State
from onboarding_tool.errors import Exit, WorldError
from tests.support.cli import Terminal, onboard
from tests.support.git import commit, repository

ERASED = "\r\x1b[K"


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


# What waits for a release


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config repo with what is generated, committed."""
    root = repository(tmp_path / "config")
    assert onboard("generate", at=root).code == 0
    commit(root, {}, "Generate")
    return root


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

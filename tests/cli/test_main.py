"""How a run ends, whatever happens: the exit code, what is said, and that no traceback reaches the user."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from onboarding_tool import __version__
from onboarding_tool.checks import judging
from onboarding_tool.errors import BugError, ConflictError, Exit, UsageError, WorldError
from tests.support.cli import onboard
from tests.support.git import repository, write
from tests.support.repos import good

MAIN = [sys.executable, "-c", "from onboarding_tool.cli import main; main()"]


def run(*words: str, at: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, with nothing to read."""
    return subprocess.run(
        [*MAIN, *words],
        cwd=at,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def broken_by(error: BaseException):
    def raise_it(*_: object) -> None:
        raise error

    return raise_it


def test_exit_codes_are_those_that_scripts_depend_on():
    assert {code.name: int(code) for code in Exit} == {
        "OK": 0,
        "FINDINGS": 1,
        "USAGE": 2,
        "WORLD": 3,
        "BUG": 4,
        "CONFLICT": 5,
        "TIMEOUT": 6,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [(UsageError, 2), (WorldError, 3), (ConflictError, 5)],
)
def test_an_error_of_ours_is_its_message_and_its_hint(monkeypatch, error, code):
    monkeypatch.setattr(judging, "find", broken_by(error("no \x1b[2Jsuch thing", "Do this.\nOr that.")))
    done = onboard("explain", "x")
    assert (done.code, done.out) == (code, "")
    assert done.err == "onboard: no \\u001b[2Jsuch thing\n  Do this.\n  Or that.\n"


@pytest.mark.parametrize("error", [RuntimeError("it broke"), BugError("it broke"), AssertionError(), RecursionError()])
def test_a_bug_asks_to_be_reported_and_keeps_its_traceback_in_a_log(monkeypatch, error):
    monkeypatch.setattr(judging, "find", broken_by(error))
    done = onboard("explain", "x")
    assert (done.code, done.out) == (4, "")
    assert f"this is a bug in onboard: {type(error).__name__}: {error}" in done.err
    assert "Traceback" not in done.err
    assert "report it" in done.err
    log = re.search(r"the log (\S+\.log)", done.err)
    assert log is not None
    written = Path(log[1]).read_text()
    Path(log[1]).unlink()
    assert written.startswith(f"onboard {__version__}, Python {sys.version}")
    assert "['onboard', 'explain', 'x']" in written
    assert "Traceback" in written
    assert "raise error" in written


def test_a_bug_is_said_even_where_no_log_can_be_written(monkeypatch, tmp_path):
    monkeypatch.setattr(judging, "find", broken_by(RuntimeError("it broke")))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    done = onboard("explain", "x")
    assert done.code == 4
    assert "Please report it with this:" in done.err
    assert "RuntimeError: it broke" in done.err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "/data/x"), "onboard: /data/x: no space left on device\n"),
        (PermissionError(13, "Permission denied", "/data/x"), "onboard: /data/x: permission denied\n"),
        (OSError("odd"), "onboard: odd\n"),
    ],
)
def test_a_world_that_is_broken_is_no_bug(monkeypatch, error, said):
    monkeypatch.setattr(judging, "find", broken_by(error))
    done = onboard("explain", "x")
    assert done.code == 3
    assert done.err.startswith(said)
    assert "permissions and the free space" in done.err


def test_ctrl_c_is_130_and_silent(monkeypatch):
    monkeypatch.setattr(judging, "find", broken_by(KeyboardInterrupt()))
    done = onboard("explain", "x")
    assert (done.code, done.text) == (130, "")


def test_ctrl_c_while_it_waits_for_input(tmp_path):
    write(tmp_path, good())
    words = ["api", "import", "x", "--tenant", "customer-a", "--team", "payments-team", "--from", "-"]
    with subprocess.Popen(
        [*MAIN, "--verbose", *words],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        wait_until_it_reads(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def wait_until_it_reads(process: subprocess.Popen[bytes]) -> None:
    """Until the process has taken what stands in its pipe."""
    import fcntl
    import termios
    import time

    assert process.stdin is not None
    process.stdin.write(b"a: 1\n")
    process.stdin.flush()
    for _ in range(500):
        waiting = fcntl.ioctl(process.stdin, termios.FIONREAD, b"\0" * 4)
        if waiting == b"\0" * 4:
            return
        time.sleep(0.01)
    raise AssertionError("it never read")


# Where output goes


@pytest.mark.parametrize("words", ["rules", "check", "--help", "render payments prod --from overlay"])
def test_a_reader_that_stops_is_no_error_to_speak_of_and_no_finding(tmp_path, words):
    root = repository(tmp_path / "config")
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(
        [*MAIN, *words.split()], cwd=root, env=buffered, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(10) == 128 + signal.SIGPIPE


def test_a_full_disk_is_said(tmp_path):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*MAIN, "rules"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith(b"onboard: no space left on device\n")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("render payments prod --from overlay", 0),
        ("api show x", 2),
        ("nope", 2),
        ("api import x --tenant customer-a --team payments-team --from -", 2),
    ],
)
def test_a_closed_stream_changes_nothing(tmp_path, closed, words, code):
    root = repository(tmp_path / "config")
    line = f"""'{sys.executable}' -c 'from onboarding_tool.cli import main; main()' {words} {closed}"""
    done = subprocess.run(["sh", "-c", line], cwd=root, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == code, done
    assert b"bug" not in done.stderr


@pytest.mark.parametrize("words", ["api show x", "nope", "check --jobs x"])
def test_an_error_that_nobody_hears_keeps_its_code(tmp_path, words):
    root = repository(tmp_path / "config")
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*MAIN, *words.split()], cwd=root, env=buffered, stderr=full, check=False)
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("encoding", "form"),
    [("ascii", "text"), ("ascii", "json"), ("ascii", "github"), ("latin-1", "text"), ("utf-8", "text")],
)
def test_every_character_can_be_written(tmp_path, encoding, form):
    odd = os.fsdecode("apps/payments/base/日本é".encode() + b"\xff.yaml")
    write(tmp_path, good() | {odd: "a: 1\n"})
    done = run("check", "--format", form, at=tmp_path, PYTHONIOENCODING=encoding)
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"path-not-ascii" in done.stdout
    assert done.stdout.decode(encoding).replace("\n", "").isprintable()


# A world that is broken


def test_a_file_where_a_folder_shall_be(tmp_path):
    root = repository(tmp_path / "config")
    write(root, {"generated": "a file"})
    done = onboard("generate", at=root)
    assert done.code == 3
    assert "generated" in done.err
    assert (root / "generated").read_text() == "a file"
    assert not (root / ".github").exists()


def test_a_folder_where_a_file_shall_be(tmp_path):
    write(tmp_path, good())
    (tmp_path / "teams.yaml").unlink()
    (tmp_path / "teams.yaml").mkdir()
    done = onboard("check", at=tmp_path)
    assert done.code == 1
    assert "teams.yaml:1:1: error file-missing" in done.out


def test_without_git_it_is_said(tmp_path):
    root = repository(tmp_path / "config")
    for at, words in ((tmp_path, ["init", "new"]), (tmp_path, ["demo", "new"]), (root, ["release", "apply"])):
        done = run(*words, at=at, PATH=str(tmp_path))
        assert done.returncode == 3
        assert done.stderr.startswith(b"onboard: git is not installed, or not on the PATH\n")
    assert [path.name for path in tmp_path.iterdir()] == ["config"]


def test_the_demo_asks_nobody_to_report_that_there_is_no_git(tmp_path):
    done = run("demo", "new", at=tmp_path, PATH=str(tmp_path))
    assert done.returncode == 3
    assert done.stderr.startswith(b"onboard: git is not installed, or not on the PATH\n")
    assert b"report" not in done.stderr


def test_a_folder_that_was_deleted_meanwhile(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    line = f"'{sys.executable}' -c 'from onboarding_tool.cli import main; main()' check"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "onboard: the folder that you are in was deleted\n" in done.stderr


def test_a_release_needs_a_repository(tmp_path):
    write(tmp_path, good())
    done = onboard("release", "apply", at=tmp_path)
    assert done.code == 3
    assert "is in no git repository" in done.err
    assert "git init" in done.err


def test_a_detached_head_is_a_conflict(tmp_path):
    root = repository(tmp_path / "config")
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=root, check=True)
    done = onboard("release", "apply", at=root)
    assert done.code == 5
    assert "HEAD is detached" in done.err
    assert "git switch main" in done.err

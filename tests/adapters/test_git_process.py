import os
import select
from pathlib import Path

import pytest

from onboarding_tool.adapters.git_process import Git, GitFailedError, around, split
from onboarding_tool.errors import WorldError
from tests.support.git import git, repository


def test_what_a_command_prints_are_bytes(tmp_path):
    root = repository(tmp_path / "repo", {"\u00fc\n": "odd"})
    assert "\u00fc\n".encode() in split(Git(root).run("ls-files", "-z"))


def test_how_a_command_ended_badly(tmp_path):
    with pytest.raises(GitFailedError) as raised:
        Git(repository(tmp_path / "repo")).run("rev-parse", "nothing")
    assert raised.value.message.startswith("git rev-parse failed: ")
    assert "unknown revision" in raised.value.said


def test_an_exit_code_may_be_an_answer(tmp_path):
    asked = Git(repository(tmp_path / "repo"))
    assert asked.run("config", "--get", "no.such", accept=(0, 1)) == b""
    with pytest.raises(GitFailedError):
        asked.run("config", "--get", "no.such")


def test_what_a_command_is_given(tmp_path):
    assert Git(tmp_path).run("stripspace", stdin=b"a  \n\n\n") == b"a\n"


def test_no_more_is_read_than_wanted(tmp_path):
    root = repository(tmp_path / "repo", {"a": "x" * 5000})
    assert len(Git(root).run_within(5000, "show", "HEAD:a")) == 5000
    with pytest.raises(WorldError) as raised:
        Git(root).run_within(4999, "show", "HEAD:a")
    assert raised.value.message == "git show has more to tell than 4,999 bytes"


def test_the_lines_of_a_command_and_how_it_ends(tmp_path):
    root = repository(tmp_path / "repo", {"a": "1\n2\n"})
    with Git(root).lines("show", "HEAD:a") as lines:
        assert list(lines) == ["1", "2"]
    with Git(root).lines("show", "HEAD:a") as lines:
        assert next(lines) == "1"
    with pytest.raises(GitFailedError), Git(root).lines("show", "HEAD:b") as lines:
        assert list(lines) == []


def test_a_command_runs_in_its_folder_with_its_environment(tmp_path):
    (tmp_path / "$HOME").mkdir()
    folder = tmp_path / "$HOME"
    shown = Git(folder, {"GIT_AUTHOR_NAME": "Ann"}).run("-c", "alias.x=!pwd; echo $GIT_AUTHOR_NAME", "x")
    assert shown.decode() == f"{folder}\nAnn\n"


def test_the_repository_around_a_folder(tmp_path):
    root = repository(tmp_path / "repo", {"a/b": ""})
    assert around(root / "a") == (root / ".git", root)
    git(tmp_path, "init", "-q", "--bare", "bare")
    assert around(tmp_path / "bare") == (tmp_path / "bare", None)
    (tmp_path / "none").mkdir()
    assert around(tmp_path / "none") is None


# Asking a remote


def asking(tmp_path: Path, ssh: str) -> Git:
    """A repository whose remote is reached by this shell command."""
    root = repository(tmp_path / "repo")
    git(root, "remote", "add", "origin", "ssh://host/repo.git")
    git(root, "config", "core.sshCommand", f"{ssh} #")
    return Git(root)


def test_a_remote_that_never_answers_ends_with_all_that_was_started(tmp_path):
    (tmp_path / "ssh").write_text(f"#!/bin/sh\nsleep 600 &\necho $! >{tmp_path}/pid\nwait\n")
    (tmp_path / "ssh").chmod(0o755)
    asked = asking(tmp_path, str(tmp_path / "ssh"))
    with pytest.raises(WorldError) as raised:
        asked.ask_remote("ls-remote", "origin", seconds=2.0)
    assert raised.value.message == "git ls-remote had no answer after 2 seconds"
    pid = int((tmp_path / "pid").read_text())
    assert ends(pid)


def ends(pid: int) -> bool:
    """Whether a process that is no child of ours ends within half a minute; nobody need have waited for it."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with os.fdopen(handle):
        return bool(select.select([handle], [], [], 30)[0])


def test_a_remote_has_no_terminal_to_ask_on(tmp_path):
    asked = asking(tmp_path, "sh -c 'exec 2>&1 </dev/tty' >&2")
    with pytest.raises(WorldError) as raised:
        asked.ask_remote("ls-remote", "origin")
    assert "/dev/tty" in raised.value.message


def test_no_password_is_in_what_a_remote_says(tmp_path):
    asked = asking(tmp_path, "echo Warning: known >&2; echo no https://bot:hunt@er2@host/x here >&2; false")
    with pytest.raises(WorldError) as raised:
        asked.ask_remote("ls-remote", "origin")
    assert raised.value.message == "no https://host/x here"


def test_what_a_remote_answers(tmp_path):
    root = repository(tmp_path / "repo")
    assert Git(root).ask_remote("ls-remote", ".", "refs/heads/main") == (
        f"{git(root, 'rev-parse', 'HEAD')}\trefs/heads/main\n".encode()
    )


@pytest.mark.parametrize(
    "said",
    [
        "fatal: cannot copy '/usr/share/templates/x' to '/mnt/.git/x': No space left on device",
        "error: file write error: No space left on device\nfatal: Unable to write new index file",
        "fatal: Out of diskspace",
        "error: unable to create temporary file: Disk quota exceeded",
    ],
)
def test_of_a_full_disk_it_is_said_what_to_do(said):
    error = GitFailedError(["add", "-A"], said)
    assert error.message == f"git add failed: {said.splitlines()[-1]}"
    assert error.hint.splitlines()[-1] == "Make room on the disk, then run the command again."
    assert GitFailedError(["add"], "fatal: something else").hint == ""

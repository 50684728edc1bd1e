import errno
import fcntl
import subprocess
import sys
import time

import pytest

from onboarding_tool.adapters.alone import alone
from onboarding_tool.errors import ConflictError, Exit

HOLDING = """
import sys, time
from pathlib import Path
from onboarding_tool.adapters.alone import alone
with alone(Path(sys.argv[1]), lambda: None):
    print("in", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that is in there, until it is killed."""
    words = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "in\n"
        yield process
        process.kill()


def test_who_waits_too_long_is_told_why(tmp_path, holder):
    told = []
    with pytest.raises(ConflictError) as raised, alone(tmp_path, lambda: told.append("waiting"), patience=0.2):
        pytest.fail("two at once")
    assert told == ["waiting"]
    assert raised.value.exit is Exit.CONFLICT
    assert "another onboard" in raised.value.message


def test_the_lock_of_a_process_that_was_killed_is_no_lock(tmp_path, holder):
    def kill() -> None:
        holder.kill()

    began = time.monotonic()
    with alone(tmp_path, kill, patience=60):
        assert time.monotonic() - began < 30
    assert list(tmp_path.iterdir()) == []


def test_nobody_waits_without_need(tmp_path):
    for _ in range(2):
        with alone(tmp_path, lambda: pytest.fail("nobody is there"), patience=0):
            pass


def test_a_file_system_without_locks_lets_everybody_in(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with alone(tmp_path, lambda: pytest.fail("nobody is there")):
        pass

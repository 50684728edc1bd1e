"""One process at a time changes a config repo; another one waits for it."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from onboarding_tool.errors import ConflictError

PATIENCE = 60.0  # seconds to wait for another one
PAUSE = 0.05  # seconds between two looks


@contextmanager
def alone(root: Path, waiting: Callable[[], None], patience: float = PATIENCE) -> Iterator[None]:
    """Within it no other process is; `waiting` is called once if it has to wait. Raises ConflictError after `patience`.

    The system's lock on the folder itself: it leaves no file behind, and ends with its process however that ends. Where
    a file system has no such locks, everybody is let in.
    """
    folder = os.open(root, os.O_RDONLY)
    try:
        with suppress(_NoLocksError):
            _lock(folder, waiting, patience)
        yield
    finally:
        os.close(folder)


class _NoLocksError(Exception):
    """The file system has none."""


def _lock(folder: int, waiting: Callable[[], None], patience: float) -> None:
    deadline = time.monotonic() + patience
    told = False
    while not _try_to_lock(folder):
        if time.monotonic() > deadline:
            hint = "Let it finish, or end it; `ps` shows it. Then run the command again."
            raise ConflictError(f"another onboard has been changing this config repo for {patience:g} seconds", hint)
        if not told:
            waiting()
            told = True
        time.sleep(PAUSE)


def _try_to_lock(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise _NoLocksError from error
    return True

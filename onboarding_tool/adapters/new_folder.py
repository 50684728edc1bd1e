"""A folder for a new config repo: it must be free, and what was begun in it goes when it cannot be finished."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from onboarding_tool.errors import UsageError


def refuse_occupied(folder: Path) -> None:
    """Raises UsageError unless the folder is empty or does not exist yet."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            f"{folder} is a file, and a folder is needed", "Name a folder that is empty or does not exist yet."
        )
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", "Name a folder that is empty or does not exist yet.")


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """The folder exists inside of the `with`. After an error it is as it was before: empty, or not there.

    Raises UsageError if it is occupied.
    """
    refuse_occupied(folder)
    new = [candidate for candidate in (folder, *folder.parents) if not candidate.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        _emptied(folder)
        for candidate in new:
            with suppress(OSError):
                candidate.rmdir()
        raise


def _emptied(folder: Path) -> None:
    with suppress(OSError):
        for entry in list(folder.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

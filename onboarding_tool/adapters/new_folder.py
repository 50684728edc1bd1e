"""A folder for a new config repo: it must be free, and gets there as a whole, or is as it was."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from onboarding_tool.adapters import writing
from onboarding_tool.adapters.files import GIT_FOLDER, Naming, is_temporary
from onboarding_tool.errors import UsageError
from onboarding_tool.model import PLATFORM_FILE

FREE = "Name a folder that is empty or does not exist yet."


def refuse_occupied(folder: Path) -> None:
    """Raises UsageError unless the folder is empty or does not exist yet, and in no config repo. What a killed process
    of ours left in it is nobody's.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, and a folder is needed", FREE)
    if folder.is_dir() and not all(is_temporary(entry.name) for entry in folder.iterdir()):
        raise UsageError(f"{folder} is not empty", FREE)
    around = next((one for one in folder.resolve().parents if (one / PLATFORM_FILE).is_file()), None)
    if around:
        raise UsageError(f"{folder} lies in the config repo {around}", "Name a folder outside of it.")


@contextmanager
def made(folder: Path) -> Iterator[Path]:
    """Where to put what shall be in the folder at the end of the `with`. After an error, all is as it was before.

    It is beside the folder, and takes its place in one step; a folder that is there already is filled from within, for
    somebody may stand in it. Raises UsageError if the folder is occupied.
    """
    refuse_occupied(folder)
    new = [candidate for candidate in (folder, *folder.parents) if not candidate.exists()]
    around = folder.parent if new else folder
    place = Path(writing.temporary(str(around)))
    try:
        if not around.is_dir():
            folder.mkdir(parents=True)  # whatever is wrong with the path is said of it
            folder.rmdir()
        writing.clean(str(around))
        with Naming(str(folder)):
            place.mkdir()
        yield place
        _put(place, folder, whole=bool(new))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        if not new:
            _empty(folder)
        for candidate in new:
            with suppress(OSError):
                candidate.rmdir()
        raise


def _put(place: Path, folder: Path, *, whole: bool) -> None:
    with Naming(str(folder)):
        if whole:
            place.rename(folder)
            return
        for entry in sorted(place.iterdir(), key=lambda entry: entry.name == GIT_FOLDER):
            entry.rename(folder / entry.name)
        place.rmdir()


def _empty(folder: Path) -> None:
    with suppress(OSError):
        for entry in list(folder.iterdir()):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)

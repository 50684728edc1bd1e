"""Changes get to the disk: all of them or none, and no file is ever half-written.

Paths are texts here: of 100,000 files, objects of them would take longer than the disk.
"""
# ruff: noqa: PTH102, PTH105, PTH106, PTH108, PTH120

import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from onboarding_tool.adapters.files import GIT_FOLDER, TEMPORARY, Naming, is_temporary
from onboarding_tool.errors import WorldError
from onboarding_tool.model import GENERATED

# Seconds after which a temporary file is nobody's any more; to write a whole fleet takes less than a minute.
STALE = 600.0


def apply(root: Path, changes: Mapping[str, bytes | None]) -> None:
    """Write and delete files. Raises WorldError; then nothing was changed, unless the disk failed between renames."""
    with prepared(root, changes) as write:
        write()


@contextmanager
def prepared(root: Path, changes: Mapping[str, bytes | None]) -> Iterator[Callable[[], None]]:
    """Everything that may fail is done on entry: checks, folders, the new contents beside the old. The rest is renames.

    A crash leaves each file old or new, a new folder whole or not there, and perhaps temporary files. Leaving without a
    call changes nothing.
    """
    staged = _Staged(root)
    try:
        for path, data in sorted(changes.items()):
            with Naming(path):
                staged.add(path, data)
        yield staged.write
    finally:
        staged.discard()


@dataclass(slots=True)
class _Place:
    """A folder that files get to. What is written there waits in `staged`, which is the folder itself if it is there
    already; else it is `made` when the first file needs it.
    """

    folder: str
    staged: str
    is_new: bool = False
    made: bool = False


class _Staged:
    """New contents that lie beside the files they will replace. A folder that is new gets to its place as a whole."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._places = {"": _Place(self._root, self._root)}
        self._new: dict[str, tuple[str, str]] = {}
        self._folders: dict[str, str] = {}  # a folder that is not there yet -> the temporary one
        self._gone: dict[str, str] = {}
        self._cleaned: set[str] = set()

    def add(self, path: str, data: bytes | None) -> None:
        parent, slash, name = path.rpartition("/")
        _require_name(path, name)
        place = self._place(parent or slash, path)
        if not place.is_new:
            self._replace(path, place.folder, name, data)
        elif data is not None:
            if not place.made:
                self._make(parent, place)
            _write(f"{place.staged}/{name}", data, None, sync=_is_synced(path))

    def write(self) -> None:
        for path, (temporary, target) in list(self._new.items()):
            with Naming(path):
                os.replace(temporary, target)
            del self._new[path]
        for target, temporary in list(self._folders.items()):
            with Naming(os.path.relpath(target, self._root)):
                os.replace(temporary, target)
            del self._folders[target]
        for path, target in self._gone.items():
            with Naming(path):
                with suppress(FileNotFoundError):
                    os.unlink(target)
                self._remove_empty(os.path.dirname(target))

    def discard(self) -> None:
        for temporary, _ in self._new.values():
            with suppress(OSError):
                os.unlink(temporary)
        for folder in self._folders.values():
            shutil.rmtree(folder, ignore_errors=True)

    def _place(self, folder: str, path: str) -> _Place:
        """What is known of a folder: the disk is asked once. Raises WorldError for a link, or a file in its place."""
        if folder not in self._places:
            parent, slash, name = folder.rpartition("/")
            _require_name(path, name)
            self._places[folder] = self._looked_at(self._place(parent or slash, path), name, folder)
        return self._places[folder]

    def _looked_at(self, parent: _Place, name: str, path: str) -> _Place:
        folder = f"{parent.folder}/{name}"
        if parent.is_new:
            return _Place(folder, f"{parent.staged}/{name}", is_new=True)
        there = _seen(folder)
        if there is None:
            return _Place(folder, temporary(parent.folder), is_new=True)
        if stat.S_ISLNK(there.st_mode):
            hint = "Nothing is written through a symlink. Put a real folder in its place."
            raise WorldError(f"{path} is a symlink", hint)
        if not stat.S_ISDIR(there.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return _Place(folder, folder)

    def _replace(self, path: str, folder: str, name: str, data: bytes | None) -> None:
        """A file in a folder that is there."""
        target = f"{folder}/{name}"
        there = _seen(target)
        if there and stat.S_ISDIR(there.st_mode):
            raise WorldError(f"{path} is a folder, and a file shall be there", "Move the folder away.")
        if data is None:
            self._gone[path] = target
            return
        permissions = None  # so that the umask decides
        if there and stat.S_ISREG(there.st_mode):
            if there.st_size == len(data) and Path(target).read_bytes() == data:
                return
            permissions = stat.S_IMODE(there.st_mode) & ~0o111  # nothing in a config repo is run
        self._clean_once(folder)
        self._new[path] = temporary(folder), target
        _write(self._new[path][0], data, permissions, sync=_is_synced(path))

    def _make(self, folder: str, place: _Place) -> None:
        """Make a new folder beside the place that it will have, and those above it."""
        parent = folder.rpartition("/")[0]
        above = self._places[parent]
        if not above.is_new:
            self._clean_once(above.folder)
            self._folders[place.folder] = place.staged
        elif not above.made:
            self._make(parent, above)
        os.mkdir(place.staged)
        place.made = True

    def _clean_once(self, folder: str) -> None:
        if folder not in self._cleaned:
            self._cleaned.add(folder)
            clean(folder)

    def _remove_empty(self, folder: str) -> None:
        with suppress(OSError):  # it is not empty
            while folder != self._root:
                os.rmdir(folder)
                folder = os.path.dirname(folder)


def clean(folder: str) -> None:
    """Delete what a killed process of ours left in a folder."""
    for left in Path(folder).glob(f"{TEMPORARY}*"):
        if not is_temporary(left.name):
            continue
        with suppress(OSError):
            if time.time() - left.lstat().st_mtime > STALE:
                shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


def temporary(folder: str) -> str:
    """A path in a folder that nobody has, and that is nothing to git and to us."""
    return f"{folder}/{TEMPORARY}{secrets.token_hex(8)}"


def _require_name(path: str, name: str) -> None:
    if name in ("", ".", "..") or name.lower() == GIT_FOLDER:
        raise _no_place(path)


def _no_place(path: str) -> WorldError:
    return WorldError(f"{path} is no place for a file of a config repo", "Nothing was written.")


def _seen(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _is_synced(path: str) -> bool:
    """What is generated can be generated again; syncing tens of thousands of files would take minutes."""
    return not path.startswith(f"{GENERATED}/")


def _write(path: str, data: bytes, permissions: int | None, *, sync: bool) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        if permissions is not None:
            os.fchmod(handle, permissions)
        if sync:
            os.fsync(handle)
    finally:
        os.close(handle)

"""The config repo as a folder: a Tree that reads lazily and follows no link, and a writer that loses no file."""

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from onboarding_tool.errors import WorldError
from onboarding_tool.model import CODEOWNERS_FILE, EXCEPTIONS_FILE, GENERATED, PLATFORM_FILE, SCHEMAS_FOLDER, TEAMS_FILE
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, File, Tree

# What belongs to a config repo. Whatever else lies beside it, such as README.md or .venv/, is none of our business.
ROOTS = tuple(
    sorted(
        (
            PLATFORM_FILE,
            TEAMS_FILE,
            EXCEPTIONS_FILE,
            SCHEMAS_FOLDER,
            "components",
            "apps",
            GENERATED,
            CODEOWNERS_FILE.partition("/")[0],
        )
    )
)
GIT_FOLDER = ".git"
# A process that is killed while it writes leaves such a file behind; nothing reads it.
TEMPORARY = ".onboard-tmp-"


def find_root(start: Path) -> Path:
    """The nearest folder upwards from `start` that is a config repo. Raises WorldError if there is none."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / PLATFORM_FILE).is_file():
            return folder
    raise WorldError(
        f"{start} is not in a config repo: neither it nor a folder above it has a {PLATFORM_FILE}",
        "Go to one, or name it: `onboard -C DIR ...`. `onboard init DIR` makes a new one.",
    )


class FolderTree(Tree):
    """The files of a folder, with the modes that git would give them. Nothing is read before it is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._folders: dict[str, bool] = {"": True}
        self._last: tuple[str, File] | None = None

    def paths(self, below: str = "") -> Iterator[str]:
        for top in (below,) if _is_ours(below) else _roots_below(below):
            if self._is_folder(top):
                yield from self._walk(top)
            elif top in self:
                yield top

    def folders(self, below: str) -> list[str]:
        if not _is_ours(below):
            return super().folders(below)
        if not self._is_folder(below):
            return []
        names = (name for name, is_folder in self._entries(below) if is_folder)
        return sorted(name for name in names if next(self._walk(f"{below}/{name}"), None))

    def __contains__(self, path: str) -> bool:
        return self._mode(path) is not None

    def __getitem__(self, path: str) -> File:
        if self._last is None or self._last[0] != path:
            mode = self._mode(path)
            if mode is None:
                raise KeyError(path)
            self._last = path, File(self._data(path, mode), mode)
        return self._last[1]

    def _walk(self, folder: str) -> Iterator[str]:
        for name, is_folder in self._entries(folder):
            path = f"{folder}/{name}"
            if is_folder:
                yield from self._walk(path)
            else:
                yield path

    def _entries(self, folder: str) -> list[tuple[str, bool]]:
        """(name, is it a folder) in the order of their whole paths; sockets and the like are nothing to git."""
        with _named(folder), os.scandir(self._full(folder)) as found:
            entries = [entry for entry in found if entry.name != GIT_FOLDER and not entry.name.startswith(TEMPORARY)]
            kept = [(entry.name, self._keeps_folder(folder, entry)) for entry in entries if _is_kept(entry)]
        return sorted(kept, key=lambda entry: f"{entry[0]}/" if entry[1] else entry[0])

    def _keeps_folder(self, folder: str, entry: os.DirEntry[str]) -> bool:
        return entry.is_dir(follow_symlinks=False) and self._is_folder(f"{folder}/{entry.name}")

    def _is_folder(self, path: str) -> bool:
        """Whether the path is a folder of this repo: no link to one, no repo of its own, and none of its parents is."""
        known = self._folders.get(path)
        if known is None:
            status = self._status(path) if self._is_folder(path.rpartition("/")[0]) else None
            known = status is not None and stat.S_ISDIR(status.st_mode) and not self._is_repository(path)
            self._folders[path] = known
        return known

    def _is_repository(self, path: str) -> bool:
        return os.path.lexists(f"{self._full(path)}/{GIT_FOLDER}")

    def _mode(self, path: str) -> int | None:
        """The mode as git writes it, None if git would have no such entry."""
        if not (_is_ours(path) and self._is_folder(path.rpartition("/")[0])):
            return None
        status = self._status(path)
        if status is None:
            return None
        if stat.S_ISDIR(status.st_mode):
            return SUBMODULE if self._is_repository(path) else None
        if stat.S_ISLNK(status.st_mode):
            return SYMLINK
        if not stat.S_ISREG(status.st_mode):
            return None
        return EXECUTABLE if status.st_mode & stat.S_IXUSR else REGULAR

    def _status(self, path: str) -> os.stat_result | None:
        try:
            return os.lstat(self._full(path))
        except (FileNotFoundError, NotADirectoryError, ValueError):  # a NUL, or half of a surrogate pair
            return None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:  # a manifest may name any path
                return None
            raise _world_error(path, error) from None

    def _data(self, path: str, mode: int) -> bytes:
        full = self._full(path)
        if mode == SUBMODULE:
            return b""
        with _named(path):
            if mode == SYMLINK:
                return os.fsencode(os.readlink(full))  # noqa: PTH115 - Path would normalise the target
            handle = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                return file.read()

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"


def _is_ours(path: str) -> bool:
    """Whether the path is one of the roots or below one, and no segment leads elsewhere."""
    inside = any(path == root or path.startswith(f"{root}/") for root in ROOTS)
    return inside and not any(part in ("", ".", "..", GIT_FOLDER) for part in path.split("/"))


def _roots_below(folder: str) -> list[str]:
    return [root for root in ROOTS if not folder or root.startswith(f"{folder}/")]


def _is_kept(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() or entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False)


def apply(root: Path, changes: Mapping[str, bytes | None]) -> None:
    """Write and delete files. Raises WorldError; then nothing was changed, unless the disk failed between renames."""
    with prepared(root, changes) as write:
        write()


@contextmanager
def prepared(root: Path, changes: Mapping[str, bytes | None]) -> Iterator[Callable[[], None]]:
    """Everything that may fail is done on entry: checks, folders, the new contents beside the old. The rest is renames.

    A crash leaves each file old or new, and perhaps temporary files. Leaving without a call changes nothing.
    """
    staged = _Staged(root)
    try:
        for path, data in sorted(changes.items()):
            with _named(path):
                staged.add(path, data)
        yield staged.write
    finally:
        staged.discard()


class _Staged:
    """New contents that lie beside the files they will replace."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._new: dict[str, tuple[Path, Path]] = {}
        self._gone: dict[str, Path] = {}
        self._made: list[Path] = []

    def add(self, path: str, data: bytes | None) -> None:
        target = self._target(path)
        if data is None:
            self._gone[path] = target
            return
        if _holds(target, data):
            return
        self._make_folder(target.parent)
        temporary = target.parent / f"{TEMPORARY}{secrets.token_hex(8)}"
        self._new[path] = temporary, target
        # What is generated can be generated again; syncing tens of thousands of files would take minutes.
        _write(temporary, data, _permissions(target), sync=not path.startswith(f"{GENERATED}/"))

    def write(self) -> None:
        for path, (temporary, target) in list(self._new.items()):
            with _named(path):
                temporary.replace(target)
            del self._new[path]
        for path, target in self._gone.items():
            with _named(path):
                target.unlink(missing_ok=True)
                self._remove_empty(target.parent)
        self._made.clear()

    def discard(self) -> None:
        for temporary, _ in self._new.values():
            with suppress(OSError):
                temporary.unlink()
        for folder in reversed(self._made):
            with suppress(OSError):
                folder.rmdir()

    def _target(self, path: str) -> Path:
        """Where the path lies. Raises WorldError if that is outside of the root, behind a link, or a folder."""
        parts = path.split("/")
        if any(part in ("", ".", "..") or part.lower() == GIT_FOLDER for part in parts):
            raise WorldError(f"{path} is no place for a file of a config repo", "Nothing was written.")
        folder = self._root
        for part in parts[:-1]:
            folder = folder / part
            if folder.is_symlink():
                hint = "Nothing is written through a symlink. Put a real folder in its place."
                raise WorldError(f"{folder.relative_to(self._root)} is a symlink", hint)
        target = self._root / path
        if target.is_dir() and not target.is_symlink():
            raise WorldError(f"{path} is a folder, and a file shall be there", "Move the folder away.")
        return target

    def _make_folder(self, folder: Path) -> None:
        missing = [candidate for candidate in (folder, *folder.parents) if not candidate.exists()]
        for candidate in reversed(missing):
            candidate.mkdir()
            self._made.append(candidate)

    def _remove_empty(self, folder: Path) -> None:
        with suppress(OSError):  # it is not empty
            while folder != self._root:
                folder.rmdir()
                folder = folder.parent


def _holds(target: Path, data: bytes) -> bool:
    return target.is_file() and not target.is_symlink() and target.read_bytes() == data


def _permissions(target: Path) -> int | None:
    """Those of the file that is replaced; None if there is none, so that the umask decides."""
    if not target.is_file() or target.is_symlink():
        return None
    return stat.S_IMODE(target.stat().st_mode) & ~0o111  # nothing in a config repo is run


def _write(path: Path, data: bytes, permissions: int | None, *, sync: bool) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        if permissions is not None:
            os.fchmod(handle, permissions)
        if sync:
            file.flush()
            os.fsync(handle)


@contextmanager
def _named(path: str) -> Iterator[None]:
    """An OSError becomes a sentence that names the file as the user knows it."""
    try:
        yield
    except OSError as error:
        raise _world_error(path, error) from error


def _world_error(path: str, error: OSError) -> WorldError:
    what = (error.strerror or str(error)).lower()
    return WorldError(
        f"{path}: {what}", "Look at the permissions and the free space there, then run the command again."
    )

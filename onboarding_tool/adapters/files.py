"""The config repo as a folder: a Tree that reads lazily and follows no link."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

from onboarding_tool.errors import WorldError
from onboarding_tool.model import CODEOWNERS_FILE, EXCEPTIONS_FILE, GENERATED, PLATFORM_FILE, SCHEMAS_FOLDER, TEAMS_FILE
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, File, Tree
from onboarding_tool.wording import shell_path

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
# Folders in which only some names are ours: each with the paths in it that are, or that lead to such.
LEADING: dict[str, set[str]] = {}
for _root in ROOTS:
    LEADING.setdefault("", set()).add(_root.partition("/")[0])
    LEADING.setdefault(_root.rpartition("/")[0], set()).add(_root)
GIT_FOLDER = ".git"
MUCH = 1 << 20  # bytes
KEPT_FILES, KEPT_SIZE = 512, 64 << 10  # read files that are kept; bytes that such a one has at most
# A process that is killed while it writes leaves such a file behind; nothing reads it. Who commits one that ends in
# .yaml, for Argo CD to read, shall not be able to hide it from us: that is why the whole name counts.
TEMPORARY = ".onboard-tmp-"
TEMPORARY_NAME = re.compile(r"\.onboard-tmp-[0-9a-f]{16}")
LARGE = 100  # folders below apps/


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


def is_large(root: Path) -> bool:
    """Whether it is worth while to remember what a config repo holds, and to ask git what of it is unchanged."""
    try:
        return len(os.listdir(root / "apps")) >= LARGE  # noqa: PTH208 - Path makes an object of each
    except OSError:
        return False


def here() -> Path:
    """The folder that the user is in. Raises WorldError if it was deleted meanwhile."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise WorldError("the folder that you are in was deleted", "Go to another one: `cd`.") from None


def require_root(folder: Path) -> None:
    """Raises WorldError unless this very folder is a config repo, with the one that may be meant."""
    if (folder / PLATFORM_FILE).is_file():
        return
    if not folder.exists():
        raise WorldError(f"{folder} does not exist", f"Correct it, or `onboard init {shell_path(str(folder))}`.")
    near = next((one for one in folder.resolve().parents if (one / PLATFORM_FILE).is_file()), None)
    otherwise = "Name another folder; `onboard init DIR` makes a new config repo."
    hint = f"It lies in one: `onboard -C {shell_path(str(near))} ...`." if near else otherwise
    raise WorldError(f"{folder} is no config repo: it has no {PLATFORM_FILE}", hint)


class Kind(Enum):
    """What a name in a folder is to git. Sockets and the like are nothing to it."""

    FILE = 1
    LINK = 2
    FOLDER = 3


Listing = Mapping[str, Kind]
NOTHING: Listing = {}


class FolderTree(Tree):
    """The files of a folder, with the modes that git would give them.

    A folder is listed when something in it is first asked for, and not again. Files are read when they are asked for;
    the last `kept` ones are, since several rules look at the same.
    """

    def __init__(self, root: Path, kept: int = KEPT_FILES) -> None:
        self._root = str(root)
        self._most = kept
        self._listings: dict[str, Listing | None] = {}
        self._read: dict[str, File] = {}
        self._has_modes: bool | None = None  # what git says of the disk, once it has been asked

    def paths(self, below: str = "") -> Iterator[str]:
        if self._entries(below) is not None:
            yield from self._walk(below)
        elif below in self:
            yield below

    def folders(self, below: str) -> list[str]:
        prefix = f"{below}/" if below else ""
        names = (name for name, kind in (self._entries(below) or NOTHING).items() if kind is Kind.FOLDER)
        return sorted(name for name in names if self._holds_any(prefix + name))

    def children(self, folder: str) -> list[str]:
        """With those that hold nothing, which git does not know: none of them is looked into."""
        return sorted(name for name, kind in (self._entries(folder) or NOTHING).items() if kind is Kind.FOLDER)

    def files(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        return sorted(name for name in self._entries(folder) or NOTHING if f"{prefix}{name}" in self)

    def mode(self, path: str) -> int:
        if path in self._read or self._kind(path) is not Kind.FILE:
            return self[path].mode
        with Naming(path):
            found = os.stat(self._full(path), follow_symlinks=False)  # noqa: PTH116 - Path would take as long again
        return self._mode(path, found)

    def size(self, path: str) -> int:
        if path in self._read or self._kind(path) is not Kind.FILE:
            return len(self[path].data)
        with Naming(path):
            return os.stat(self._full(path), follow_symlinks=False).st_size  # noqa: PTH116

    def has_file(self, path: str) -> bool:
        return self._kind(path) is Kind.FILE

    def __contains__(self, path: object) -> bool:
        if not isinstance(path, str):
            return False
        kind = self._kind(path)
        return kind is not None and (kind is not Kind.FOLDER or self._is_repository(path))

    def __getitem__(self, path: str) -> File:
        known = self._read.get(path)
        if known is None:
            known = self._file(path)
            if len(known.data) <= KEPT_SIZE:
                self._read[path] = known
            if len(self._read) > self._most:
                del self._read[next(iter(self._read))]
        return known

    def _walk(self, folder: str) -> Iterator[str]:
        """Every path below a folder, in the order of whole paths."""
        entries = self._entries(folder) or NOTHING
        prefix = f"{folder}/" if folder else ""
        for name in sorted([f"{name}/" if kind is Kind.FOLDER else name for name, kind in entries.items()]):
            path = prefix + name.rstrip("/")
            if name.endswith("/") and self._entries(path) is not None:
                yield from self._walk(path)
            else:
                yield path

    def _holds_any(self, folder: str) -> bool:
        """Whether git would have anything below a folder."""
        entries = self._entries(folder) or NOTHING
        return any(
            kind is not Kind.FOLDER or self._entries(f"{folder}/{name}") is None or self._holds_any(f"{folder}/{name}")
            for name, kind in entries.items()
        )

    def _kind(self, path: str) -> Kind | None:
        """What git would have there, behind no link; None if it would have nothing."""
        parent, slash, name = path.rpartition("/")
        if slash and not parent:
            return None  # an absolute path is none of ours
        known = self._listings.get(parent)
        return (known if known is not None else self._entries(parent) or NOTHING).get(name)

    def _is_repository(self, folder: str) -> bool:
        """Whether a folder that is there is another repository, and so a file of git's."""
        if folder in self._listings:
            return self._listings[folder] is None
        return os.path.lexists(self._full(f"{folder}/{GIT_FOLDER}"))

    def _entries(self, folder: str) -> Listing | None:
        """What is in a folder; None if it is none, or another repository."""
        if folder in self._listings:
            return self._listings[folder]
        if folder and self._kind(folder) is not Kind.FOLDER:
            return None  # not kept: manifests name any number of paths that lead nowhere
        self._listings[folder] = self._listed(folder)
        return self._listings[folder]

    def _listed(self, folder: str) -> Listing | None:
        with Naming(folder or "."), os.scandir(self._full(folder)) as found:
            entries = {entry.name: kind for entry in found if (kind := _kind_of(entry))}
        if folder and GIT_FOLDER in entries:
            return None
        return {name: kind for name, kind in entries.items() if _is_ours(folder, name)}

    def _file(self, path: str) -> File:
        """Raises KeyError if there is none."""
        kind = self._kind(path)
        full = self._full(path)
        with Naming(path):
            if kind is Kind.LINK:
                return File(os.fsencode(os.readlink(full)), SYMLINK)  # noqa: PTH115 - Path would normalise the target
            if kind is Kind.FILE:
                handle = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                try:
                    found = os.fstat(handle)
                    return File(_content(handle, found.st_size), self._mode(path, found))
                finally:
                    os.close(handle)
        if kind is None or self._entries(path) is not None:
            raise KeyError(path)
        return File(b"", SUBMODULE)

    def _mode(self, path: str, found: os.stat_result) -> int:  # noqa: ARG002 - where the index is known, it tells
        """Of a file, as git would have it."""
        runs = found.st_mode & stat.S_IXUSR
        return EXECUTABLE if runs and self._modes_count() else REGULAR

    def _modes_count(self) -> bool:
        """Whether the disk tells who may run a file. On some every file looks like a program, and git does not look."""
        if self._has_modes is None:
            from onboarding_tool.adapters import git_process  # few files are executable

            self._has_modes = git_process.modes_count(Path(self._root))
        return self._has_modes

    def _full(self, path: str) -> str:
        return f"{self._root}/{path}"


def _content(handle: int, size: int) -> bytes:
    """All that a file holds, which has this size, unless somebody writes it meanwhile."""
    data = os.read(handle, size + 1)
    while len(data) > size and (more := os.read(handle, MUCH)):
        data += more
    return data


def _kind_of(entry: os.DirEntry[str]) -> Kind | None:
    if entry.is_file(follow_symlinks=False):
        return Kind.FILE
    if entry.is_dir(follow_symlinks=False):
        return Kind.FOLDER
    return Kind.LINK if entry.is_symlink() else None


def is_temporary(name: str) -> bool:
    return name.startswith(TEMPORARY) and TEMPORARY_NAME.fullmatch(name) is not None


def _is_ours(folder: str, name: str) -> bool:
    """Whether a name in a folder belongs to the config repo, or leads to what does."""
    if name == GIT_FOLDER or is_temporary(name):
        return False
    return folder not in LEADING or (f"{folder}/{name}" if folder else name) in LEADING[folder]


class Naming:
    """Within it, an OSError becomes a sentence that names the file as the user knows it. contextlib would take as long
    as the system does to read one.
    """

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise _world_error(self._path, error) from error


def _world_error(path: str, error: OSError) -> WorldError:
    what = (error.strerror or str(error)).lower()
    return WorldError(
        f"{path}: {what}", "Look at the permissions and the free space there, then run the command again."
    )

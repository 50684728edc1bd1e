"""The files of a config repo: a Tree of them, and the Changes that make another one."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256

REGULAR, EXECUTABLE, SYMLINK, SUBMODULE = 0o100644, 0o100755, 0o120000, 0o160000
SHA1 = 40  # digits of a name


@dataclass(frozen=True, slots=True)
class File:
    """A file's bytes (a symlink's target) and its mode as git writes it."""

    data: bytes
    mode: int = REGULAR


class Tree:
    """The files of a config repo by path, wherever they come from: a folder, a commit, or a dict in a test."""

    def __init__(self, files: Mapping[str, File]) -> None:
        self._files = files
        self._paths = sorted(files)

    def paths(self, below: str = "") -> Iterator[str]:
        """Every path below a folder (all without one), sorted. A path that is itself a file gives that file."""
        prefix = f"{below}/" if below else ""
        start = bisect_left(self._paths, below)
        for index in range(start, len(self._paths)):
            path = self._paths[index]
            if path == below or path.startswith(prefix):
                yield path
            elif path[: len(below)] > below:
                break

    def folders(self, below: str) -> list[str]:
        """Names of the folders directly below a folder, sorted."""
        cut = len(below) + 1 if below else 0
        names = (path[cut:] for path in self.paths(below) if len(path) > cut)
        return sorted({name.partition("/")[0] for name in names if "/" in name})

    def children(self, folder: str) -> list[str]:
        """As `folders`; perhaps with some that hold nothing, where to tell them takes long."""
        return self.folders(folder)

    def files(self, folder: str) -> list[str]:
        """Names of the files directly in a folder, sorted."""
        prefix = f"{folder}/" if folder else ""
        names = (path[len(prefix) :] for path in self.paths(folder) if path.startswith(prefix))
        return [name for name in names if "/" not in name]

    def __contains__(self, path: object) -> bool:
        return path in self._files

    def __getitem__(self, path: str) -> File:
        """Raises KeyError if there is no such file."""
        return self._files[path]

    def read(self, path: str) -> bytes:
        return self[path].data

    def mode(self, path: str) -> int:
        """As git writes it. Raises KeyError if there is no such file."""
        return self[path].mode

    def size(self, path: str) -> int:
        """In bytes. Raises KeyError if there is no such file."""
        return len(self[path].data)

    def has_file(self, path: str) -> bool:
        """Whether there is a file; symlinks and submodules are none."""
        return path in self and self[path].mode in (REGULAR, EXECUTABLE)

    def has_folder(self, path: str) -> bool:
        return next(self.paths(path), path) != path

    def holds(self, path: str, data: bytes) -> bool:
        """Whether there is a file with this content. An executable bit may be the file system's doing."""
        return self.has_file(path) and self[path].data == data

    def fingerprint(self, below: str) -> bytes:
        """The same for the same paths, modes and contents below a folder alone. A path that is a file counts, too."""
        files = ((path, self[path]) for path in self.paths(below))
        return fingerprint((path, file.mode, blob_name(file.data)) for path, file in files)


def fingerprint(entries: Iterable[tuple[str, int, str]]) -> bytes:
    """Of paths, modes and git's names of contents, in the order of the paths."""
    said = "".join(f"{mode:o} {name} {path}\0" for path, mode, name in entries)
    return sha256(said.encode("utf-8", "surrogateescape")).digest()


def blob_name(data: bytes) -> str:
    """What git calls a file of this content, in a repository of SHA-1."""
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def tree_of(files: Mapping[str, str | bytes]) -> Tree:
    """A Tree of ordinary files from their contents."""
    return Tree({path: File(text.encode() if isinstance(text, str) else text) for path, text in files.items()})


# What is to be written: path -> new bytes, or None to delete the file.
Changes = dict[str, bytes | None]


def changed(tree: Tree, changes: Mapping[str, bytes | None]) -> Tree:
    """The tree as it is after the changes."""
    files = {path: tree[path] for path in tree.paths() if path not in changes}
    files |= {path: File(data) for path, data in changes.items() if data is not None}
    return Tree(files)

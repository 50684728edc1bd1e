"""The config repo as a commit holds it: names and modes are known, contents are read when they are asked for."""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from onboarding_tool.tree import EXECUTABLE, REGULAR, SHA1, SUBMODULE, File, Tree, blob_name, fingerprint

AT_ONCE = 40  # objects; far fewer than would fill a pipe in either direction before the other end reads
KEPT = 6  # groups of files; a render reads what is generated, an overlay, a base and components in turn

Entries = Mapping[str, tuple[int, str]]  # path -> mode and git's name of the content
Contents = Callable[[Sequence[str]], list[bytes]]


class CommitTree(Tree):
    """`contents` reads a few objects by their names, all at once."""

    def __init__(self, contents: Contents, entries: Entries) -> None:
        super().__init__(_Blobs(contents, entries))
        self._entries = entries

    def mode(self, path: str) -> int:
        return self._entries[path][0]

    def has_file(self, path: str) -> bool:
        return path in self._entries and self._entries[path][0] in (REGULAR, EXECUTABLE)

    def entries(self, below: str) -> Entries:
        """Modes and git's names of the contents."""
        return {path: self._entries[path] for path in self.paths(below)}

    def holds(self, path: str, data: bytes) -> bool:
        mode, name = self._entries.get(path, (0, ""))
        if len(name) == SHA1:
            return mode in (REGULAR, EXECUTABLE) and name == blob_name(data)
        return super().holds(path, data)

    def fingerprint(self, below: str) -> bytes:
        return fingerprint((path, *self._entries[path]) for path in self.paths(below))


class _Blobs(Mapping[str, File]):
    """The files of a commit. Who asks for one file of an API asks for the others soon: they are read together."""

    def __init__(self, contents: Contents, entries: Entries) -> None:
        self._contents = contents
        self._entries = entries
        self._paths = sorted(entries)
        self._read: deque[dict[str, File]] = deque(maxlen=KEPT)

    def __getitem__(self, path: str) -> File:
        for group in self._read:
            if path in group:
                return group[path]
        if path not in self._entries:
            raise KeyError(path)
        self._read.append(self._together(path))
        return self._read[-1][path]

    def _together(self, path: str) -> dict[str, File]:
        """The file and its neighbours: of apps/payments/base/hpa.yaml, what lies below apps/payments."""
        here = bisect_left(self._paths, path)
        first = bisect_left(self._paths, "/".join(path.split("/")[:2]), hi=here)
        start = first if here - first < AT_ONCE else here
        paths = self._paths[start : start + AT_ONCE]
        found = [(each, *self._entries[each]) for each in paths]
        contents = iter(self._contents([name for _, mode, name in found if mode != SUBMODULE]))
        return {each: File(b"" if mode == SUBMODULE else next(contents), mode) for each, mode, _ in found}

    def __contains__(self, path: object) -> bool:
        return path in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

"""What first-parent history says of files: which change brought them, and what was ever deleted."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from onboarding_tool.history import Arrival, Person, Written
from onboarding_tool.load import OUTCOME_PATH, RECORD_PATH

if TYPE_CHECKING:
    from onboarding_tool.adapters.git_repo import GitRepo

IDENT = re.compile(rb"(.*?) ?<([^>]*)>.*", re.DOTALL)
CHUNK = 500  # paths on one command line


class GitHistory:
    """The history up to a commit. Answers are kept: the same paths are asked for again and again."""

    def __init__(self, repo: "GitRepo", commit: str | None) -> None:
        self._repo = repo
        self._commit = commit
        self._arrivals: dict[str, Arrival | None] = {}
        self._changes: dict[str, Arrival] = {}
        self._records: _Records | None = None
        self._positions: dict[str, int] = {}

    @property
    def prefix(self) -> str:
        return self._repo.prefix

    def arrival(self, path: str) -> Arrival | None:
        """The last first-parent change that touched `path`, so the one that brought it as it is; None if none did."""
        if path not in self._arrivals:
            self.look_up([path])
        return self._arrivals[path]

    def look_up(self, paths: Collection[str]) -> None:
        """Learn the arrivals of many paths in one walk through history, which ends when all are found."""
        unknown = sorted(path for path in paths if path not in self._arrivals)
        for start in range(0, len(unknown), CHUNK):
            self._look_up(set(unknown[start : start + CHUNK]))

    def was_deleted(self, pattern: str) -> bool:
        """Whether a first-parent change ever deleted a release record or outcome whose path this glob matches."""
        return any(fnmatchcase(path, pattern) for path in self._known().deleted)

    def records(self, folder: str | None = None) -> Mapping[str, Written]:
        """Every release record and outcome that a first-parent change ever brought, or those directly in a folder."""
        known = self._known().written
        if folder is not None:
            return known.get(folder, {})
        return {path: written for part in known.values() for path, written in part.items()}

    def first_bytes(self, path: str) -> bytes:
        """What such a file held when it was first committed. Raises KeyError if there never was one."""
        return self._repo.content(self._known().written[path.rpartition("/")[0]][path].blob)

    def follow(self, commit: str, changed: Collection[str]) -> None:
        """The same history one commit on, which changed only these paths and deleted no record."""
        if self._commit in self._positions:
            self._positions[commit] = self._positions[self._commit] + 1
        self._commit = commit
        for path in changed:
            self._arrivals.pop(path, None)

    def _look_up(self, missing: set[str]) -> None:
        self._arrivals.update(dict.fromkeys(missing))
        if self._commit is None:
            return
        named = [f"{self._repo.prefix}{path}" for path in sorted(missing)]
        with self._repo.lines("rev-list", "--first-parent", self._commit, "--", *named) as commits:
            for commit in commits:
                arrival = self._change(commit)
                for path in missing & {path for _, path in arrival.changes}:
                    self._arrivals[path] = arrival
                    missing.discard(path)
                if not missing:
                    break

    def _change(self, commit: str) -> Arrival:
        if commit not in self._changes:
            parents, person = self._read(commit)
            changed, position = self._changed(commit, parents), self._position(commit)
            self._changes[commit] = Arrival(commit, changed, person, position, is_merge=len(parents) > 1)
        return self._changes[commit]

    def _read(self, commit: str) -> tuple[list[str], Person]:
        head = self._repo.content(commit).partition(b"\n\n")[0].split(b"\n")
        parents = [line[7:].decode() for line in head if line.startswith(b"parent ")]
        committer = next(line[10:] for line in head if line.startswith(b"committer "))
        return parents, Person(person_name(committer), commit=commit)

    def _changed(self, commit: str, parents: list[str]) -> tuple[tuple[str, str], ...]:
        """(status, path) of everything that differs from the first parent; of the first commit, of everything."""
        between = [parents[0], commit] if parents else ["--root", commit]
        words = ["diff-tree", "-r", "-z", "--no-commit-id", "--name-status", "--no-renames", *between]
        parts = self._repo.run(*words).split(b"\0")[:-1]
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return tuple((status.decode(), self._repo.inner(path)) for status, path in pairs)

    def _position(self, commit: str) -> int:
        """How many first-parent changes lead up to a commit, that one included."""
        if not self._positions and self._commit is not None:
            listed = self._repo.run("rev-list", "--first-parent", "--reverse", self._commit).decode().split()
            self._positions = {each: number for number, each in enumerate(listed, start=1)}
        return self._positions[commit]

    def _known(self) -> "_Records":
        if self._records is None:
            self._records = _Records()
            for change in reversed(list(self._record_changes())):
                self._records.add(*change)
        return self._records

    def _record_changes(self) -> Iterator[tuple[str, bytes, str, str]]:
        """(commit, status, blob, path) of each change of what lies below releases/, the newest first."""
        if self._commit is None:
            return
        # One walk for all APIs. `-m` with `--first-parent` compares a merge with its first parent only.
        words = ["log", "--first-parent", "-m", "--root", "--raw", "--no-abbrev", "--no-renames", "-z", "--format=%H"]
        plain = ["--no-ext-diff", "--no-follow", "--no-show-signature", "--no-notes"]
        spec = f":(top,glob){_escaped(self._repo.prefix)}apps/*/releases/**"
        parts = iter(self._repo.run(*words, *plain, self._commit, "--", spec, literal=False).split(b"\0")[:-1])
        commit = ""
        for part in parts:
            about = part.lstrip(b"\n")
            if not about.startswith(b":"):
                commit = about.decode()
                continue
            *_, blob, status = about.split(b" ")
            yield commit, status, blob.decode(), self._repo.inner(next(parts))


class _Records:
    """What became of release records and outcomes: by folder, then by path."""

    def __init__(self) -> None:
        self.written: defaultdict[str, dict[str, Written]] = defaultdict(dict)
        self.deleted: set[str] = set()

    def add(self, commit: str, status: bytes, blob: str, path: str) -> None:
        """One change more."""
        if not (RECORD_PATH.fullmatch(path) or OUTCOME_PATH.fullmatch(path)):
            return
        if status == b"D":
            self.deleted.add(path)
        folder = self.written[path.rpartition("/")[0]]
        first = folder.get(path, Written(blob, commit, blob, commit))
        folder[path] = replace(first, last="" if status == b"D" else blob, last_commit=commit)


def person_name(ident: bytes) -> str:
    """The name of `Name <address> time zone`, or the address if there is no name."""
    found = IDENT.fullmatch(ident.strip())
    name, address = (found[1], found[2]) if found else (ident, b"")
    return name.decode("utf-8", "replace").strip() or address.decode("utf-8", "replace").strip() or "unknown"


def _escaped(prefix: str) -> str:
    return "".join(f"\\{character}" if character in "*?[\\" else character for character in prefix)

"""What first-parent history says of files: which change brought them, and what was ever deleted."""

import re
from collections.abc import Collection
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from onboarding_tool.model import Arrival, Person

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
        self._deleted: frozenset[str] | None = None
        self._positions: dict[str, int] = {}

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
        if self._deleted is None:
            self._deleted = self._deleted_records()
        return any(fnmatchcase(path, pattern) for path in self._deleted)

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
            self._changes[commit] = Arrival(commit, self._changed(commit, parents), person, self._position(commit))
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

    def _deleted_records(self) -> frozenset[str]:
        if self._commit is None:
            return frozenset()
        # One walk for all APIs. `-m` with `--first-parent` compares a merge with its first parent only.
        words = ["log", "--first-parent", "-m", "--diff-filter=D", "--no-renames", "--name-only", "-z", "--format="]
        plain = ["--no-ext-diff", "--no-follow", "--no-show-signature", "--no-notes"]
        spec = f":(top,glob){_escaped(self._repo.prefix)}apps/*/releases/**"
        printed = self._repo.run(*words, *plain, self._commit, "--", spec, literal=False)
        return frozenset(self._repo.inner(path.lstrip(b"\n")) for path in printed.split(b"\0") if path.strip())


def person_name(ident: bytes) -> str:
    """The name of `Name <address> time zone`, or the address if there is no name."""
    found = IDENT.fullmatch(ident.strip())
    name, address = (found[1], found[2]) if found else (ident, b"")
    return name.decode("utf-8", "replace").strip() or address.decode("utf-8", "replace").strip() or "unknown"


def _escaped(prefix: str) -> str:
    return "".join(f"\\{character}" if character in "*?[\\" else character for character in prefix)

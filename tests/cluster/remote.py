"""A bare git repository, as Argo CD reads it, and the clone from which a person pushes to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.git import commit, git


@dataclass(frozen=True, slots=True)
class Remote:
    bare: Path
    clone: Path

    @property
    def url(self) -> str:
        return f"file://{self.bare}"

    def push(self, files: Mapping[str, str | bytes | None], message: str = "a change") -> str:
        """Commits the files to main (None deletes) and pushes; returns the commit."""
        made = commit(self.clone, files, message)
        self.push_clone()
        return made

    def push_clone(self) -> None:
        """Pushes what was committed to the clone's main by other means, such as a command under test."""
        git(self.clone, "push", "-q", "origin", "main")


def create(folder: Path) -> Remote:
    """Without a commit yet."""
    remote = Remote(folder / "remote.git", folder / "clone")
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "--bare", "-b", "main", str(remote.bare))
    git(folder, "clone", "-q", str(remote.bare), str(remote.clone))
    return remote

"""Real git repositories for tests, from dicts."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.support.repos import good


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """What a git command prints; a failure fails the test."""
    done = subprocess.run(["git", *arguments], cwd=folder, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr.decode()}"
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def write(folder: Path, files: Mapping[str, str | bytes | None]) -> None:
    """Write files, and delete those that are None."""
    for path, content in files.items():
        target = folder / path
        if content is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, whatever it is."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def commit(folder: Path, files: Mapping[str, str | bytes | None], message: str = "a change") -> str:
    """Write the files and commit exactly them; returns the commit."""
    write(folder, files)
    git(folder, "add", "-A", "--", *files)
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def merge(folder: Path, files: Mapping[str, str | bytes | None], branch: str = "topic") -> str:
    """The files as a pull request with one commit for each, merged with a merge commit; returns that."""
    git(folder, "switch", "-q", "-c", branch)
    for path, content in files.items():
        commit(folder, {path: content}, f"{branch}: {path}")
    git(folder, "switch", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", f"Merge {branch}", branch)
    git(folder, "branch", "-q", "-D", branch)
    return git(folder, "rev-parse", "HEAD")


def repository(folder: Path, files: Mapping[str, str | bytes] | None = None, at: str = "") -> Path:
    """A repository whose first commit holds the files (a good config repo without), below the folder `at` of it.

    Returns the folder in which the files lie.
    """
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    prefix = f"{at}/" if at else ""
    commit(folder, {prefix + path: text for path, text in (good() if files is None else files).items()}, "the first")
    return folder / at


def status(folder: Path) -> list[str]:
    """`git status` in short form, line by line."""
    return git(folder, "status", "--porcelain", "--untracked-files=all").splitlines()

"""A commit by plumbing, and the move of branch, files and index to it that a kill at any moment cannot spoil.

The order: first the commit is made, with everything that may fail; then the branch moves, if nobody moved it; then the
files; then the index. The branch goes first because only that step can be lost to somebody else, and until it is won
nothing else may have changed. A process that dies after it leaves files and index behind, which looks like a staged
revert. So a journal is written before: the next run finds it and brings them up, where nobody changed them since.
"""

import json
import os
import platform
import re
import shutil
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from onboarding_tool.adapters import writing
from onboarding_tool.errors import ConflictError, WorldError
from onboarding_tool.tree import Changes

if TYPE_CHECKING:
    from onboarding_tool.adapters.git_repo import GitRepo

MARK = "onboard"
SIGNING = re.compile(r"sign|gpg|key|write commit object", re.IGNORECASE)  # what git says when it could not sign


class Committer:
    """Makes commits in one repository. What it needs on disk lies in .git/onboard, guarded by the index's lock.

    The scratch index is kept, so that the next commit need not read the whole tree again.
    """

    def __init__(self, repo: "GitRepo") -> None:
        self._repo = repo
        self._folder = repo.folder / MARK
        self._scratch: tuple[str, tuple[int, int]] | None = None  # the commit in it, and the file's stamp

    def commit(self, changes: Changes, message: str, expected_head: str | None) -> str:
        self.finish_interrupted()
        old = self._expect_head(expected_head)
        with self._locked_index() as index:
            if dirty := sorted(self._repo.dirty(changes)):
                raise ConflictError(f"{dirty[0]} has uncommitted changes", "Commit or stash them, then try again.")
            with writing.prepared(self._repo.root, changes) as write_files:
                new = self._make(changes, message, old)
                with _undisturbed():
                    self._journal.write(old, new)
                    self._move_branch(old, new, message)
                    write_files()
                    self._renew(index, changes)
                    self._journal.remove()
        return new

    def finish_interrupted(self) -> None:
        if self._journal.read() is None:
            return
        with self._locked_index() as index, _undisturbed():
            interrupted = self._journal.read()
            changes = self._left_behind(*interrupted) if interrupted else {}
            writing.apply(self._repo.root, changes)
            if changes:
                self._renew(index, changes)
            self._journal.remove()

    @property
    def _journal(self) -> "_Journal":
        return _Journal(self._folder / "journal")

    def _expect_head(self, expected: str | None) -> str:
        branch, head = self._repo.branch_and_head()
        if branch is None:
            raise ConflictError("HEAD is detached, so a commit would belong to no branch", "`git switch main`.")
        if head is None:
            raise WorldError("there is no commit yet", "Make the first: `git add -A && git commit`.")
        if expected not in (None, head):
            raise ConflictError(f"{branch} moved on to {head[:12]} meanwhile", "Run it again.")
        return head

    def _make(self, changes: Changes, message: str, parent: str) -> str:
        """The commit object; nothing refers to it yet."""
        index = self._scratch_index(parent)
        blobs = self._blobs([data for data in changes.values() if data is not None])
        entries = b""
        for path, data in changes.items():
            mode, name = ("0", "0" * len(parent)) if data is None else ("100644", next(blobs))
            entries += f"{mode} {name}\t".encode() + os.fsencode(self._repo.prefix + path) + b"\0"
        self._repo.run("update-index", "-z", "--index-info", stdin=entries, index=index)
        tree = self._repo.run("write-tree", index=index).decode().strip()
        with signing(self._repo) as signs:
            words = ["commit-tree", tree, "-p", parent, *(["-S"] if signs else []), "-F", "-"]
            commit = self._repo.run(*words, stdin=message.encode()).decode().strip()
        self._scratch = commit, _stamp(index)
        return commit

    def _scratch_index(self, commit: str) -> Path:
        """An index of exactly the commit's files, apart from the user's."""
        index = self._folder / "scratch"
        if self._scratch != (commit, _stamp(index)):
            index.with_suffix(".lock").unlink(missing_ok=True)
            self._repo.run("read-tree", commit, index=index)
        return index

    def _blobs(self, contents: list[bytes]) -> Iterator[str]:
        """The names of new objects with these contents, all written by one process."""
        folder = self._folder / "blobs"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        paths = [folder / str(number) for number in range(len(contents))]
        for path, data in zip(paths, contents, strict=True):
            path.write_bytes(data)
        listed = "".join(f"{path}\n" for path in paths).encode()
        named = self._repo.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=listed)
        shutil.rmtree(folder, ignore_errors=True)
        return iter(named.decode().split())

    def _move_branch(self, old: str, new: str, message: str) -> None:
        reason = f"onboard: {message.splitlines()[0]}"
        try:
            self._repo.run("update-ref", "-m", reason, "HEAD", new, old, undisturbed=True)
        except WorldError as error:
            if self._repo.head() == old:
                raise
            self._journal.remove()
            raise ConflictError("the branch moved meanwhile", "Run it again.") from error

    def _renew(self, index: Path, paths: Collection[str]) -> None:
        """Take the files as they lie there now into the index."""
        listed = b"".join(os.fsencode(self._repo.prefix + path) + b"\0" for path in sorted(paths))
        words = ["update-index", "--add", "--remove", "-z", "--stdin"]
        self._repo.run(*words, stdin=listed, index=index, undisturbed=True)
        index.replace(self._repo.folder / "index")

    @contextmanager
    def _locked_index(self) -> Iterator[Path]:
        """Holds git's own lock of the index, and yields a copy of the index to work on."""
        lock = self._repo.folder / "index.lock"
        _lock(lock)
        try:
            copy = self._folder / "index"
            copy.with_suffix(".lock").unlink(missing_ok=True)  # of a process that died; ours is the only one now
            copy.unlink(missing_ok=True)
            if (index := self._repo.folder / "index").exists():
                shutil.copy2(index, copy)  # with its time: git tells by it which entries it cannot trust
            yield copy
            copy.unlink(missing_ok=True)
        finally:
            lock.unlink(missing_ok=True)

    def _left_behind(self, old: str, new: str) -> Changes:
        """What is left to do of old..new: where HEAD has the new file, but the index and the folder the old one."""
        changes: Changes = {}
        moved = self._moved(old, new)
        paths = [f"{self._repo.prefix}{path}" for path in moved]
        head = dict(self._listed("ls-tree", "-r", "-z", "--full-tree", "HEAD", "--", *paths))
        index = dict(self._listed("ls-files", "-s", "-z", "--", *paths))
        for path, (before, after) in moved.items():
            if head.get(path) == after and index.get(path) == before:
                wanted = self._content(after)
                if self._lies_there(path) in (self._content(before), wanted):
                    changes[path] = wanted
        return changes

    def _moved(self, old: str, new: str) -> dict[str, tuple[str | None, str | None]]:
        """(object before, object after) of each path that differs; None where there is none."""
        parts = self._repo.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new).split(b"\0")
        moved = {}
        for about, path in zip(parts[:-1:2], parts[1::2], strict=True):
            before, after = about.decode().split(" ")[2:4]
            moved[self._repo.inner(path)] = (_object(before), _object(after))
        return moved

    def _listed(self, *words: str) -> Iterator[tuple[str, str]]:
        """(path, object) of what `ls-tree` or `ls-files -s` prints."""
        for line in self._repo.run(*words).split(b"\0")[:-1]:
            about, _, path = line.partition(b"\t")
            yield self._repo.inner(path), next(word for word in about.decode().split(" ")[1:] if len(word) >= 40)

    def _content(self, name: str | None) -> bytes | None:
        return None if name is None else self._repo.content(name)

    def _lies_there(self, path: str) -> bytes | None:
        file = self._repo.root / path
        return file.read_bytes() if file.is_file() and not file.is_symlink() else None


class _Journal:
    """The commit that a branch moves from and to, on disk while it moves."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, old: str, new: str) -> None:
        temporary = self._path.with_suffix(".new")
        with temporary.open("w") as file:
            json.dump([old, new], file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)

    def read(self) -> tuple[str, str] | None:
        if not self._path.exists():
            return None
        old, new = json.loads(self._path.read_text())
        return old, new

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


@contextmanager
def signing(repo: "GitRepo") -> Iterator[bool]:
    """Whether commits are signed here. What fails within it because of that says how to get out of it."""
    signs = repo.run("config", "--type=bool", "--get", "commit.gpgSign", accept=(0, 1)).strip() == b"true"
    try:
        yield signs
    except WorldError as error:
        said = [*error.hint.splitlines(), error.message]
        if not (signs and SIGNING.search("\n".join(said))):
            raise
        way_out = (
            "Look at the key: `git config user.signingKey`, and at `git config gpg.program`."
            " To commit here without a signature: `git config commit.gpgSign false`."
        )
        raise WorldError("the commit could not be signed", "\n".join([*said, way_out])) from error


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when somebody writes the file anew."""
    status = path.stat() if path.exists() else None
    return (status.st_ino, status.st_mtime_ns) if status else (0, 0)


def _object(name: str) -> str | None:
    return name if name.strip("0") else None


def _lock(path: Path) -> None:
    """Create git's lock file. Raises ConflictError if it is there, unless a dead process of ours left it."""
    if _is_left_by_the_dead(path):
        path.unlink(missing_ok=True)
    marked = path.parent / MARK / f"lock-{os.getpid()}"
    try:
        marked.parent.mkdir(exist_ok=True)
        marked.write_text(f"{MARK} {platform.node()} {os.getpid()}\n")
        path.hardlink_to(marked)  # the lock is there with its mark, or it is not there
    except FileExistsError:
        hint = f"Let it finish, and try again. If none is running, delete {path}."
        raise ConflictError("another git process is at work in this repository", hint) from None
    except OSError as error:
        hint = "Look at the permissions and the free space there."
        raise WorldError(f"{path}: {(error.strerror or str(error)).lower()}", hint) from error
    finally:
        marked.unlink(missing_ok=True)


def _is_left_by_the_dead(path: Path) -> bool:
    """Whether a lock is marked as ours, of this machine, and its process is no more."""
    try:
        mark, machine, process = path.read_text().split()
    except (OSError, ValueError):
        return False
    return mark == MARK and machine == platform.node() and not _lives(int(process))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A Ctrl-C waits until the move is complete. Blocked, not handled: the git commands inherit it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

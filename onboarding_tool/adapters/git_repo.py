"""The git repository that a config repo lies in: what it is asked, and what is done to it.

What is read from a commit is read without a checkout; what is committed is committed by plumbing (git_commit.py).
"""

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from onboarding_tool.adapters import git_process
from onboarding_tool.adapters.commit_tree import CommitTree
from onboarding_tool.adapters.files import ROOTS, TEMPORARY
from onboarding_tool.adapters.git_commit import Committer, signing
from onboarding_tool.adapters.git_history import GitHistory, person_name
from onboarding_tool.adapters.git_process import Git, GitFailedError, listed, split
from onboarding_tool.errors import ConflictError, UsageError, WorldError
from onboarding_tool.history import Person
from onboarding_tool.tree import Changes

ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",  # looking at the status takes no lock
    "GIT_LITERAL_PATHSPECS": "1",  # a path is a path, whatever characters it is made of
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
# A clone that was made with a filter fetches what it lacks when somebody asks for it: not for us.
OFFLINE = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
COMMIT_FIRST = 'Commit first: `git add -A && git commit -m "Begin"`.'
PUSH = 120.0  # seconds that it may take to receive
COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
LOST = "`git fsck` says what is broken; clone again, and without `--filter`."
MANY = 200  # paths; above it the whole status is cheaper than so long a command


class GitRepo(Git):
    """The git repository in which a config repo lies, at its top or in a folder of it.

    Paths that go in and come out are those of the config repo.
    """

    def __init__(self, root: Path, folder: Path, top: Path, *, bare: bool = False, **environment: str) -> None:
        # Said in full, so that what a hook's environment says of another repository or index has no effect.
        place = {"GIT_DIR": str(folder), "GIT_INDEX_FILE": str(folder / "index")}
        if not bare:
            place["GIT_WORK_TREE"] = str(top)
        super().__init__(top, ENVIRONMENT | place | environment)
        self.root = root
        self.folder = folder  # .git, or what stands for it in a linked worktree
        self.is_bare = bare
        self.objects: Path | None = None  # where what is written goes, if not into the repository
        self.prefix = "".join(f"{part}/" for part in root.relative_to(top).parts)
        self._top = top
        self._objects: Any = None
        self._committer = Committer(self)

    @classmethod
    def open(cls, root: Path, *, bare: bool = False) -> "GitRepo":
        """The repository around a config repo, which may be `bare`. Raises WorldError if there is none, or git is not
        installed.
        """
        found = git_process.around(root)
        if found is None:
            begin = 'git init -b main && git add -A && git commit -m "Begin"'
            hint = f"Work in a clone of the config repo, or make a repository of it: `{begin}`."
            raise WorldError(f"{root} is in no git repository", hint)
        folder, top = found
        if top is None and not bare:
            raise WorldError(f"{root} is in a bare repository", "Work in a clone of it, or in a worktree.")
        Git(top or folder).run("rev-parse", "--git-dir")  # git itself refuses a repository of somebody else
        if top is None:
            return cls(folder, folder, folder, bare=True)
        return cls(root.resolve(), folder, top)

    def writing_to(self, objects: Path) -> "GitRepo":
        """The same repository, of which nothing is changed: what would be written to it gets into a folder."""
        there = os.fsdecode(self.run("rev-parse", "--git-path", "objects")).rstrip("\n")
        places = [_quoted(str((self._top / there).resolve())), os.environ.get("GIT_ALTERNATE_OBJECT_DIRECTORIES", "")]
        environment = {
            "GIT_OBJECT_DIRECTORY": str(objects),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": os.pathsep.join(filter(None, places)),
            # Some commands read the whole index, which they need for nothing: 60 ms with 200,000 files.
            "GIT_INDEX_FILE": str(objects / "no-index"),
            **OFFLINE,
        }
        other = GitRepo(self.root, self.folder, self._top, bare=self.is_bare, **environment)
        other.objects = objects
        return other

    @classmethod
    def init(cls, root: Path) -> "GitRepo":
        """A new repository with the unborn branch main."""
        Git(root).run("init", "-q", "-b", "main", ".")
        return cls.open(root)

    @staticmethod
    def version() -> str:
        """Of git, such as 2.39.5. Raises WorldError if it is not installed."""
        said = Git(Path("/")).run("version").decode()
        found = re.search(r"[0-9]+(\.[0-9]+)+", said)
        return found[0] if found else said.strip()

    @staticmethod
    def require_identity() -> None:
        """Raises WorldError unless git knows who commits, wherever that is."""
        _identity(Git(Path("/")))

    def identity(self) -> Person:
        """Who commits here. Raises WorldError if git does not know."""
        return _identity(self)

    def head(self) -> str | None:
        """The commit that HEAD stands on; None before the first."""
        return self.run("rev-parse", "--verify", "-q", "HEAD^{commit}", accept=(0, 1)).decode().strip() or None

    def branch(self) -> str | None:
        """The branch that HEAD is, as a full ref; None if it is detached."""
        return self.run("symbolic-ref", "-q", "HEAD", accept=(0, 1)).decode().strip() or None

    def branch_and_head(self) -> tuple[str | None, str | None]:
        """Both at once, as `branch` and `head` tell them."""
        found = self.run("rev-parse", "-q", "HEAD^{commit}", "--symbolic-full-name", "HEAD", accept=(0, 128)).split()
        if len(found) != 2:  # there is no commit yet
            return self.branch(), self.head()
        head, branch = (word.decode() for word in found)
        return None if branch == "HEAD" else branch, head

    @property
    def is_shallow(self) -> bool:
        return self.run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def resolve(self, revision: str) -> str:
        """The commit that a revision names. Raises WorldError if it names none, UsageError if it never could."""
        if not revision.strip():
            raise UsageError("a commit is given by an empty word", "Name a commit, a branch or a tag.")
        if revision.startswith("-"):
            raise UsageError(f"{revision!r} is no revision", "Name a commit, a branch or a tag.")
        if ".." in revision:  # which no name of a branch or a tag has
            hint = "Name one commit, or two as two words: A B. `git merge-base A B` tells where B has left A."
            raise UsageError(f"{revision!r} is a range of commits", hint)
        found = self.run(
            "rev-parse", "--verify", "-q", "--end-of-options", f"{revision}^{{commit}}", accept=(0, 1, 128)
        )
        if not found:
            self.require_commit()
            raise WorldError(
                f"there is no commit {revision!r} here", "`git fetch` may bring it; `git log` lists what is."
            )
        return found.decode().strip()

    def require_commit(self) -> None:
        """Raises WorldError if nothing was ever committed here, on no branch."""
        if not self.run("rev-list", "-n1", "--all"):
            raise WorldError("there is no commit yet", COMMIT_FIRST)

    def last_change(self, commit: str, paths: Sequence[str]) -> str | None:
        """The newest commit up to this one that changed one of the paths, or something below; None if none did."""
        found = self.run("log", "-1", "--format=%H", commit, "--", *(f"{self.prefix}{path}" for path in paths))
        return found.decode().strip() or None

    def is_ancestor(self, old: str, new: str) -> bool | None:
        """Whether `new` is the commit `old` or one that builds on it; None if `new` is not here."""
        if not self._succeeds("cat-file", "-e", f"{new}^{{commit}}"):
            return None
        return self._succeeds("merge-base", "--is-ancestor", old, new)

    def push(self) -> None:
        """Bring the branch's commits to where it comes from. Raises ConflictError if somebody was first."""
        branch = self.branch()
        if branch is None:
            raise ConflictError("HEAD is detached, so there is nothing to push", "`git switch main`.")
        form = "%(upstream:remotename)%00%(upstream:remoteref)"
        remote, _, ref = self.run("for-each-ref", f"--format={form}", branch).decode().strip("\n").partition("\0")
        try:
            self.ask_remote("push", "-q", remote or "origin", f"HEAD:{ref or branch}", seconds=PUSH)
        except WorldError as error:
            if "[rejected]" not in error.message:
                raise
            hint = "`git fetch`, and `git reset --hard` to the remote's tip: what is pending there is decided there."
            raise ConflictError(f"somebody else was first to push: {error.message}", hint) from None

    def try_to_fetch(self) -> bool:
        """Bring what the remote has, if that can be done in a while, and without asking anybody."""
        try:
            self.ask_remote("fetch", "-q", "--no-recurse-submodules")
        except WorldError:
            return False
        return True

    def _succeeds(self, *arguments: str) -> bool:
        try:
            self.run(*arguments)
        except GitFailedError:
            return False
        return True

    def tree(self, revision: str, below: Collection[str] = ROOTS, *, declarations: bool = False) -> CommitTree:
        """The config repo as a commit holds it, or the files and folders `below` of it. File contents are read when
        they are asked for, all of them from one process.

        `declarations`: every API's metadata.yaml, too.
        """
        commit = revision if COMMIT.fullmatch(revision) else self.resolve(revision)
        lines = self._listed(commit, [f"{self.prefix}{path}" for path in below])
        if declarations:
            apps = f"{self.prefix}apps/"
            within = re.compile(re.escape(b"\t" + os.fsencode(apps)) + rb"[^/]+/metadata\.yaml\Z")
            lines += [line for line in self._listed(commit, [apps]) if within.search(line)]
        return CommitTree(self.contents, dict(map(self._entry, lines)))

    def _listed(self, commit: str, paths: Collection[str]) -> list[bytes]:
        """What `git ls-tree` says of the files at or below these paths of the repository."""
        if not paths:
            return []
        return split(self.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *sorted(paths)))

    def _entry(self, line: bytes) -> tuple[str, tuple[int, str]]:
        path, entry = listed(line)
        return self.inner(path), entry

    def inner(self, path: bytes) -> str:
        """A path of the repository as one of the config repo; outside of it, it begins with `../`."""
        whole = os.fsdecode(path)
        if whole.startswith(self.prefix):
            return whole[len(self.prefix) :]
        return os.path.relpath(f"/{whole}", f"/{self.prefix}")

    def content(self, name: str) -> bytes:
        """The content of an object, by its whole name. Raises WorldError if it is missing."""
        return self.contents([name])[0]

    def contents(self, names: Sequence[str]) -> list[bytes]:
        """The contents of a few objects: all are asked for at once, which is what makes it fast."""
        if self._objects is None:
            self._objects = self.start("cat-file", "--batch")
        self._objects.stdin.write("".join(f"{name}\n" for name in names).encode())
        self._objects.stdin.flush()
        return [self._next_object(name) for name in names]

    def sizes(self, names: Sequence[str]) -> list[int]:
        """The bytes of many objects, of which none is read. Raises WorldError if one is missing."""
        said = self.run("cat-file", "--batch-check", stdin="".join(f"{name}\n" for name in names).encode())
        found = [line.split() for line in said.decode().splitlines()]
        lost = next((words[0] for words in found if len(words) != 3), None)
        if lost is not None:
            raise WorldError(f"git has lost the object {lost}", LOST)
        return [int(words[2]) for words in found]

    def _next_object(self, name: str) -> bytes:
        header = self._objects.stdout.readline().split()
        if len(header) != 3:
            raise WorldError(f"git has lost the object {name}", LOST)
        data: bytes = self._objects.stdout.read(int(header[2]) + 1)
        return data[:-1]

    def changed_paths(self, base: str, head: str | None, below: Collection[str] = ROOTS) -> set[str]:
        """Paths that differ between two commits. `head` None: the working tree, untracked and ignored files too.

        May name files of the working tree that only look changed.
        """
        spec = ["--", *(f"{self.prefix}{path}" for path in sorted(below))]
        words = ("-r", "-z", "--no-renames", "--name-only")
        if head is not None:
            found = self.run("diff-tree", *words, base, head, *spec)
        else:
            found = self.run("diff-index", *words[1:], base, *spec)
            found += self.run("ls-files", "-z", "--others", "--full-name", *spec)
        return {self.inner(path) for path in split(found)}

    def folders(self, commit: str, below: str) -> list[str]:
        """Names of the folders directly below a folder of a commit, sorted."""
        listed = self.run("ls-tree", "-d", "-z", "--full-tree", "--name-only", commit, "--", f"{self.prefix}{below}/")
        return sorted(os.fsdecode(path).rpartition("/")[2] for path in split(listed))

    def declaring(self, revision: str, word: str) -> list[str]:
        """The APIs in whose metadata.yaml a word stands anywhere, sorted: git looks for it in a tenth of the time that
        reading all of them takes.
        """
        escaped = re.sub(r"([\\*?\[\]])", r"\\\1", self.prefix)
        spec = f":(top,glob){escaped}apps/*/metadata.yaml"
        words = ("grep", "-l", "-z", "-F", "--full-name", "-e", word, revision, "--", spec)
        found = split(self.run(*words, accept=(0, 1), literal=False))
        return sorted(self.inner(path.partition(b":")[2]).split("/")[1] for path in found)

    def tracks(self, path: str) -> bool:
        """Whether the index has this file, or one below this folder, in whatever case: to some disks all are one."""
        return bool(self.run("ls-files", "-z", "--", f":(top,icase,literal){self.prefix}{path}", literal=False))

    def dirty(self, paths: Collection[str]) -> set[str]:
        """Those of the paths where the working tree or the index differs from HEAD; untracked and ignored ones too."""
        words = ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching"]
        named = [f"{self.prefix}{path}" for path in paths] if len(paths) <= MANY else [self.prefix or "."]
        changed = {self.inner(line[3:]) for line in split(self.run(*words, "--", *named))}
        folders = tuple(path for path in changed if path.endswith("/"))
        return {path for path in paths if path in changed or path.startswith(folders)}

    def history(self, head: str | None = None) -> GitHistory:
        """What became of the files up to HEAD, which may be known. Raises WorldError in a shallow clone, which cannot
        tell.
        """
        if self.is_shallow:
            hint = "`git fetch --unshallow`, or `fetch-depth: 0` in actions/checkout"
            raise WorldError("this clone is shallow", hint)
        return GitHistory(self, head or self.head())

    def commit(self, changes: Changes, message: str, expected_head: str | None = None) -> str:
        """One commit of exactly these changes on top of HEAD; every other uncommitted change stays as it is.

        Made by plumbing, so no hook runs; signed if `commit.gpgSign` says so. Raises ConflictError if HEAD is detached,
        is not `expected_head` (when given), or a path of the changes has uncommitted changes.
        """
        return self._committer.commit(changes, message, expected_head)

    def finish_interrupted(self) -> None:
        """Bring index and files up to a commit of ours whose process was killed before it could do so."""
        self._committer.finish_interrupted()

    def add_and_commit(self, message: str, paths: Collection[str] | None = None) -> str:
        """`git add` and `git commit` of everything in the config repo, or of these paths; no hook runs."""
        if paths is None:
            spec = [f":(top,literal){self.prefix}", f":(top,exclude,glob)**/{TEMPORARY}*"]
        else:
            spec = [f":(top,literal){self.prefix}{path}" for path in paths]
        self.run("add", "-A", "--", *spec, literal=False)
        only = ["--only", "--", *spec] if paths is not None else []
        with signing(self):
            self.run("commit", "-q", "-m", message, *only, literal=False)
        return self.resolve("HEAD")


def _identity(git: Git) -> Person:
    try:
        idents = [git.run("var", f"GIT_{role}_IDENT") for role in ("AUTHOR", "COMMITTER")]
    except GitFailedError:
        hint = 'git config --global user.name "Your Name"\ngit config --global user.email you@example.com'
        raise WorldError("git does not know who you are. Tell it with two commands:", hint) from None
    return Person(person_name(idents[1]))


def _quoted(path: str) -> str:
    """As git reads it in a list of paths, which a colon would end."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'

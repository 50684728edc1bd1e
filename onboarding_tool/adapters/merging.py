"""What a pull request makes of its base: merged by git, out of objects and into objects that nobody keeps.

Nothing is checked out, no hook, filter or merge driver of anybody runs, and nothing is written into the repository.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from onboarding_tool.adapters.git_repo import GitFailedError, GitRepo, split
from onboarding_tool.errors import WorldError
from onboarding_tool.tree import EXECUTABLE, REGULAR

NOTHING = "0" * 6
MOST = 64 << 20  # bytes that git may print about what differs: some 400,000 files
CONFLICT = 1  # how `git merge-tree` ends
MERGE = ("-c", "merge.renames=true", "-c", "merge.directoryRenames=conflict", "-c", "merge.conflictStyle=merge")
DEEPEN = "`git fetch --unshallow`, or `fetch-depth: 0` in actions/checkout, then run it again."

Entry = tuple[int, str]  # mode and git's name of the content
ABSENT: Entry = (0, "")


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged result. `tree` is "" where there is none; `changes`: path -> (before, after), from the base to it, or
    where there is none what the head changed.

    `conflicts`, `guessed`: paths that git cannot merge, and those where its result rests on a rename that it guessed.
    """

    base: str
    head: str
    tree: str
    changes: Mapping[str, tuple[Entry, Entry]]
    conflicts: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()


@contextmanager
def quarantine(git: GitRepo) -> Iterator[GitRepo]:
    """The same repository, where what is written lies in a folder that is deleted in the end."""
    with TemporaryDirectory(prefix="onboard-objects-") as folder:
        yield git.writing_to(Path(folder))


def merged(git: GitRepo, base: str, head: str) -> Merged:
    """What becomes of the commit `base` when `head` is merged into it. `git` is in quarantine.

    Raises WorldError where the clone has too little to tell.
    """
    fork = _fork(git, base, head)
    if fork == head:
        return Merged(base, head, _tree(git, base), {})
    theirs = _differences(git, fork, head)
    if fork == base:
        return Merged(base, head, _tree(git, head), theirs)
    said = git.run(
        *MERGE, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", base, head, accept=(0, CONFLICT)
    )
    tree, *conflicts = said.split(b"\0")[:-1]
    if conflicts:
        return Merged(base, head, "", theirs, tuple(sorted(set(map(git.inner, conflicts)))))
    ours, done = _differences(git, fork, base), _differences(git, base, tree.decode())
    guessed = _guessed(git, ours, theirs, done)
    return Merged(base, head, tree.decode(), done, (), tuple(guessed))


def _fork(git: GitRepo, base: str, head: str) -> str:
    """The commit in which both begin to differ."""
    found = git.run("merge-base", "--all", base, head, accept=(0, 1)).decode().split()
    if len(found) == 1 and (found[0] == base or not git.is_shallow):
        return found[0]
    if git.is_shallow:
        raise WorldError("this clone is shallow: where the pull request left its base cannot be told", DEEPEN)
    if not found:
        raise WorldError(f"{head[:12]} and {base[:12]} have no commit in common", "Start the branch from the base.")
    hint = "`git rebase` the branch onto the base: it merged the base in while the base merged it."
    raise WorldError(f"{head[:12]} and {base[:12]} have {len(found)} best common commits", hint)


def _tree(git: GitRepo, commit: str) -> str:
    return git.run("rev-parse", "--verify", "-q", f"{commit}^{{tree}}").decode().strip()


def differing(git: GitRepo, one: str, other: str) -> set[str]:
    """The paths at which two commits or trees differ."""
    return set(_differences(git, one, other))


def parents(git: GitRepo, commit: str) -> list[str]:
    return git.run("rev-list", "--parents", "--no-walk", commit).decode().split()[1:]


def _differences(git: GitRepo, one: str, other: str) -> dict[str, tuple[Entry, Entry]]:
    words = ("diff-tree", "-r", "-z", "--raw", "--no-renames", "--full-index", one, other)
    items = iter(split(git.run_within(MOST, *words)))
    found = {}
    for about in items:
        old_mode, new_mode, old, new, _ = about.decode().removeprefix(":").split(" ")
        found[git.inner(next(items))] = (_entry(old_mode, old), _entry(new_mode, new))
    return found


def _entry(mode: str, name: str) -> Entry:
    return ABSENT if mode == NOTHING else (int(mode, 8), name)


def _guessed(
    git: GitRepo,
    ours: Mapping[str, tuple[Entry, Entry]],
    theirs: Mapping[str, tuple[Entry, Entry]],
    done: Mapping[str, tuple[Entry, Entry]],
) -> Iterator[str]:
    """The paths at which the result is not what both sides made of that very path."""
    for path in sorted({*theirs, *done}):
        at_fork, wanted = theirs.get(path, (ABSENT, ABSENT))
        on_base = ours[path][1] if path in ours else at_fork
        result = done[path][1] if path in done else on_base
        if path not in theirs:
            yield path
        elif path not in ours or wanted == on_base:
            if result != wanted:
                yield path
        elif not _is_merge_of(git, (at_fork, on_base, wanted), result):
            yield path


def _is_merge_of(git: GitRepo, sides: tuple[Entry, Entry, Entry], result: Entry) -> bool:
    """Whether a result is what git's merge of three versions of a file makes."""
    if any(mode not in (REGULAR, EXECUTABLE) for mode, _ in (*sides, result)):
        return False
    base, ours, theirs = (data for data in git.contents([name for _, name in sides]))
    with TemporaryDirectory(prefix="onboard-merge-") as folder:
        files = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for file, data in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(data)
        try:
            done = git.run("merge-file", "-p", "-q", *map(str, files))
        except GitFailedError:
            return False
    modes = {mode for mode, _ in sides}
    return git.contents([result[1]])[0] == done and (len(modes) == 1 or result[0] in modes)


def working_tree(git: GitRepo, roots: Iterable[str], *, staged: bool) -> str:
    """A commit on top of HEAD with what lies in the working tree, or with what is `staged`. `git` is in quarantine."""
    head = git.head()
    if head is None:
        raise WorldError("there is no commit yet", 'Commit first: `git add -A && git commit -m "Begin"`.')
    index = git.folder / "index"
    with TemporaryDirectory(prefix="onboard-index-") as folder:
        copy = Path(folder) / "index"
        if index.exists():
            copy.write_bytes(index.read_bytes())
        if not staged:
            spec = [f":(top,literal){git.prefix}{root}" for root in roots if os.path.lexists(git.root / root)]
            git.run("add", "-A", "--", *spec, index=copy, literal=False)
        tree = git.run("write-tree", index=copy).decode().strip()
    if tree == _tree(git, head):
        return head
    return (
        git.run(
            "-c",
            "user.name=onboard",
            "-c",
            "user.email=onboard@localhost",
            "commit-tree",
            "--no-gpg-sign",
            tree,
            "-p",
            head,
            "-m",
            "-",
        )
        .decode()
        .strip()
    )

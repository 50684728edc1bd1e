"""What a pull request makes of its base: merged by git, out of objects and into objects that nobody keeps.

Nothing is checked out, no hook, filter or merge driver of anybody runs, and nothing is written into the repository.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from onboarding_tool.adapters.git_process import GitFailedError, split
from onboarding_tool.adapters.git_repo import COMMIT_FIRST, GitRepo
from onboarding_tool.adapters.git_trees import ABSENT, Entry, changed_tree
from onboarding_tool.errors import ConflictError, WorldError
from onboarding_tool.tree import EXECUTABLE, REGULAR

NOTHING = "0" * 6
MOST = 64 << 20  # bytes that git may print about what differs: some 400,000 files
CONFLICT = 1  # how `git merge-tree` ends
MERGE = ("-c", "merge.renames=true", "-c", "merge.directoryRenames=conflict", "-c", "merge.conflictStyle=merge")
RAW = ("-z", "--raw", "--no-renames", "--full-index")
UNMERGED = "U"
DEEPEN = "`git fetch --unshallow`, or `fetch-depth: 0` in actions/checkout, then run it again."

HANDFUL = 8  # changes; for more the whole index is written


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
    said = git.run_within(MOST, "diff-tree", "-r", *RAW, one, other)
    return {git.inner(path): (old, new) for path, old, new, _ in _raw(said)}


def _raw(said: bytes) -> Iterator[tuple[bytes, Entry, Entry, str]]:
    """(path from the repository's top, before, after, status) of each line that RAW asks for."""
    items = iter(split(said))
    for about in items:
        old_mode, new_mode, old, new, status = about.decode().removeprefix(":").split(" ")
        yield next(items), _entry(old_mode, old), _entry(new_mode, new), status


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
    """A commit on top of HEAD, and of what is being merged into it, with what lies in the working tree, or with what is
    `staged`. `git` is in quarantine.
    """
    head = git.head()
    if head is None:
        raise WorldError("there is no commit yet", COMMIT_FIRST)
    tree = (_few_staged(git, head) if staged else None) or _written(git, roots, staged=staged)
    merging = git.folder / "MERGE_HEAD"
    others = merging.read_text().split() if merging.exists() else []
    if tree == _tree(git, head) and not others:
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
            *(word for parent in (head, *others) for word in ("-p", parent)),
            "-m",
            "-",
        )
        .decode()
        .strip()
    )


def _index(git: GitRepo) -> Path:
    """What the next commit takes. For `git commit -a` and `git commit FILE` git makes an index of its own beside the
    repository's, and names it to the hook; one that lies elsewhere is of another repository.
    """
    own = git.folder / "index"
    named = Path(os.environ.get("GIT_INDEX_FILE") or own).absolute()
    return named if named.parent.resolve() == git.folder else own


def _few_staged(git: GitRepo, head: str) -> str | None:
    """The tree of the index; None where more than a handful is staged. Of a large repository that takes a third of the
    time of writing the whole index as trees.
    """
    said = git.run("diff-index", "--cached", "--ita-invisible-in-index", *RAW, head, index=_index(git))
    changes = list(islice(_raw(said), HANDFUL + 1))
    if len(changes) > HANDFUL or any(status == UNMERGED for *_, status in changes):
        return None
    return changed_tree(git, head, {path: new for path, _, new, _ in changes})


def _refuse_unmerged(git: GitRepo, index: Path) -> None:
    said = split(git.run("ls-files", "-u", "-z", index=index))
    if paths := sorted({git.inner(line.partition(b"\t")[2]) for line in said}):
        hint = "Solve what is in conflict, then `git add` it; `git status` lists all."
        raise ConflictError(f"nothing is staged of {paths[0]}: a merge has stopped there", hint)


def _written(git: GitRepo, roots: Iterable[str], *, staged: bool) -> str:
    """The tree of the index, as it is or with what lies in the working tree."""
    index = _index(git)
    with TemporaryDirectory(prefix="onboard-index-") as folder:
        copy = Path(folder) / "index"
        if index.exists():
            copy.write_bytes(index.read_bytes())
        if staged:
            _refuse_unmerged(git, copy)
        else:
            here = [root for root in roots if os.path.lexists(git.root / root)]
            git.run(
                "add", "-A", "--", *(f":(top,literal){git.prefix}{root}" for root in here), index=copy, literal=False
            )
            # What git knows elsewhere is part of a pull request, too; what it does not know there is no file of ours.
            elsewhere = (f":(top,exclude,literal){git.prefix}{root}" for root in here)
            git.run("add", "-u", "--", f":(top,literal){git.prefix}", *elsewhere, index=copy, literal=False)
        return git.run("write-tree", index=copy).decode().strip()

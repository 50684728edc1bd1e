"""No two paths differ only in upper and lower case.

On Windows and macOS they are one file: a clone there silently holds only one of the two, and the next commit made
there overwrites the other.

Bad:

    apps/payments/base/deployment.yaml
    apps/payments/base/Deployment.yaml

Good:

    apps/payments/base/deployment.yaml

Fix: delete one of the two, or rename it with `git mv`. The names of this repo are lower-case throughout, but for
README.md and IMPORT.md.
"""

from collections import defaultdict
from collections.abc import Iterator

from onboarding_tool.checks.facts.subjects import who_mends
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.tree import Tree

RULE = "path-case-collision"
SCOPE = Scope.EVERYTHING
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for alike in _siblings(repo.tree):
        # What is lower-case already keeps its name; else the first in order does.
        kept = min(alike, key=lambda path: (path != path.casefold(), path))
        for path in alike:
            if path != kept:
                yield _finding(repo, path, kept)


def _siblings(tree: Tree) -> Iterator[list[str]]:
    """Files and folders of one folder that are one name to a file system without regard to case."""
    for folder in _suspects(tree):
        alike: dict[str, list[str]] = defaultdict(list)
        for name in (*tree.folders(folder), *tree.files(folder)):
            alike[name.casefold()].append(f"{folder}/{name}" if folder else name)
        yield from (sorted(paths) for paths in alike.values() if len(paths) > 1)


def _suspects(tree: Tree) -> set[str]:
    """The folders that hold a name with capitals: of two that collide, one has them. Nearly all paths have none."""
    found = set()
    for path in tree.paths():
        if path != path.casefold():
            parts = path.split("/")
            found |= {"/".join(parts[:index]) for index, name in enumerate(parts) if name != name.casefold()}
    return found


def _finding(repo: Repo, path: str, kept: str) -> Finding:
    file = next(repo.tree.paths(path))
    message = f"{path} and {kept} differ only in upper and lower case: on Windows and macOS they are one"
    return repo.finding(
        RULE, file, message, f"Delete one of the two, or `git mv` it: {kept} may stay.", who=who_mends(path)
    )

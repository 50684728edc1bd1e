"""Clones of a config repo in each of the places where one may lie, and the tree that their index gives."""

import os
import shutil
from pathlib import Path

from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.adapters.indexed_tree import tree_of
from tests.support.disorder import FILES
from tests.support.git import git, repository, write
from tests.support.trees import answers, around

LAST_YEAR = 1_700_000_000
PLACES = ("at the top", "in a folder", "in a worktree")


def place(folder: Path, where: str) -> Path:
    """A config repo, committed, whose files nobody has touched for long."""
    if where == "in a folder":
        root = repository(folder / "repo", FILES, at="deploy/[config]*")
        write(folder / "repo", {"apps/beside": "text", "deploy/beside": "text"})
    else:
        root = repository(folder / "repo", FILES)
    if where == "in a worktree":
        root = folder / "worktree"
        git(folder / "repo", "worktree", "add", "-q", "-b", "side", str(root))
    for path in FILES:
        os.utime(root / path, (LAST_YEAR, LAST_YEAR))
    git(root, "update-index", "-q", "--refresh")
    return root


def same(root: Path) -> FolderTree:
    """The tree of a folder, which has answered as a FolderTree."""
    tree, plain = tree_of(GitRepo.open(root)), FolderTree(root)
    asked = around([*FILES, *plain.paths(), *tree.paths()])
    told, expected = answers(tree, asked), answers(plain, asked)
    assert told == expected
    return tree


def copied(pristine: Path, folder: Path) -> Path:
    """The repository with all that belongs to it, elsewhere."""
    whole = next(above for above in pristine.parents if (above / "repo").is_dir())
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(whole, folder, symlinks=True)
    root = folder / pristine.relative_to(whole)
    if root.name == "worktree":
        git(folder / "repo", "worktree", "repair", str(root))
    git(root, "update-index", "-q", "--refresh")
    return root

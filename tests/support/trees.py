"""Trees in folders, and everything that a tree answers, to hold two of the same files against each other."""

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from onboarding_tool.adapters.files import LEADING
from onboarding_tool.errors import WorldError
from onboarding_tool.tree import EXECUTABLE, SUBMODULE, SYMLINK, File, Tree

# Paths that somebody may ask for, whatever there is.
ODD = (
    "",
    "apps",
    "apps/",
    "apps//payments",
    "apps/../apps",
    "/etc/passwd",
    "apps/./x",
    ".onboard",
    "README.md",
    "\ud800",
)


def around(paths: Iterable[str]) -> set[str]:
    """The paths, the folders that they are in, and some beside and below them."""
    found = set(ODD)
    for path in paths:
        parts = path.split("/")
        found.update("/".join(parts[:count]) for count in range(1, len(parts) + 1))
        found.update((f"{path}/below", f"{path}x", f"{parts[0]}x"))
    return found


def answers(tree: Tree, asked: Iterable[str]) -> dict[str, Any]:
    """What the tree says of each of these paths; what cannot be told is an answer, too."""
    return {path: tuple(_told(ask) for ask in _questions(tree, path)) for path in sorted(asked)}


def _questions(tree: Tree, path: str) -> Iterable[Callable[[], Any]]:
    yield lambda: list(tree.paths(path))
    yield lambda: tree.fingerprint(path)
    yield lambda: (tree.folders(path), tree.files(path))
    yield lambda: (path in tree, tree.has_file(path), tree.has_folder(path))
    yield lambda: tree.mode(path)
    yield lambda: tree.size(path)
    yield lambda: tree.holds(path, b"")
    yield lambda: tree.holds(path, tree[path].data)
    yield lambda: tree[path]


def _told(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (KeyError, WorldError) as error:
        return type(error)


def lay(root: Path, tree: Tree) -> None:
    """The tree as what belongs to a config repo in a folder. Paths that no disk takes are left out."""
    for name in LEADING[""] - {".onboard"}:
        if (root / name).is_dir():
            shutil.rmtree(root / name)
        (root / name).unlink(missing_ok=True)
    for path in tree.paths():
        with suppress(OSError, ValueError):
            if path.partition("/")[0] in LEADING[""] and not {"", ".", "..", ".git"} & set(path.split("/")):
                _lay(root / path, tree[path])


def _lay(target: Path, file: File) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if file.mode == SYMLINK:
        target.symlink_to(os.fsdecode(file.data))
    elif file.mode == SUBMODULE:
        for folder in ("objects", "refs"):  # what git takes for a repository
            (target / ".git" / folder).mkdir(parents=True)
        (target / ".git/HEAD").write_text("ref: refs/heads/main\n")
    else:
        target.write_bytes(file.data)
        target.chmod(0o755 if file.mode == EXECUTABLE else 0o644)

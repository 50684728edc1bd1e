"""The folder of a config repo as git's index knows it: what is unchanged is neither listed nor read.

Git keeps when it saw each file last, and looks at 100,000 of them in the time that we need for a few thousand. What it
does not vouch for is read as ever, so that the answers are those of a FolderTree.
"""

import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from onboarding_tool.adapters.files import (
    GIT_FOLDER,
    LEADING,
    ROOTS,
    TEMPORARY,
    FolderTree,
    Kind,
    is_large,
    is_temporary,
)
from onboarding_tool.adapters.git_process import GitFailedError, split
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.tree import EXECUTABLE, REGULAR, SHA1, blob_name, fingerprint

# What `ls-files --stage -v` calls an ordinary file: no flag tells git not to look, and no merge is under way.
ORDINARY = {f"H {mode:o} ": mode for mode in (REGULAR, EXECUTABLE)}
BY_CASE = ("-c", "core.ignoreCase=false")  # a file beside one of almost the same name is another one
ATTRIBUTES = ".gitattributes"
# Attributes by which a file's bytes are others than those that git keeps; `-text` is none of them.
CONVERTING = re.compile(r"(?<![-!\w])(?:text|eol|crlf|filter|ident|working-tree-encoding)\b")
UNTOUCHED = re.compile(r"^\* +-text$", re.MULTILINE)
AS_SET = re.compile(r"!(?:text|crlf)\b")  # leaves it to core.autocrlf again
SETTINGS = r"^(core\.(autocrlf|attributesfile)|attr\.tree)$"
OF_SYSTEM = ("/etc/gitattributes", "/usr/local/etc/gitattributes", "/opt/homebrew/etc/gitattributes")


class IndexedTree(FolderTree):
    """`indexed`: (mode, git's name of the content) by path. `changed`: the paths that may differ from it."""

    def __init__(self, root: Path, indexed: Mapping[str, tuple[int, str]], changed: Iterable[str]) -> None:
        super().__init__(root)
        self._indexed = indexed
        self._order = sorted(indexed)
        self._changed = sorted(changed)
        self._is_changed = frozenset(self._changed)

    def paths(self, below: str = "") -> Iterator[str]:
        if not self._is_unchanged(below):
            yield from super().paths(below)
        elif below in self._indexed:
            yield below
        else:
            yield from self._below(below)

    def folders(self, below: str) -> list[str]:
        if not self._is_unchanged(below):
            return super().folders(below)
        inner = (path[len(below) + 1 :] for path in self._below(below))
        return sorted({name.partition("/")[0] for name in inner if "/" in name})

    def mode(self, path: str) -> int:
        return self._indexed[path][0] if self._is_known(path) else super().mode(path)

    def holds(self, path: str, data: bytes) -> bool:
        return self._indexed[path][1] == blob_name(data) if self._is_known(path) else super().holds(path, data)

    def fingerprint(self, below: str) -> bytes:
        if not self._is_unchanged(below):
            return super().fingerprint(below)
        return fingerprint((path, *self._indexed[path]) for path in self.paths(below))

    def _walk(self, folder: str) -> Iterator[str]:
        return self._below(folder) if self._is_unchanged(folder) else super()._walk(folder)

    def _kind(self, path: str) -> Kind | None:
        return Kind.FILE if self._is_known(path) else super()._kind(path)

    def _mode(self, path: str, found: os.stat_result) -> int:
        known = self._indexed.get(path)
        return known[0] if known and not self._modes_count() else super()._mode(path, found)

    def _is_known(self, path: str) -> bool:
        return path in self._indexed and path not in self._is_changed

    def _is_unchanged(self, path: str) -> bool:
        """Whether nothing differs at a path, above it or below it. Never said of the whole."""
        if not self._changed:
            return bool(path)
        inside = f"{path}/"
        first = bisect_left(self._changed, inside)
        below = first < len(self._changed) and self._changed[first].startswith(inside)
        return bool(path) and not below and self._is_changed.isdisjoint(_upwards(path))

    def _below(self, folder: str) -> Iterator[str]:
        first = bisect_left(self._order, f"{folder}/")
        return iter(self._order[first : bisect_left(self._order, f"{folder}0", lo=first)])  # 0 follows the slash


def tree_of(git: GitRepo, *roots: str) -> FolderTree:
    """The tree of the folder that a config repo lies in. Git is asked of what is below these roots; default: all."""
    with suppress(GitFailedError):  # then the folder says it all, more slowly
        if is_large(git.root) and not _converts(git) and (tree := _indexed(git, roots or ROOTS)):
            return tree
    return FolderTree(git.root)


def _indexed(git: GitRepo, roots: Iterable[str]) -> IndexedTree | None:
    """None where the index cannot be trusted."""
    spec = ("--", *(f"{git.prefix}{root}" for root in roots))
    before = _state(git)
    with ThreadPoolExecutor() as at_once:
        others = at_once.submit(git.run, *BY_CASE, "ls-files", "-z", "--others", "--full-name", *spec)
        touched = at_once.submit(git.run, "diff-files", "-z", "--name-only", *spec)
        listed = git.run("ls-files", "-z", "--stage", "-v", "--full-name", *spec)
        indexed, changed = _sorted_out(listed, len(git.prefix))
        changed |= _in_others(git.root, indexed)
        changed |= {git.inner(path.rstrip(b"/")) for path in split(others.result()) + split(touched.result())}
        changed.update(set(ROOTS).difference(roots))
    # Who is at work with git just now may have told each of the commands something else.
    if _state(git) != before or any(path.endswith(f"/{ATTRIBUTES}") for path in (*indexed, *changed)):
        return None
    return IndexedTree(git.root, indexed, changed)


def _sorted_out(listed: bytes, cut: int) -> tuple[dict[str, tuple[int, str]], set[str]]:
    """What `ls-files --stage -v` tells: the ordinary files, with modes and contents, and the paths of all else."""
    indexed: dict[str, tuple[int, str]] = {}
    changed = set()
    for line in os.fsdecode(listed).split("\0")[:-1]:
        about, _, whole = line.partition("\t")
        path, mode, name = whole[cut:], ORDINARY.get(about[:9]), about[9:-2]
        if not mode or len(name) != SHA1:
            changed.add(path)
        elif not (TEMPORARY in path and any(map(is_temporary, path.split("/")))):
            indexed[path] = mode, name
    return indexed, changed


def _in_others(root: Path, indexed: Iterable[str]) -> set[str]:
    """The files in folders that are repositories by now, and those folders: git looks after what it knows in there."""
    folders = dict.fromkeys(path.rpartition("/")[0] for path in indexed)
    for folder in [*folders]:
        while folder and (folder := folder.rpartition("/")[0]) not in folders:
            folders[folder] = None
    folders.pop("", None)
    others = tuple(folder for folder in folders if os.path.lexists(f"{root}/{folder}/{GIT_FOLDER}"))
    inside = tuple(f"{folder}/" for folder in others)
    return {*others, *(path for path in indexed if path.startswith(inside))} if others else set()


def _upwards(path: str) -> Iterator[str]:
    """The path and the folders that it is in."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _state(git: GitRepo) -> tuple[int, int, int] | None:
    """Of the index: another one after each command that writes it."""
    with suppress(FileNotFoundError):
        found = (git.folder / "index").stat()
        return found.st_mtime_ns, found.st_size, found.st_ino
    return None


def _converts(git: GitRepo) -> bool:
    """Whether git may keep other bytes than those in the folder: other ends of lines, what a filter makes of them."""
    said = os.fsdecode(git.run("config", "-z", "--get-regexp", SETTINGS, accept=(0, 1)))
    settings = {name: value for name, _, value in (item.partition("\n") for item in said.split("\0"))}
    top = git.root.parents[git.prefix.count("/") - 1] if git.prefix else git.root
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    info = os.fsdecode(git.run("rev-parse", "--git-path", "info/attributes")).rstrip("\n")
    own = [folder / ATTRIBUTES for folder in (git.root, *git.root.parents) if folder.is_relative_to(top)]
    beside = [git.root / folder / ATTRIBUTES for folder in LEADING if folder]
    others = (info, settings.get("core.attributesfile", home / "git/attributes"), *OF_SYSTEM)
    if any(map(os.path.lexists, beside)) or any(map(os.path.islink, own)) or "attr.tree" in settings:
        return True  # as nobody has it
    texts = []
    for file in (*own, *(top / Path(other).expanduser() for other in others)):
        with suppress(OSError):
            texts.append(file.read_text(encoding="utf-8", errors="replace"))
    if any(CONVERTING.search(text) for text in texts):
        return True
    untouched = any(map(UNTOUCHED.search, texts)) and not any(map(AS_SET.search, texts))
    return settings.get("core.autocrlf", "false") != "false" and not untouched

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

from onboarding_tool.adapters.files import ROOTS, FolderTree, Kind, Listing, is_large
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.tree import EXECUTABLE, REGULAR, blob_name, fingerprint

# A line of `ls-files --stage -v` for an ordinary file that git looks after, in a repository of SHA-1, in no conflict
# and without a flag that tells git not to look. A path may hold anything but its end.
HELD = re.compile(r"(?<![^\0])H (100644|100755) ([0-9a-f]{40}) 0\t([^\0]+)\0")
MODES = {f"{mode:o}": mode for mode in (REGULAR, EXECUTABLE)}
ATTRIBUTES = ".gitattributes"
# Attributes by which a file's bytes are others than those that git keeps; `-text` is none of them.
CONVERTING = re.compile(r"(?<![-!\w])(?:text|eol|crlf|filter|ident|working-tree-encoding)\b")
UNTOUCHED = re.compile(r"^\* +-text$", re.MULTILINE)


class IndexedTree(FolderTree):
    """`indexed`: (mode, git's name of the content) by path. `changed`: the paths that may differ from it."""

    def __init__(self, root: Path, indexed: Mapping[str, tuple[int, str]], changed: Iterable[str]) -> None:
        super().__init__(root)
        self._indexed = indexed
        self._order = sorted(indexed)
        self._changed = sorted(changed)
        self._is_changed = frozenset(self._changed)

    def paths(self, below: str = "") -> Iterator[str]:
        if not below or not self._is_unchanged(below):
            yield from super().paths(below)
        elif below in self._indexed:
            yield below
        else:
            yield from self._below(below)

    def mode(self, path: str) -> int:
        return self._indexed[path][0] if self._is_known(path) else super().mode(path)

    def holds(self, path: str, data: bytes) -> bool:
        return self._indexed[path][1] == blob_name(data) if self._is_known(path) else super().holds(path, data)

    def fingerprint(self, below: str) -> bytes:
        if not self._is_unchanged(below):
            return super().fingerprint(below)
        return fingerprint((path, *self._indexed[path]) for path in self.paths(below))

    def _walk(self, folder: str) -> Iterator[str]:
        return self._below(folder) if folder and self._is_unchanged(folder) else super()._walk(folder)

    def _listed(self, folder: str) -> Listing | None:
        if not folder or not self._is_unchanged(folder):
            return super()._listed(folder)
        parts = (path[len(folder) + 1 :].partition("/") for path in self._below(folder))
        return {name: Kind.FOLDER if slash else Kind.FILE for name, slash, _ in parts}

    def _kind(self, path: str) -> Kind | None:
        return Kind.FILE if self._is_known(path) else super()._kind(path)

    def _is_known(self, path: str) -> bool:
        return path in self._indexed and path not in self._is_changed

    def _is_unchanged(self, path: str) -> bool:
        """Whether nothing differs at a path or below it."""
        inside = f"{path}/"
        first = bisect_left(self._changed, inside)
        below = first < len(self._changed) and self._changed[first].startswith(inside)
        return not below and path not in self._is_changed

    def _below(self, folder: str) -> Iterator[str]:
        first = bisect_left(self._order, f"{folder}/")
        return iter(self._order[first : bisect_left(self._order, f"{folder}0", lo=first)])  # 0 follows the slash


def tree_of(git: GitRepo) -> FolderTree:
    """The tree of the folder that a config repo lies in."""
    plain = FolderTree(git.root)
    if not is_large(git.root) or _converts(git):
        return plain
    spec = ("--", *(f"{git.prefix}{root}" for root in ROOTS))
    with ThreadPoolExecutor() as at_once:
        others = at_once.submit(git.run, "ls-files", "-z", "--others", "--full-name", *spec)
        touched = at_once.submit(git.run, "diff-files", "-z", "--name-only", *spec)
        listed = git.run("ls-files", "-z", "--stage", "-v", "--full-name", *spec)
    found = others.result() + touched.result()
    changed = {git.inner(path.rstrip(b"/")) for path in found.split(b"\0")[:-1]}
    lines, cut = os.fsdecode(listed), len(git.prefix)
    indexed = {path[cut:]: (MODES[mode], name) for mode, name, path in HELD.findall(lines)}
    changed |= {line.partition("\t")[2][cut:] for line in HELD.sub("", lines).split("\0")[:-1]}
    if any(path.endswith(f"/{ATTRIBUTES}") for path in (*indexed, *changed)):
        return plain
    return IndexedTree(git.root, indexed, changed)


def _converts(git: GitRepo) -> bool:
    """Whether git may keep other bytes than those in the folder: other ends of lines, what a filter makes of them."""
    said = git.run("config", "--get-regexp", r"^core\.(autocrlf|attributesfile)$", accept=(0, 1)).decode()
    settings = dict(line.split(" ", 1) for line in said.splitlines() if " " in line)
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    upwards = (git.root, *git.root.parents)[: git.prefix.count("/") + 1]
    files = [
        *(folder / ATTRIBUTES for folder in upwards),
        git.root / os.fsdecode(git.run("rev-parse", "--path-format=absolute", "--git-path", "info/attributes")).strip(),
        Path(settings.get("core.attributesfile", home / "git/attributes")).expanduser(),
        Path("/etc/gitattributes"),
    ]
    texts = []
    for file in files:
        with suppress(OSError):
            texts.append(file.read_text(encoding="utf-8", errors="replace"))
    if any(CONVERTING.search(text) for text in texts):
        return True
    return settings.get("core.autocrlf", "false") != "false" and not any(map(UNTOUCHED.search, texts))

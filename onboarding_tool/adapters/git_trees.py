"""A tree with a few other entries than another one: written folder by folder, without an index of the whole."""

from collections import defaultdict
from collections.abc import Mapping

from onboarding_tool.adapters.git_process import listed, split
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.tree import SUBMODULE

FOLDER = 0o040000
TYPES = {FOLDER: "tree", SUBMODULE: "commit"}  # everything else is a blob

Entry = tuple[int, str]  # mode and git's name of the content
ABSENT: Entry = (0, "")
Entries = Mapping[bytes, Entry]  # by the path from the repository's top


def changed_tree(git: GitRepo, tree: str, changes: Entries) -> str:
    """The name of the tree (or of the commit's tree) with these entries instead; ABSENT ones are gone, and folders with
    nothing left in them.
    """
    return _changed(git, tree, changes) or git.run("mktree", "-z").decode().strip()


def _changed(git: GitRepo, tree: str, changes: Entries) -> str:
    """An empty name for a folder in which nothing is left."""
    entries = dict(map(listed, split(git.run("ls-tree", "-z", "--full-tree", tree)))) if tree else {}
    inside: dict[bytes, dict[bytes, Entry]] = defaultdict(dict)
    for path, entry in changes.items():
        name, _, rest = path.partition(b"/")
        if rest:
            inside[name][rest] = entry
        else:
            entries[name] = entry
    for name, some in inside.items():
        mode, known = entries.get(name, ABSENT)
        if made := _changed(git, known if mode == FOLDER else "", some):
            entries[name] = FOLDER, made
        elif mode == FOLDER:
            entries[name] = ABSENT
    lines = [_line(name, *entry) for name, entry in entries.items() if entry != ABSENT]
    return git.run("mktree", "-z", "--missing", stdin=b"".join(lines)).decode().strip() if lines else ""


def _line(name: bytes, mode: int, content: str) -> bytes:
    return f"{mode:06o} {TYPES.get(mode, 'blob')} {content}\t".encode() + name + b"\0"

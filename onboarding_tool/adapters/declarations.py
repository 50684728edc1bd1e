"""What every API of a fleet declares, and what runs: read by as many processes as there are cores, and remembered.

Commands that look at all APIs, and not at all of their files, ask here. A small repo is read at once and as ever.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from onboarding_tool import load, overview
from onboarding_tool.adapters import processes
from onboarding_tool.adapters.cache import Cache, open_cache
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.memory import Keys, Memory
from onboarding_tool.findings import Finding
from onboarding_tool.load import Depth
from onboarding_tool.model import Api, Repo

AT_ONCE = 100  # APIs of a part


class Read(NamedTuple):
    """An API, what is wrong with its files, and by what it is found again."""

    api: Api
    findings: list[Finding]
    key: bytes = b""


def read(
    tree: FolderTree, root: Path, depth: Depth, today: str, jobs: int, *, cached: bool
) -> tuple[Repo, list[Finding]]:
    """As `load.load`, but of an API's objects at most what an overview needs. `today` is YYYY-MM-DD."""
    repo, found = load.load(tree, ())
    cache = open_cache(root, today) if cached else None
    with cache or nullcontext():
        known = sorted(_read(tree, root, depth, jobs, cache), key=lambda one: one.api.name)
    found += [finding for one in known for finding in one.findings]
    sound = not any(load.is_declaration(finding.path) for finding in found)
    return replace(repo, apis={one.api.name: one.api for one in known}, sound=sound, today=today), sorted(found)


def _read(tree: FolderTree, root: Path, depth: Depth, jobs: int, cache: Cache | None) -> Iterator[Read]:
    names = tree.folders("apps")
    memory = Memory(cache, Api, _keys(tree, depth)) if cache else None
    if memory:
        known = memory.known(names)
        yield from (Read(api, []) for api in known.values())
        names = [name for name in names if name not in known]
    parts = processes.in_parts(names, AT_ONCE)
    for part in processes.each(parts, jobs, partial(_reading, root, depth, cached=cache is not None)):
        yield from part
        if memory:
            memory.keep((one.key, one.api) for one in part if not one.findings)
    if memory:
        memory.save()


def _keys(tree: FolderTree, depth: Depth) -> Keys:
    place = "apps/{}/metadata.yaml" if depth is Depth.METADATA else "apps/{}"
    return Keys(Api, tree, lambda name: (place.format(name),), depth.name)


@contextmanager
def _reading(root: Path, depth: Depth, _: int, *, cached: bool) -> Iterator[Callable[[Sequence[str]], list[Read]]]:
    tree = FolderTree(root)
    keys = _keys(tree, depth) if cached else None

    def read_one(name: str) -> Read:
        apis, found = load.apis(tree, [name], depth)
        return Read(overview.abridged(apis[name]), found, keys.of(name) if keys and not found else b"")

    yield lambda names: [read_one(name) for name in names if tree.has_folder(f"apps/{name}")]

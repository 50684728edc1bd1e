"""What every API of a fleet declares, and what runs: read by as many processes as there are cores, and remembered.

Commands that look at all APIs, and not at all of their files, ask here. A small repo is read at once and as ever.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

from onboarding_tool import load, overview
from onboarding_tool.adapters import processes
from onboarding_tool.adapters.cache import Cache, open_cache
from onboarding_tool.adapters.memory import Memory
from onboarding_tool.findings import Finding
from onboarding_tool.load import Depth
from onboarding_tool.model import Api, Repo
from onboarding_tool.tree import Tree

AT_ONCE = 100  # APIs of a part

Read = list[tuple[Api, list[Finding]]]


def read(tree: Tree, root: Path, depth: Depth, today: str, jobs: int, *, cached: bool) -> tuple[Repo, list[Finding]]:
    """As `load.load`, but of an API's objects at most what an overview needs. `today` is YYYY-MM-DD."""
    repo, found = load.load(tree, ())
    cache = open_cache(root, today) if cached else None
    with cache or nullcontext():
        known = sorted(_read(tree, depth, jobs, cache), key=lambda one: one[0].name)
    found += [finding for _, some in known for finding in some]
    sound = not any(load.is_declaration(finding.path) for finding in found)
    return replace(repo, apis={api.name: api for api, _ in known}, sound=sound, today=today), sorted(found)


def _read(tree: Tree, depth: Depth, jobs: int, cache: Cache | None) -> Iterator[tuple[Api, list[Finding]]]:
    names = tree.folders("apps")
    memory = None
    if cache:
        place = "apps/{}/metadata.yaml" if depth is Depth.METADATA else "apps/{}"
        memory = Memory(cache, Api, tree, lambda name: (place.format(name),), depth.name)
        known = memory.known(names)
        yield from ((api, []) for api in known.values())
        names = [name for name in names if name not in known]
    parts = [names[start : start + AT_ONCE] for start in range(0, len(names), AT_ONCE)]
    for part in processes.each(parts, jobs, partial(_reading, tree, depth)):
        yield from part
        if memory:
            memory.keep({api.name: api for api, found in part if not found})
    if memory:
        memory.save()


@contextmanager
def _reading(tree: Tree, depth: Depth, _: int) -> Iterator[Callable[[list[str]], Read]]:
    def read_one(name: str) -> tuple[Api, list[Finding]]:
        apis, found = load.apis(tree, [name], depth)
        return overview.abridged(apis[name]), found

    yield lambda names: [read_one(name) for name in names if tree.has_folder(f"apps/{name}")]

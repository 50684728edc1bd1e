"""What every API of a fleet declares, and what runs: read by as many processes as there are cores, and remembered.

Commands that look at all APIs, and not at all of their files, ask here. A small repo is read at once and as ever.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from onboarding_tool import load, overview
from onboarding_tool.adapters import processes
from onboarding_tool.adapters.cache import Cache, open_cache
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.memory import Keys, Memory
from onboarding_tool.adapters.watch import Progress, untold
from onboarding_tool.findings import Finding
from onboarding_tool.load import Depth
from onboarding_tool.model import Api, Repo
from onboarding_tool.tree import Tree

AT_ONCE = 100  # APIs of a part
KEPT = 32  # files that were read: one API is looked at after the other, and few have more

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View(Generic[T]):
    """What is wanted of each API: a value of this `kind`, made of what lies at `place`."""

    kind: type[T]
    depth: Depth
    place: str
    make: Callable[[Api], T]

    def keys(self, tree: Tree) -> Keys:
        return Keys(self.kind, tree, lambda name: (self.place.format(name),), self.depth.name)


class Read(NamedTuple, Generic[T]):
    """The view of an API, what is wrong with its files, and by what it is found again."""

    name: str
    value: T
    findings: list[Finding]
    key: bytes = b""


def _itself(api: Api) -> Api:
    return api


DECLARED = View(Api, Depth.METADATA, "apps/{}/metadata.yaml", _itself)
SHOWN = View(overview.Line, Depth.RUNNING, "apps/{}", overview.line)


def read(
    tree: FolderTree, root: Path, today: str, jobs: int, *, cached: bool, progress: Progress = untold
) -> tuple[Repo, list[Finding]]:
    """As `load.load` reads metadata. `today` is YYYY-MM-DD."""
    repo, found = load.load(tree, ())
    apis, more = of_each(DECLARED, lambda: tree, root, today, jobs, cached=cached, progress=progress)
    sound = not any(load.is_declaration(finding.path) for finding in (*found, *more))
    return replace(repo, apis=apis, sound=sound, today=today), sorted([*found, *more])


def of_each(
    view: View[T],
    indexed: Callable[[], Tree],
    root: Path,
    today: str,
    jobs: int,
    *,
    cached: bool,
    opened: Callable[[], Tree] | None = None,
    progress: Progress = untold,
) -> tuple[dict[str, T], list[Finding]]:
    """The view of each API by its name, and what is wrong with their files.

    `indexed`: how to get the tree that tells quickly what is as it was; not asked where nothing is known. `opened`: how
    a process opens the tree for itself, if it is not the folder `root`. `progress` is told how many APIs are read, of
    how many.
    """
    cache = open_cache(root, today) if cached else None
    with cache or nullcontext():
        found = _read(view, indexed, opened or partial(FolderTree, root, kept=KEPT), jobs, cache, progress)
        known = sorted(found, key=lambda one: one.name)
    return {one.name: one.value for one in known}, [finding for one in known for finding in one.findings]


def _read(
    view: View[T],
    indexed: Callable[[], Tree],
    opened: Callable[[], Tree],
    jobs: int,
    cache: Cache | None,
    progress: Progress,
) -> Iterator[Read[T]]:
    tree = opened()
    names = tree.children("apps")
    known: dict[str, T] = {}
    memory = Memory(cache, view.kind, view.keys(tree)) if cache else None
    if cache and memory and memory.knows_any(names):
        tree = indexed()
        names = tree.folders("apps")
        known = Memory(cache, view.kind, view.keys(tree)).known(names)
        yield from (Read(name, value, []) for name, value in known.items())
        names = [name for name in names if name not in known]
    done, all_, parts = len(known), len(known) + len(names), processes.in_parts(names, AT_ONCE)
    results = processes.each(parts, jobs, partial(_reading, view, opened, cached=cache is not None))
    for part, asked in zip(results, parts, strict=True):
        yield from part
        if memory:
            memory.keep((one.key, one.value) for one in part if not one.findings)
        done += len(asked)
        progress(done, all_)
    if memory:
        memory.save()


@contextmanager
def _reading(
    view: View[T], opened: Callable[[], Tree], _: int, *, cached: bool
) -> Iterator[Callable[[Sequence[str]], list[Read[T]]]]:
    tree = opened()
    keys = view.keys(tree) if cached else None

    def read_one(name: str) -> Iterator[Read[T]]:
        apis, found = load.apis(tree, [name], view.depth)
        for api in apis.values():
            yield Read(name, view.make(api), found, keys.of(name) if keys and not found else b"")

    yield lambda names: [one for name in names for one in read_one(name)]

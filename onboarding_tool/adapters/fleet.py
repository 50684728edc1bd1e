"""A whole config repo judged part by part, by as many processes as there are cores.

What a part is made of is forgotten once it is judged: in the end there are the declarations of every API, the outlines
of its renders, and findings. The rules that look at more than one API judge those.
"""

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import ClassVar

from onboarding_tool import load
from onboarding_tool.adapters import renders
from onboarding_tool.adapters.cache import open_cache
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks import judging
from onboarding_tool.checks.judging import Verdict
from onboarding_tool.errors import WorldError
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, History, Kustomization, Outline, Renders, Repo
from onboarding_tool.tree import Tree

AT_ONCE = 25  # APIs of a part: their files are read together and few enough to stay in memory
WORTH_IT = 100  # APIs; fewer are judged before another process has started
RARELY = 50_000  # new objects between two collections of garbage, of which there is next to none


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be judged, and how. `not_rendered`: why nothing is rendered; "" if it is."""

    root: Path
    today: str
    not_rendered: str = ""
    cached: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """Some APIs that were judged, without the files that nobody looks at any more.

    `asking`: those with requests, which are judged by who has the history.
    """

    apis: Mapping[str, Api] = field(default_factory=dict)
    findings: frozenset[Finding] = frozenset()
    outlines: Mapping[tuple[str, str], tuple[Outline, ...]] = field(default_factory=dict)
    asking: tuple[str, ...] = ()
    not_rendered: str = ""
    sound: bool = True


def check(
    wish: Wish,
    history: History | None,
    no_history: str,
    jobs: int,
    progress: Callable[[int, int], object] = lambda *_: None,
) -> Verdict:
    """Every rule over the repo. `progress` is told how many APIs are judged, of how many."""
    tree = FolderTree(wish.root)
    names = tree.folders("apps")
    policy, found = load.load(tree, ())
    policy = replace(policy, today=wish.today, history=history, no_history=no_history)
    return verdict(policy, found, _told(_parts(tree, wish, names, jobs), len(names), progress), wish.not_rendered)


def _told(parts: Iterable[Part], all_: int, progress: Callable[[int, int], object]) -> Iterator[Part]:
    done = 0
    for part in parts:
        yield part
        done += len(part.apis)
        progress(done, all_)


def verdict(policy: Repo, found: Iterable[Finding], parts: Iterable[Part], not_rendered: str) -> Verdict:
    """What the parts say together. `policy`: the repo without its APIs; `found`: what loading it found."""
    apis: dict[str, Api] = {}
    findings: set[Finding] = set(found)
    outlines: dict[tuple[str, str], tuple[Outline, ...]] = {}
    asking: list[str] = []
    sound = policy.sound
    for part in parts:
        apis.update(part.apis)
        findings.update(part.findings)
        outlines.update(part.outlines)
        asking += part.asking
        sound, not_rendered = sound and part.sound, not_rendered or part.not_rendered
    findings |= judging.judge_part(replace(policy, apis=load.load(policy.tree, asking)[0].apis))
    known = None if not_rendered else Renders(outlines=outlines)
    repo = replace(policy, apis=apis, sound=sound, renders=known, not_rendered=not_rendered)
    return judging.run(repo, findings, in_parts=True)


def _parts(tree: Tree, wish: Wish, names: list[str], jobs: int) -> Iterator[Part]:
    """Every API, in order. A process of its own reads a tree of its own."""
    size = AT_ONCE if len(names) >= WORTH_IT else WORTH_IT
    parts = [names[start : start + size] for start in range(0, len(names), size)]
    if jobs == 1 or len(parts) <= 1:
        with Renderer(jobs) as renderer:
            yield from (judge(tree, part, wish, renderer) for part in parts)
        return
    # A copy of this process is ready at once, but on macOS its system libraries do not bear being copied.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(min(jobs, len(parts)), context, _Worker.begin, (wish,)) as executor:
        try:
            yield from executor.map(_Worker.part, parts)
        except BrokenProcessPool:
            hint = "Perhaps there is too little memory for so many: --jobs 1 needs the least."
            raise WorldError("a process that judges was killed", hint) from None
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            _interrupt(multiprocessing.active_children())
            raise


def _interrupt(workers: Iterable[BaseProcess]) -> None:
    """What they have begun is nobody's any more. To kill them would break the pool, which says so at length."""
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker.pid or 0, signal.SIGINT)


class _Worker:
    """What a process of the pool keeps from part to part."""

    wish: ClassVar[Wish]
    tree: ClassVar[FolderTree]
    renderer: ClassVar[Renderer]
    is_busy: ClassVar[bool] = False
    is_ended: ClassVar[bool] = False

    @classmethod
    def begin(cls, wish: Wish) -> None:
        signal.signal(signal.SIGINT, cls.end)
        threading.Thread(target=_end_with_parent, daemon=True).start()
        gc.freeze()
        gc.set_threshold(RARELY)
        cls.wish, cls.tree = wish, FolderTree(wish.root)
        cls.renderer = Renderer(jobs=1)  # whose process ends with this one

    @classmethod
    def part(cls, names: Iterable[str]) -> Part:
        cls.is_busy = True
        try:
            if cls.is_ended:  # some parts are handed out before they are wanted, and cannot be taken back
                raise KeyboardInterrupt
            return judge(cls.tree, names, cls.wish, cls.renderer)
        finally:
            cls.is_busy = False

    @classmethod
    def end(cls, *_: object) -> None:
        """Leave the part that is being judged. Between two parts the pool itself would break."""
        was_ended, cls.is_ended = cls.is_ended, True
        if cls.is_busy and not was_ended:
            raise KeyboardInterrupt


def _end_with_parent() -> None:
    """A parent that was killed tells nobody, and nobody would ever end us."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def judge(tree: Tree, names: Iterable[str], wish: Wish, renderer: Renderer) -> Part:
    """Some APIs of the tree by the rules that look at one API, and at the renders of one."""
    repo, found = load.load(tree, list(names))
    repo = replace(repo, today=wish.today)
    asking = tuple(name for name, api in repo.apis.items() if api.requests)
    quiet = replace(repo, apis={name: api for name, api in repo.apis.items() if name not in asking})
    part = Part(
        {name: _declared(api) for name, api in repo.apis.items()},
        frozenset({*found, *judging.judge_part(quiet)}),
        asking=asking,
        sound=repo.sound,
    )
    return part if wish.not_rendered else _rendered(repo, part, wish, renderer)


def _rendered(repo: Repo, part: Part, wish: Wish, renderer: Renderer) -> Part:
    """The part with what is wrong with its renders. Without a renderer the rules about them are skipped."""
    cache = open_cache(wish.root, wish.today) if wish.cached else None
    try:
        with cache or nullcontext():
            judged, findings = renders.judge(repo, renderer, cache)
    except WorldError as error:
        return replace(part, not_rendered=error.message)
    return replace(part, findings=part.findings | findings, outlines=judged.outlines)


def _declared(api: Api) -> Api:
    """The API without its objects: which overlays and requests it has is all that is left to ask."""
    overlays = {name: Kustomization(overlay.folder, {}, (), overlay.complete) for name, overlay in api.overlays.items()}
    return replace(api, base=None, overlays=overlays)

"""The same work on each part of a list, in as many processes as there are cores."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, ClassVar, TypeVar, cast

from onboarding_tool import garbage
from onboarding_tool.errors import WorldError

P = TypeVar("P")
R = TypeVar("R")
# Called once in each process, with how many others it may start; what it gives does the work on one part.
Maker = Callable[[int], AbstractContextManager[Callable[[P], R]]]


def in_parts(items: Sequence[P], size: int) -> list[Sequence[P]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def each(parts: Sequence[P], jobs: int, make: Maker[P, R]) -> Generator[R, None, None]:
    """The results in the order of the parts. `jobs` 1: all of it in this process, when the results are asked for.

    Other processes begin at once, so that who has more to do can do it meanwhile; closed, they leave the rest undone.
    """
    if jobs == 1 or len(parts) <= 1:
        return _here(parts, jobs, make)
    results = _elsewhere(parts, jobs, make)
    next(results)
    return cast("Generator[R, None, None]", results)


def _here(parts: Sequence[P], jobs: int, make: Maker[P, R]) -> Generator[R, None, None]:
    with make(jobs) as work:
        yield from map(work, parts)


def _elsewhere(parts: Sequence[P], jobs: int, make: Maker[P, R]) -> Generator[R | None, None, None]:
    """None once the processes are at work, then the results."""
    # A copy of this process is ready at once, but on macOS its system libraries do not bear being copied.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(min(jobs, len(parts)), context, _Worker.begin, (make,)) as executor:
        try:
            with _uninterrupted():
                results = executor.map(_Worker.part, parts)
            yield None
            yield from results
        except BrokenProcessPool:
            hint = "Perhaps there is too little memory for so many: --jobs 1 needs the least."
            raise WorldError("one of several processes was killed", hint) from None
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            _interrupt(multiprocessing.active_children())
            raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A Ctrl-C comes afterwards: one that meets the pool while it takes a lock would leave the lock taken for good."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _interrupt(workers: Iterable[BaseProcess]) -> None:
    """What they have begun is nobody's any more. To kill them would break the pool, which says so at length."""
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker.pid or 0, signal.SIGINT)


class _Worker:
    """What a process of the pool keeps from part to part."""

    held: ClassVar[AbstractContextManager[Any]]
    work: ClassVar[Callable[[Any], Any]]
    is_busy: ClassVar[bool] = False
    is_ended: ClassVar[bool] = False

    @classmethod
    def begin(cls, make: Maker[Any, Any]) -> None:
        signal.signal(signal.SIGINT, cls.end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # a copy of who is uninterrupted is so, too
        threading.Thread(target=_end_with_parent, daemon=True).start()
        garbage.collect_rarely()
        cls.held = make(1)  # kept, since what nobody keeps is left; what it has started ends with this process
        cls.work = cls.held.__enter__()

    @classmethod
    def part(cls, part: Any) -> Any:
        cls.is_busy = True
        try:
            if cls.is_ended:  # some parts are handed out before they are wanted, and cannot be taken back
                raise KeyboardInterrupt
            return cls.work(part)
        finally:
            cls.is_busy = False

    @classmethod
    def end(cls, *_: object) -> None:
        """Leave the part at work. Between two parts the pool itself would break."""
        was_ended, cls.is_ended = cls.is_ended, True
        if cls.is_busy and not was_ended:
            raise KeyboardInterrupt


def _end_with_parent() -> None:
    """A parent that was killed tells nobody, and nobody would ever end us."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)

"""The same work in several processes."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onboarding_tool.adapters import processes


class Held:
    """Something that is lent to the work, such as a renderer or a cache."""

    def __init__(self) -> None:
        self.is_open = True


@contextmanager
def make(jobs: int) -> Iterator[Callable[[int], tuple[int, int, bool]]]:
    held = Held()

    def work(part: int) -> tuple[int, int, bool]:
        gc.collect()
        return part, os.getpid(), held.is_open

    try:
        yield work
    finally:
        held.is_open = False


def test_what_the_work_needs_stays_open_in_each_process() -> None:
    results = list(processes.each(range(40), 2, make))
    assert [part for part, *_ in results] == list(range(40))
    assert os.getpid() not in {process for _, process, _ in results}
    assert all(is_open for *_, is_open in results)


def test_one_job_needs_no_other_process() -> None:
    assert {process for _, process, _ in processes.each(range(3), 1, make)} == {os.getpid()}

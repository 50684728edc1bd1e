"""Who waits for a long run, and is told about it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watch:
    """`tell`: a sentence before it begins. `progress`: takes a verb, and gives what is told how many of how many."""

    tell: Callable[[str], object] = lambda _: None
    progress: Callable[[str], Callable[[int, int], object]] = lambda _: lambda *_: None


UNWATCHED = Watch()

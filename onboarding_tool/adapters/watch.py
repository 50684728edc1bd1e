"""Who waits for a long run, and is told about it."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], object]  # told how many are done, of how many


def untold(*_: int) -> None:
    """A Progress of who does not want to know."""


@dataclass(frozen=True, slots=True)
class Watch:
    """`tell`: a sentence before it begins. `progress`: takes a verb, and gives what is told how many of how many."""

    tell: Callable[[str], object] = lambda _: None
    progress: Callable[[str], Progress] = lambda _: untold


UNWATCHED = Watch()

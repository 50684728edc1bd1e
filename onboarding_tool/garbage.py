"""Python's search for cycles of garbage: this tool makes next to none, and a search takes longer the more there is."""

import gc

RARELY = 50_000  # new objects between two searches


def collect_rarely() -> None:
    """For this process: what is there now is not searched again, what comes seldom."""
    gc.freeze()
    gc.set_threshold(RARELY)


def collect_no_more() -> None:
    """Before this process ends: else Python searches all that is left once more."""
    gc.freeze()

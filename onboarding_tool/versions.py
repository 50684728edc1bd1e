"""Versions of the tool, ordered as semantic versioning does it: 0.9.0 comes before 0.10.0, 1.0.0-rc.1 before 1.0.0."""

import re

VERSION = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
Order = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]
UNKNOWN: Order = ((), False, ())


def is_newer(one: str, other: str) -> bool:
    """Whether `one` comes after `other`. What is no version comes before every version."""
    return _order(one) > _order(other)


def _order(version: str) -> Order:
    found = VERSION.fullmatch(version)
    if found is None:
        return UNKNOWN
    *numbers, preview = found.groups()
    return tuple(map(int, numbers)), preview is None, tuple(map(_step, preview.split("."))) if preview else ()


def _step(part: str) -> tuple[bool, int, str]:
    """A part of a pre-release: numbers come before words, and are compared as numbers."""
    return (False, int(part), "") if part.isdigit() else (True, 0, part)

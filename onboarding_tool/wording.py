"""Sentences that several commands and rules share."""

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a typo most likely meant."""
    from difflib import get_close_matches

    folded = {each.lower(): each for each in known}
    return next((folded[each] for each in get_close_matches(name.lower(), list(folded), 1)), None)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """A hint: the nearest known name if one is near, and what to do if it is not meant."""
    near = nearest(name, known)
    return f"Did you mean {near!r}? {otherwise}" if near else otherwise


def listed(names: Iterable[str], nothing: str = "none") -> str:
    """`a, b and c`."""
    items = list(names)
    if len(items) < 2:
        return items[0] if items else nothing
    return f"{', '.join(items[:-1])} and {items[-1]}"


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def shell_path(path: str) -> str:
    """A path that can be pasted behind a command: no blank ends it, and no leading - makes an option of it."""
    import shlex

    return shlex.quote(f"./{path}" if path.startswith("-") else path)

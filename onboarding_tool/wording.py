"""Sentences that several commands and rules share."""

from collections.abc import Collection, Iterable

MOST_MEANT = 12  # names that are proposed at once


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that a typo most likely meant."""
    from difflib import get_close_matches

    folded = {each.lower(): each for each in known}
    return next((folded[each] for each in get_close_matches(name.lower(), list(folded), 1)), None)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """A hint: the known names that begin so, or else the nearest one if one is near; and what to do otherwise."""
    names = list(known)
    near = nearest(name, names)
    meant = _beginning(name, names) or ([near] if near else [])
    return f"Did you mean {listed(map(repr, meant), last='or')}? {otherwise}" if meant else otherwise


def _beginning(name: str, known: Collection[str]) -> list[str]:
    """The names that begin as this one; none of so many that nobody would read them."""
    found = [each for each in known if name and each.lower().startswith(name.lower())]
    same = [each for each in found if len(each) == len(name)]
    return same or (found if len(found) <= MOST_MEANT else [])


def listed(names: Iterable[str], nothing: str = "none", last: str = "and") -> str:
    """`a, b and c`."""
    items = list(names)
    if len(items) < 2:
        return items[0] if items else nothing
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def shell_path(path: str) -> str:
    """A path that can be pasted behind a command: no blank ends it, and no leading - makes an option of it."""
    import shlex

    return shlex.quote(f"./{path}" if path.startswith("-") else path)

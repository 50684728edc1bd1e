"""What an import says: lines for the terminal, and the page IMPORT.md beside the API's files."""

from collections.abc import Iterable, Iterator

from onboarding_tool.legacy.values import Import, Note

WHOLE = "all of it"


def not_kept(result: Import) -> list[str]:
    """What was not kept, by name with the reason, and what is left to do: lines for the terminal."""
    lines = ["Not kept as it was:"] if result.notes else []
    together: dict[tuple[str, str], list[str]] = {}
    for name, fields, reason in _grouped(result.notes):
        together.setdefault((fields, reason), []).append(name)
    for (fields, reason), names in together.items():
        lines.append(f"  {', '.join(names)}: {f'{fields}: ' if fields else ''}{reason}")
    return [*lines, "Left to do:", *(f"  {number}. {step}" for number, step in enumerate(result.steps, 1))]


def page(result: Import) -> str:
    """IMPORT.md. The same export gives the same page: nothing in it tells when."""
    return "\n".join(_page(result)) + "\n"


def _page(result: Import) -> Iterator[str]:
    yield f"# Where {result.api.name} comes from"
    yield ""
    yield "`onboard api import` made these files from exported manifests. No tool reads this page; it may be deleted."
    yield ""
    yield "## Kept"
    yield ""
    yield from _table(("object", "file", "from"), ((name, file, source) for file, name, source in result.kept))
    yield ""
    yield "## Not kept as it was"
    yield ""
    yield from _table(("object", "field", "reason"), ((n, f or WHOLE, r) for n, f, r in _grouped(result.notes)))
    yield ""
    yield "## Left to do"
    yield ""
    yield from (f"{number}. {_safe(step)}" for number, step in enumerate(result.steps, 1))


def _grouped(notes: Iterable[Note]) -> list[tuple[str, str, str]]:
    """(object, fields, reason): the fields of one object that share a reason on one line, in the order of the notes."""
    groups: dict[tuple[str, str], list[str]] = {}
    for note in notes:
        groups.setdefault((note.object, note.reason), []).append(note.field)
    return [(name, ", ".join(filter(None, fields)), reason) for (name, reason), fields in groups.items()]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_safe(cell).replace('|', chr(92) + '|') for cell in row)} |"


def _safe(text: str) -> str:
    """Text that Markdown shows as it is: no HTML, no line breaks."""
    return " ".join(text.split()).replace("<", "&lt;")

"""Runs the benchmarks: `make bench`, some of them with `make bench ONLY=render`, smaller with `make bench APIS=400`.
`python -m benchmarks.run --rewrite` writes anew what is known already, and measures nothing.

What is measured at full size is kept in measured.json, from which RESULTS.md and a part of README.md are written, so
that a single one can be measured anew. A target that is missed is told, and no error.
"""

import argparse
import sys
import tempfile
import traceback
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import commands, delivery, gating, growing, rendering, results
from benchmarks.fleet import ROOT, FailedError
from benchmarks.harness import BENCHMARKS, Given, Row
from benchmarks.shapes import Size

# The sections of the results, in their order.
SECTIONS = (rendering.SECTION, commands.START, commands.COMMANDS, gating.SECTION, commands.GROWTH, delivery.SECTION)
APIS = 10_000
FOLDER = Path(__file__).parent
STORE = FOLDER / "measured.json"
PLOT = "growth.svg"


def main() -> None:
    given = _arguments()
    if given.rewrite:
        rewrite()
    else:
        measure(given)


def measure(given: argparse.Namespace) -> None:
    chosen = [name for name in BENCHMARKS if any(word in name for word in given.only.split(","))]
    size, machine = Size(given.apis), results.machine()
    print(results.described(machine), flush=True)
    known = results.kept(STORE, machine)
    with tempfile.TemporaryDirectory(prefix="onboard-bench-") as folder:
        place = Path(folder)
        for name in chosen:
            measurement = results.measured(BENCHMARKS[name][0], partial(rows, name, Given(size, place)))
            print("\n".join(results.table(measurement.rows)[2:]), flush=True)
            if given.apis == APIS:
                known[name] = measurement
                _write(known, machine, size)
    if given.apis != APIS:
        print(f"Not measured at {APIS:,} APIs, so RESULTS.md and README.md stay as they are.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Measure speed and memory.")
    parser.add_argument("--only", default="", metavar="WORD,...", help="those whose name has one of these in it")
    parser.add_argument("--apis", type=int, default=APIS, metavar="N", help="the size of the large fleet")
    parser.add_argument("--rewrite", action="store_true", help="write the results from measured.json, measure nothing")
    return parser.parse_args()


def rewrite() -> None:
    """Where it was measured stays as it was, though this be another machine."""
    machine = results.measured_on(STORE)
    _write(results.kept(STORE, machine), machine, Size(APIS))


def rows(name: str, given: Given) -> Iterator[Row]:
    try:
        yield from BENCHMARKS[name][1](given)
    except FailedError as error:
        yield Row(f"benchmark {name}", f"failed: {error}", met=False)
    except Exception as error:  # a mistake in one benchmark must not cost the hour of the others
        traceback.print_exc()
        yield Row(f"benchmark {name}", f"failed: {type(error).__name__}: {error}", met=False)


def _write(known: results.Measurements, machine: results.Machine, size: Size) -> None:
    """After each of them, so that an hour's work is not lost with the next."""
    order = sorted(BENCHMARKS, key=lambda name: SECTIONS.index(BENCHMARKS[name][0]))
    known = {name: known[name] for name in order if name in known}
    results.keep(STORE, machine, known)
    if grown := [row for one in known.values() for row in one.rows if row.points]:
        (FOLDER / PLOT).write_text(growing.plot(grown), encoding="utf-8")
    plot = PLOT if (FOLDER / PLOT).is_file() else ""
    (FOLDER / "RESULTS.md").write_text(results.whole(known, machine, size, plot), encoding="utf-8")
    readme = ROOT / "README.md"
    text = results.inserted(readme.read_text(encoding="utf-8"), results.short(known, machine, size))
    if text is None:
        print(f"README.md has no {results.BEGIN} and {results.END}, so nothing was put there.", file=sys.stderr)
    else:
        readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

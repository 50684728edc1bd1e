"""Runs the benchmarks: `make bench`, some of them with `make bench ONLY=render`, smaller with `make bench APIS=400`.

Only a run of all of them at full size writes RESULTS.md and README.md. A target that is missed is told, and no error.
"""

import argparse
import shutil
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from benchmarks import commands, rendering, results
from benchmarks.commands import PLOT
from benchmarks.fleet import ROOT, FailedError
from benchmarks.harness import BENCHMARKS, Given, Row
from benchmarks.shapes import Size

# The sections of the results, in their order.
SECTIONS = (rendering.SECTION, commands.START, commands.COMMANDS, commands.GROWTH)
APIS = 10_000
FOLDER = Path(__file__).parent


def main() -> None:
    given = _arguments()
    chosen = [name for name in BENCHMARKS if any(word in name for word in given.only.split(","))]
    size, machine = Size(given.apis), results.machine()
    print(results.described(machine, size), flush=True)
    with tempfile.TemporaryDirectory(prefix="onboard-bench-") as place:
        sections: dict[str, list[Row]] = {section: [] for section in SECTIONS}
        for name in chosen:
            for row in rows(name, Given(size, Path(place))):
                sections[BENCHMARKS[name][0]].append(row)
                print(results.table([row])[-1], flush=True)
        if chosen == list(BENCHMARKS) and given.apis == APIS:
            _write(sections, machine, size, Path(place))
        else:
            print("Not all of it was run at full size, so RESULTS.md and README.md stay as they are.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description="Measure speed and memory.")
    parser.add_argument("--only", default="", metavar="WORD,...", help="those whose name has one of these in it")
    parser.add_argument("--apis", type=int, default=APIS, metavar="N", help="the size of the large fleet")
    return parser.parse_args()


def rows(name: str, given: Given) -> Iterator[Row]:
    try:
        yield from BENCHMARKS[name][1](given)
    except FailedError as error:
        yield Row(f"benchmark {name}", f"failed: {error}", met=False)
    except Exception as error:  # a mistake in one benchmark must not cost the hour of the others
        traceback.print_exc()
        yield Row(f"benchmark {name}", f"failed: {type(error).__name__}: {error}", met=False)


def _write(sections: dict[str, list[Row]], machine: results.Machine, size: Size, place: Path) -> None:
    drawn = (place / PLOT).is_file()
    if drawn:
        shutil.copy(place / PLOT, FOLDER / PLOT)
    (FOLDER / "RESULTS.md").write_text(results.whole(sections, machine, size, PLOT if drawn else ""), encoding="utf-8")
    readme = ROOT / "README.md"
    text = results.inserted(readme.read_text(encoding="utf-8"), results.short(sections, machine, size))
    if text is None:
        print(f"README.md has no {results.BEGIN} and {results.END}, so nothing was put there.", file=sys.stderr)
    else:
        readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""The results as text: a table for the terminal, RESULTS.md, and a short version between two marks in README.md."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness import Row
from benchmarks.shapes import Size
from benchmarks.yardstick import yardstick
from onboarding_tool.rendering import KUSTOMIZE

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
MARKED = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
VERDICTS = {True: "met", False: "**missed**", None: ""}

# What `make bench` itself writes.
WRITTEN = ("README.md", "benchmarks/RESULTS.md", "benchmarks/measured.json", "benchmarks/growth.svg")

METHOD = """\
- Every number is the median of whole processes, from start to end, after one run that warms up; in brackets stand the
  fastest and the slowest. What is compared runs in turn.
- The yardstick tells how fast the machine was just then, which on a shared one may be half of what it was a day before:
  what libyaml needs on one core to compose 1,000 files of a fleet. The targets were set where it took about 60 ms.
- Memory is that of all processes together: the largest sum of their proportional set sizes, looked at every 50 ms, at
  first every 5 ms, in a run whose time does not count, since looking slows a process down.
- What grows is missed by the worse of two exponents: of the line that fits all sizes, and of the last step, which is
  told where it says more than start-up does.
- `disturbed`: other processes used more than a tenth of the machine meanwhile, so the seconds say little.
- Fleets are made by `benchmarks/fleet.py` from a seed: about nine files below apps/ for each API of three environments,
  a strategic-merge patch in every overlay, as one pack in git. `onboard check` finds nothing in them.
- A delivery is that of the end-to-end tests: a real Kubernetes and Argo CD, but no kubelet, so no image is pulled and
  pods start at once. Each release is timed in its parts; `onboard` and git are processes of their own.
- Known is what the tool has in its own cache ([0011](../docs/decisions/0011-memory.md)). The files are in the page
  cache of the system.
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured, and with which programs."""

    cores: int
    gigabytes: int
    model: str
    python: str
    kustomize: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a benchmark said, and when. `load`: the machine's load average before it, 0 on a quiet one. `yardstick`: in
    milliseconds, 0 if it was not taken.
    """

    section: str
    rows: tuple[Row, ...]
    commit: str
    date: str
    load: float
    yardstick: int = 0


# By the names of the benchmarks.
Measurements = Mapping[str, Measurement]


def machine() -> Machine:
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        gigabytes=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
        model=_model(),
        python=platform.python_version(),
        kustomize=KUSTOMIZE,
    )


def measured(section: str, rows: Callable[[], Iterable[Row]]) -> Measurement:
    """Runs a benchmark."""
    commit, date, load = _commit(), datetime.now(UTC).strftime("%Y-%m-%d"), os.getloadavg()[0]
    speed = round(yardstick() * 1000)
    return Measurement(section, tuple(rows()), commit, date, round(load, 1), speed)


def _model() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _commit() -> str:
    """And whether anything else than results has changed since."""
    commit = _git("rev-parse", "--short", "HEAD")
    others = [f":(top,exclude){path}" for path in WRITTEN]
    return (commit + (", with changes" if _git("status", "--porcelain", "--", ":(top)", *others) else "")) or "unknown"


def _git(*words: str) -> str:
    folder = Path(__file__).parent
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False).stdout.strip()


def described(found: Machine) -> str:
    programs = f"Python {found.python}, kustomize {found.kustomize}"
    return f"{found.cores} cores of {found.model}, {found.gigabytes} GiB; {programs}"


def table(rows: Iterable[Row]) -> list[str]:
    lines = [f"| {row.work} | {row.value} | {row.target} | {VERDICTS[row.met]} |" for row in rows]
    return ["| what | measured | target | |", "|---|---|---|---|", *lines]


def whole(known: Measurements, found: Machine, size: Size, plot: str) -> str:
    """RESULTS.md."""
    parts = ["# Benchmarks", f"`make bench` writes this file. {_large(size)} Measured on {described(found)}."]
    sections = dict.fromkeys(one.section for one in known.values())
    for section in sections:
        there = {name: one for name, one in known.items() if one.section == section}
        rows = [row for one in there.values() for row in one.rows]
        parts += [f"## {section}", "\n".join(table(rows)), _when(there)]
    parts += [f"![Seconds and memory over the number of APIs]({plot})"] if plot else []
    return "\n\n".join([*parts, "## How it is measured", METHOD])


def _large(size: Size) -> str:
    return f"The large fleet has {size.apis:,} APIs in {size.environments} environments."


def _when(known: Measurements) -> str:
    """When each was measured; those of one run in one sentence."""
    runs: dict[str, list[str]] = {}
    for name, one in known.items():
        about = f"load {one.load:.1f}" + (f", yardstick {one.yardstick} ms" if one.yardstick else "")
        runs.setdefault(f"{one.date} at commit {one.commit}", []).append(f"{name} ({about})")
    return "\n".join(f"Measured on {when}: {', '.join(names)}." for when, names in runs.items())


def short(known: Measurements, found: Machine, size: Size) -> str:
    """What stands between the marks in README.md."""
    rows = [row for one in known.values() for row in one.rows if row.headline]
    where = f"{_large(size)} {described(found)}. [All of them](benchmarks/RESULTS.md), with dates and commits."
    return "\n".join([BEGIN, *table(rows), "", where, END])


# What is kept from run to run, so that one benchmark can be measured anew


def measured_on(path: Path) -> Machine:
    return Machine(**json.loads(path.read_text(encoding="utf-8"))["machine"])


def kept(path: Path, found: Machine) -> dict[str, Measurement]:
    """What was measured on this machine with these programs; what comes from another one says nothing beside it."""
    if not path.is_file():
        return {}
    known = json.loads(path.read_text(encoding="utf-8"))
    if known["machine"] != asdict(found):
        return {}
    return {
        name: Measurement(**{**one, "rows": tuple(map(_row, one["rows"]))}) for name, one in known["measured"].items()
    }


def _row(known: dict[str, Any]) -> Row:
    """What was measured before points were kept has none."""
    return Row(**{**known, "points": tuple((apis, value) for apis, value in known.get("points", ()))})


def keep(path: Path, found: Machine, known: Measurements) -> None:
    content = {"machine": asdict(found), "measured": {name: asdict(one) for name, one in known.items()}}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def inserted(readme: str, text: str) -> str | None:
    """The README with the short version between its marks; None if it has none."""
    return MARKED.sub(lambda _: text, readme, count=1) if MARKED.search(readme) else None

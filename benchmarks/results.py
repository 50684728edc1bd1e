"""The results as text: a table for the terminal, RESULTS.md, and a short version between two marks in README.md."""

import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import Row
from benchmarks.shapes import Size
from onboarding_tool.rendering import KUSTOMIZE

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
MARKED = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
VERDICTS = {True: "met", False: "**missed**", None: ""}

METHOD = """\
- Every number is the median of whole processes, from start to end, after one run that warms up; in brackets stand the
  fastest and the slowest. What is compared runs in turn.
- Memory is that of all processes together: the largest sum of their proportional set sizes, looked at every 50 ms, in
  a run whose time does not count, since looking slows a process down.
- `disturbed`: other processes used more than a tenth of the machine meanwhile, so the seconds say little.
- Fleets are made by `benchmarks/fleet.py` from a seed: about nine files below apps/ for each API of three environments,
  a strategic-merge patch in every overlay, as one pack in git. `onboard check` finds nothing in them.
- Cold and warm speak of the tool's own cache. The files are in the page cache of the system.
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when it was measured. `load` is the machine's load average at the beginning: 0 on a quiet one."""

    cores: int
    gigabytes: float
    model: str
    python: str
    kustomize: str
    commit: str
    date: str
    load: float


def machine() -> Machine:
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        gigabytes=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30,
        model=_model(),
        python=platform.python_version(),
        kustomize=KUSTOMIZE,
        commit=_commit(),
        date=datetime.now(UTC).strftime("%Y-%m-%d"),
        load=os.getloadavg()[0],
    )


def _model() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _commit() -> str:
    words = ["git", "describe", "--always", "--dirty=, with changes", "--exclude=*"]
    folder = Path(__file__).parent
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def described(found: Machine, size: Size) -> str:
    return (
        f"Measured on {found.date} at commit {found.commit}: {found.cores} cores of {found.model}, "
        f"{found.gigabytes:.0f} GiB, load {found.load:.1f} before it began; Python {found.python}, "
        f"kustomize {found.kustomize}. The large fleet has {size.apis:,} APIs in {size.environments} environments."
    )


def table(rows: Iterable[Row]) -> list[str]:
    lines = [f"| {row.work} | {row.value} | {row.target} | {VERDICTS[row.met]} |" for row in rows]
    return ["| what | measured | target | |", "|---|---|---|---|", *lines]


def whole(sections: Mapping[str, Sequence[Row]], found: Machine, size: Size, plot: str) -> str:
    """RESULTS.md."""
    parts = ["# Benchmarks", f"`make bench` writes this file. {described(found, size)}"]
    for name, rows in sections.items():
        parts += [f"## {name}", "\n".join(table(rows))]
    parts += [f"![Seconds over the number of APIs]({plot})"] if plot else []
    return "\n\n".join([*parts, "## How it is measured", METHOD])


def short(sections: Mapping[str, Sequence[Row]], found: Machine, size: Size) -> str:
    """What stands between the marks in README.md."""
    rows = [row for each in sections.values() for row in each if row.headline]
    where = f"{described(found, size)} [All of them](benchmarks/RESULTS.md)"
    return "\n".join([BEGIN, *table(rows), "", where, END])


def inserted(readme: str, text: str) -> str | None:
    """The README with the short version between its marks; None if it has none."""
    return MARKED.sub(lambda _: text, readme, count=1) if MARKED.search(readme) else None

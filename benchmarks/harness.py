"""How things are measured: processes from start to end, their seconds and their memory; and what a result is."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from benchmarks import fleet
from benchmarks.fleet import FailedError
from benchmarks.shapes import Size
from onboarding_tool.wording import counted

MB = 1_000_000
MEMORY = ": memory"  # ends the name of a row that tells memory
SAMPLE, FIRST_SAMPLE = 0.05, 0.005  # seconds between two looks at the memory, and before the first
PATIENCE = 900.0  # seconds that one run may take before it is ended and counts as failed
LONG = 180.0  # seconds; what takes longer is timed once
DISTURBING = 0.1  # of the machine
CORES = len(os.sched_getaffinity(0))
MODERATE, QUICK = 3, 11  # runs of what takes longer than a few seconds, and of what does not

Points = tuple[tuple[int, float], ...]  # (APIs, seconds or MB)


@dataclass(frozen=True, slots=True)
class Command:
    """A process to be measured. Its output is thrown away."""

    words: tuple[str | Path, ...]
    at: Path
    stdin: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `foreign`: seconds of a core that others used meanwhile; `memory` in bytes, 0 if not looked at."""

    seconds: float
    foreign: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """Timed runs, and the peak of the memory of all processes together in a run of its own, in bytes."""

    runs: tuple[Run, ...]
    memory: int = 0

    @property
    def seconds(self) -> list[float]:
        return [run.seconds for run in self.runs]

    @property
    def median(self) -> float:
        return median(self.seconds)

    @property
    def is_disturbed(self) -> bool:
        """Whether others used so much of the machine meanwhile that the seconds say little."""
        there = sum(self.seconds) * CORES
        return sum(run.foreign for run in self.runs) > DISTURBING * there

    def scaled(self, factor: float) -> "Measured":
        """What `factor` times as much would take."""
        runs = (Run(run.seconds * factor, run.foreign * factor) for run in self.runs)
        return Measured(tuple(runs), self.memory)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the results. `met`: whether the target holds; None where there is none, or nothing was measured.
    `points`: what was measured at which number of APIs, where that is drawn.
    """

    work: str
    value: str
    target: str = ""
    met: bool | None = None
    headline: bool = False  # stands in the README too
    points: Points = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What a benchmark is given: the large fleet's size, and a place for files of its own."""

    size: Size
    place: Path

    def fleet(self, apis: int | None = None) -> Path:
        """The large fleet, or one of another number of APIs."""
        return fleet.cached(self.size if apis is None else Size(apis, self.size.environments, self.size.seed))


Benchmark = Callable[[Given], Iterable[Row]]
BENCHMARKS: dict[str, tuple[str, Benchmark]] = {}  # name -> (section of the results, function)


def benchmark(section: str, name: str) -> Callable[[Benchmark], Benchmark]:
    """Registers a function under a name, for the section of the results in which its rows stand."""

    def register(function: Benchmark) -> Benchmark:
        BENCHMARKS[name] = section, function
        return function

    return register


# Measuring


def measure(command: Command, runs: int = MODERATE, before: Callable[[], object] = lambda: None) -> Measured:
    """One run that warms up and whose memory is looked at, then `runs` that are timed. `before` each: not timed."""
    return measure_in_turn({"": command}, runs, before)[""]


def measure_in_turn(
    commands: Mapping[str, Command], runs: int, before: Callable[[], object] = lambda: None
) -> dict[str, Measured]:
    """Several commands that are compared: each runs once, then again, so that a disturbance meets all of them."""
    first: dict[str, Run] = {}
    for name, command in commands.items():
        before()
        first[name] = once(command, sampled=True)
    timed: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(1 if any(run.seconds > LONG for run in first.values()) else runs):
        for name, command in commands.items():
            before()
            timed[name].append(once(command))
    return {name: Measured(tuple(timed[name]), first[name].memory) for name in commands}


def once(command: Command, *, sampled: bool = False) -> Run:
    """One run, timed or `sampled`: looking at the memory slows a process down, so no run is both."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(command.stdin)
        given.seek(0)
        passed = stopwatch()
        process = subprocess.Popen(
            command.words,
            cwd=command.at,
            env={**fleet.environment(), **command.environment},
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=said,
            start_new_session=True,
        )
        with _watched(process.pid) if sampled else nullcontext(Peak()) as peak:
            code = _ended(process)
            run = passed()
        said.seek(0)
        if code:
            raise FailedError(_complaint(command, code, said.read()))
        return replace(run, memory=peak.bytes)


def stopwatch() -> Callable[..., Run]:
    """Starts a clock; each call tells what has passed since then, with `memory` if it was looked at."""
    others, begin = _foreign(), time.perf_counter()

    def passed(memory: int = 0) -> Run:
        return Run(time.perf_counter() - begin, _foreign() - others, memory)

    return passed


def _foreign() -> float:
    """Seconds that all cores were busy so far, but for what we used, our children, and theirs."""
    user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    ours = sum(map(_busy, family(os.getpid())))
    return (user + nice + system + sum(interrupts) - ours) / os.sysconf("SC_CLK_TCK")


def _busy(process: int) -> int:
    """The clock ticks that a process used, and its children that have ended. 0 if it has ended itself."""
    with suppress(OSError):
        return sum(map(int, Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return 0


def _complaint(command: Command, code: int, said: bytes) -> str:
    if code == -signal.SIGKILL:
        name = " ".join(Path(word).name for word in command.words)
        return f"`{name}` was killed: it had {PATIENCE:.0f} s, and what memory there is"
    return fleet.complaint(command.words, code, said)


def _ended(process: "subprocess.Popen[bytes]") -> int:
    """The exit code. Not by a wait with a time limit: that one looks only every 50 ms."""
    clock = threading.Timer(PATIENCE, os.killpg, (process.pid, signal.SIGKILL))
    clock.start()
    try:
        return process.wait()
    finally:
        clock.cancel()


@dataclass(slots=True)
class Peak:
    """The largest sum of what a process and all that descend from it held at one time."""

    bytes: int = 0


@contextmanager
def _watched(process: int) -> Iterator[Peak]:
    peak, stop, begin = Peak(), threading.Event(), time.monotonic()

    def watch() -> None:
        while not stop.wait(_pause(time.monotonic() - begin)):
            peak.bytes = max(peak.bytes, sum(map(memory, family(process))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


def _pause(passed: float) -> float:
    """Seconds to the next look: short ones at first, since some commands end within one of the long ones."""
    return min(SAMPLE, max(FIRST_SAMPLE, passed / 10))


def family(process: int) -> Iterator[int]:
    """A process and all that descend from it, as far as they still run."""
    yield process
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def memory(process: int) -> int:
    """Its proportional set size in bytes: what it shares with others counts in part. 0 if it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


# Judging


def took(work: str, found: Measured, most: float | None = None, *, headline: bool = False) -> Row:
    """Seconds, and at `most` how many they should be."""
    if most is None:
        return Row(work, spread(found), headline=headline)
    return Row(work, spread(found), f"at most {most:g} s", found.median <= most, headline)


def held(work: str, found: Measured, most: int | None = None) -> Row:
    """Memory of all processes together, and at `most` how many MB it should be."""
    value = f"{found.memory / MB:.0f} MB"
    if most is None:
        return Row(f"{work}{MEMORY}", value)
    return Row(f"{work}{MEMORY}", value, f"at most {most} MB", found.memory <= most * MB)


def faster(work: str, ours: Measured, theirs: Measured, least: float, *, headline: bool = False) -> Row:
    ratio = theirs.median / ours.median
    return Row(work, _ratio(ratio, "as fast", ours, theirs), f"at least {least:g} times", ratio >= least, headline)


def slower(work: str, ours: Measured, theirs: Measured, most: float, *, headline: bool = False) -> Row:
    ratio = ours.median / theirs.median
    return Row(work, _ratio(ratio, "as long", ours, theirs), f"at most {most:g} times", ratio <= most, headline)


def _ratio(ratio: float, what: str, *found: Measured) -> str:
    return f"{ratio:.{2 if ratio < 10 else 0}f} times {what}{_disturbed(*found)}"


def spread(found: Measured) -> str:
    """The median, and between which values it lies."""
    digits = 3 if found.median < 1 else 2 if found.median < 10 else 1
    least, most = min(found.seconds), max(found.seconds)
    runs = f"{least:.{digits}f} to {most:.{digits}f}, {counted(len(found.runs), 'run')}"
    return f"{found.median:.{digits}f} s ({runs}){_disturbed(found)}"


def _disturbed(*found: Measured) -> str:
    return ", disturbed" if any(one.is_disturbed for one in found) else ""

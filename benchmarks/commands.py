"""The commands of `onboard` in a large config repo, each as its user runs it: one process from start to end."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import count
from pathlib import Path

from benchmarks import fleet, growing
from benchmarks.fleet import FailedError
from benchmarks.harness import (
    MB,
    MEMORY,
    MODERATE,
    QUICK,
    Command,
    Given,
    Measured,
    Row,
    benchmark,
    held,
    measure,
    slower,
    took,
)
from benchmarks.harness import measure_in_turn as in_turn
from benchmarks.shapes import Shape, Size

START, COMMANDS, GROWTH = "Starting up", "Commands", "Growth"
CACHE = ".onboard/cache"
FILES = ("check", "--no-render")
TAGS = (f"v99.9.{number}" for number in count(10))
BARE = fleet.ROOT / "benchmarks/bare.py"
WITHOUT_GENERATED = fleet.ROOT / "benchmarks/without_generated.py"
COMPLETION = "completion of API names"


@dataclass(frozen=True, slots=True)
class Target:
    """A fleet that a command acts on, and an API of it."""

    folder: Path
    about: Shape
    environment: str

    @property
    def words(self) -> tuple[str, str]:
        return self.about.name, self.environment


def nothing(_: Target) -> None:
    """For commands that change nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """A command, what it may cost at 10,000 APIs in 3 environments, and what has to be done before each run.

    Seconds and MB. The run that warms up leaves known what `before` does not take away.
    """

    work: str
    words: Callable[[Target], tuple[str, ...]]
    seconds: float
    megabytes: int = 0
    before: Callable[[Target], None] = nothing
    runs: int = MODERATE
    headline: bool = False
    program: tuple[str | Path, ...] = (fleet.ONBOARD,)


def _without_cache(target: Target) -> None:
    _set_aside(target.folder / CACHE)


def _set_aside(folder: Path) -> None:
    """Until all is measured: a disk that has just deleted 100,000 files is slow for whoever writes some."""
    if folder.is_dir():
        shutil.move(folder, tempfile.mkdtemp(prefix="aside-", dir=_aside()))
    os.sync()


@cache
def _aside() -> str:
    """A folder on the disk of the fleets, which goes at the end."""
    place = tempfile.mkdtemp(prefix="onboard-bench-", dir=fleet.FLEETS)
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    return place


def _knowing(*words: str) -> Callable[[Target], None]:
    """What the command finds out of the whole fleet is known, but for an API whose image has changed since."""

    def prepare(target: Target) -> None:
        if not (target.folder / CACHE).is_dir():
            fleet.run(fleet.ONBOARD, *words, at=target.folder)
        fleet.run(fleet.ONBOARD, "bump", *target.words, fleet.new_image(target.about, next(TAGS)), at=target.folder)

    return prepare


def _without_generated(target: Target) -> None:
    _without_cache(target)
    _set_aside(target.folder / "generated")


def _unchanged_api(target: Target) -> None:
    where = f"apps/{target.about.name}"
    fleet.run("git", "checkout", "-q", "--", where, at=target.folder)
    fleet.run("git", "clean", "-q", "-f", "-d", "--", where, at=target.folder)


def _other_image(target: Target) -> str:
    return fleet.new_image(target.about, "v99.9.10")


# By the names under which `make bench ONLY=` finds them.
CASES: dict[str, Case] = {
    "check-files": Case(
        "`onboard check --no-render`, nothing known", lambda _: FILES, 20, 600, _without_cache, headline=True
    ),
    "check-files-alone": Case(
        "`onboard check --no-render` but for generated/, nothing known",
        lambda _: FILES,
        12,
        600,
        _without_cache,
        program=(sys.executable, WITHOUT_GENERATED),
        headline=True,
    ),
    "check-files-again": Case(
        "`onboard check --no-render`, all known but one API", lambda _: FILES, 20, 600, _knowing(*FILES), headline=True
    ),
    "check-cold": Case(
        "`onboard check`, nothing known", lambda _: ("check",), 150, 1000, _without_cache, headline=True
    ),
    "check-warm": Case(
        "`onboard check`, all known but one API", lambda _: ("check",), 25, 1000, _knowing("check"), headline=True
    ),
    "generate-all": Case(
        "`onboard generate`, from nothing, nothing known", lambda _: ("generate",), 18, 600, _without_generated
    ),
    "generate-nothing": Case("`onboard generate`, nothing to do", lambda _: ("generate",), 12, 600, headline=True),
    "bump": Case(
        "`onboard bump`",
        lambda target: ("bump", *target.words, _other_image(target)),
        0.4,
        before=_unchanged_api,
        runs=QUICK,
        headline=True,
    ),
    "request": Case(
        "`onboard request`",
        lambda target: ("request", *target.words, _other_image(target)),
        0.4,
        before=_unchanged_api,
        runs=QUICK,
        headline=True,
    ),
    "api-show": Case("`onboard api show`", lambda target: ("api", "show", target.about.name), 0.4, runs=QUICK),
    "api-list-cold": Case(
        "`onboard api list`, nothing known",
        lambda _: ("api", "list"),
        4,
        before=_without_cache,
        runs=QUICK,
        headline=True,
    ),
    "api-list": Case("`onboard api list`, all known", lambda _: ("api", "list"), 4, runs=QUICK, headline=True),
}


@cache
def cost(name: str, size: Size) -> Measured | FailedError:
    """What a case costs in a fleet; measured once, though both its row and the growth need it."""
    case = CASES[name]
    target = Target(fleet.cached(size), fleet.plain_api(size), size.names[-1])
    try:
        command = Command((*case.program, *case.words(target)), target.folder)
        return measure(command, case.runs, lambda: case.before(target))
    except FailedError as error:
        return error
    finally:
        _without_cache(target)
        fleet.restore(target.folder)


def _register(name: str, case: Case) -> None:
    @benchmark(COMMANDS, name)
    def rows(given: Given) -> Iterator[Row]:
        found = cost(name, given.size)
        if isinstance(found, FailedError):
            raise found
        yield took(case.work, found, case.seconds, headline=case.headline)
        if case.megabytes:
            yield held(case.work, found, case.megabytes)


for _name, _case in CASES.items():
    _register(_name, _case)


@benchmark(START, "help")
def help_(given: Given) -> Iterator[Row]:
    bare = Command((sys.executable, BARE, "--help"), given.place)
    found = in_turn({"ours": Command((fleet.ONBOARD, "--help"), given.place), "bare": bare}, QUICK)
    yield took("`onboard --help`", found["ours"])
    yield slower("`onboard --help`, against a bare typer program", found["ours"], found["bare"], 2, headline=True)


@benchmark(START, "complete")
def complete(given: Given) -> Iterator[Row]:
    """Every name of the large fleet that begins with a noun, as a shell asks for them."""
    found = _completions(given.size)
    yield took(COMPLETION, found["ours"])
    yield slower(f"{COMPLETION}, against that program", found["ours"], found["bare"], 1.2, headline=True)


@cache
def _completions(size: Size) -> dict[str, Measured]:
    """Measured once, though both their rows and the growth need them."""
    folder = fleet.cached(size)
    ours = _completing("onboard", "onboard api show pay", (fleet.ONBOARD,), folder)
    bare = _completing("bare", "bare show pay", (sys.executable, BARE), folder)
    return in_turn({"ours": ours, "bare": bare}, QUICK)


def _completing(name: str, line: str, words: tuple[str | Path, ...], folder: Path) -> Command:
    asked = {f"_{name.upper()}_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    return Command(words, folder, environment=asked)


@benchmark(GROWTH, "growth")
def growth(given: Given) -> Iterator[Row]:
    """The exponents of time and memory over the number of APIs: 1 is linear. `--help` looks at no fleet."""
    numbers = [max(10, given.size.apis // 100), given.size.apis // 10, given.size.apis]
    sizes = [Size(apis, given.size.environments, given.size.seed) for apis in numbers]
    for work, measured in GROWING.items():
        yield from _grown(work, {size.apis: measured(size) for size in sizes})


def _completion(size: Size) -> Measured | FailedError:
    try:
        return _completions(size)["ours"]
    except FailedError as error:
        return error


GROWING = {case.work: partial(cost, name) for name, case in CASES.items()} | {COMPLETION: _completion}


def _grown(work: str, found: Mapping[int, Measured | FailedError]) -> Iterator[Row]:
    known = {apis: one for apis, one in found.items() if isinstance(one, Measured)}
    times = tuple((apis, one.median) for apis, one in known.items())
    if failed := [apis for apis in found if apis not in known]:
        before = ", ".join(growing.told(times, growing.SECONDS)) or "nothing"
        yield Row(
            work, f"failed at {failed[0]:,} APIs; of the others {before}", f"at most {growing.LINEAR:g}", met=False
        )
        return
    yield growing.judged(work, times, growing.SECONDS)
    held_by = tuple((apis, one.memory / MB) for apis, one in known.items())
    if all(size for _, size in held_by):  # 0 is a run that ended before it was looked at
        yield growing.judged(f"{work}{MEMORY}", held_by, growing.MEGABYTES)

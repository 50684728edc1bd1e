"""The renderer: against `kustomize build` and `kubectl kustomize`, a whole fleet, one overlay, one change, and attacks.

Every overlay of a fleet has a strategic-merge patch, as real ones do: without one all of them are much faster.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import fleet, hostile
from benchmarks.fleet import FailedError
from benchmarks.harness import CORES, QUICK, Command, Given, Row, benchmark, faster, held, measure, took
from benchmarks.harness import measure_in_turn as in_turn

SECTION = "The renderer"
COMPARED = 500  # APIs
SAMPLE = 10  # of how many overlays `kubectl kustomize` renders one
CHECKED = 25  # overlays whose text is compared with that of kustomize


@benchmark(SECTION, "render-kustomize")
def against_kustomize(given: Given) -> Iterator[Row]:
    """As fast as a shell can make it: one process for each overlay, as many at a time as there are cores."""
    apis = min(COMPARED, given.size.apis)
    folder, kustomize = given.fleet(apis), _kustomize()
    overlays = _overlays(folder)
    _compare(folder, kustomize, overlays[:: len(overlays) // CHECKED or 1])
    compared = {"ours": _ours(folder, overlays), "kustomize": _each(folder, overlays, CORES, kustomize, "build")}
    sample = overlays[::SAMPLE]
    if shutil.which("kubectl"):
        compared["kubectl"] = _each(folder, sample, 1, "kubectl", "kustomize")
    found = in_turn(compared, runs=3)
    work, parallel = f"{len(overlays):,} overlays", f"`xargs -P{CORES} kustomize build`"
    yield took(f"{work}, our renderer", found["ours"])
    yield took(f"{work}, {parallel}", found["kustomize"])
    yield faster(f"{work}, against {parallel}", found["ours"], found["kustomize"], 15, headline=True)
    if "kubectl" not in found:
        yield Row(f"{work}, against `kubectl kustomize` one by one", "kubectl is not here")
        return
    kubectl = found["kubectl"].scaled(len(overlays) / len(sample))
    one_by_one = f"`kubectl kustomize` one by one ({_kubectl_version()}; {len(sample)} overlays, scaled)"
    yield took(f"{work}, {one_by_one}", kubectl)
    yield faster(f"{work}, against {one_by_one}", found["ours"], kubectl, 30)


@benchmark(SECTION, "render-fleet")
def whole_fleet(given: Given) -> Iterator[Row]:
    folder = given.fleet()
    overlays = _overlays(folder)
    found = measure(_ours(folder, overlays))
    work = f"{len(overlays):,} overlays to text, nothing cached"
    yield took(work, found, 100, headline=True)
    yield held(work, found, 600)


@benchmark(SECTION, "render-one")
def one_overlay(given: Given) -> Iterator[Row]:
    folder, about = given.fleet(), fleet.plain_api(given.size)
    command = Command((fleet.ONBOARD, "render", about.name, given.size.names[-1]), folder)
    yield took("`onboard render API ENV`", measure(command, QUICK), 0.45, headline=True)


@benchmark(SECTION, "diff")
def one_image(given: Given) -> Iterator[Row]:
    """The last commit of a fleet moves one image. Beside it, the same as a change that is not committed."""
    folder, about = given.fleet(), fleet.plain_api(given.size)
    committed = Command((fleet.ONBOARD, "diff", "HEAD~1", "HEAD"), folder)
    yield took("`onboard diff` of a commit that moves one image", measure(committed, QUICK), 0.8, headline=True)
    fleet.run(fleet.ONBOARD, "bump", about.name, given.size.names[-1], fleet.new_image(about, "v99.9.10"), at=folder)
    try:
        yield took(
            "`onboard diff` of the same, not committed", measure(Command((fleet.ONBOARD, "diff"), folder), QUICK)
        )
    finally:
        fleet.restore(folder)


@benchmark(SECTION, "hostile")
def attacks(_: Given) -> Iterator[Row]:
    """Every attack of the tests, each in a process of its own: what the worst of them costs."""
    words = (sys.executable, "-m", "benchmarks.hostile")
    found = {name: measure(Command(words, fleet.ROOT, request), runs=2) for name, request in hostile.attacks()}
    slowest = max(found, key=lambda name: found[name].median)
    largest = max(found, key=lambda name: found[name].memory)
    yield took(f"the slowest of {len(found)} hostile overlays: {slowest}", found[slowest], 5)
    yield held(f"the largest of {len(found)} hostile overlays: {largest}", found[largest], 300)


def _ours(folder: Path, overlays: Sequence[str]) -> Command:
    words = (sys.executable, "-m", "benchmarks.render_overlays", folder)
    return Command(words, fleet.ROOT, "\n".join(overlays).encode())


def _each(folder: Path, overlays: Sequence[str], at_once: int, *words: str | Path) -> Command:
    """A process for each overlay."""
    return Command(("xargs", "-P", str(at_once), "-n", "1", *words), folder, "\n".join(overlays).encode())


def _overlays(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.glob("apps/*/overlays/*"))


def _compare(folder: Path, kustomize: Path, overlays: Sequence[str]) -> None:
    """Raises FailedError unless both print the same: else their times would say nothing."""
    theirs = "".join(fleet.run(kustomize, "build", overlay, at=folder) for overlay in overlays)
    ours = fleet.run(*map(str, _ours(folder, overlays).words), at=fleet.ROOT, stdin=["\n".join(overlays).encode()])
    if ours != theirs:
        raise FailedError("our renderer and kustomize print different texts")


def _kustomize() -> Path:
    script = fleet.ROOT / "tests/tools/install_kustomize.sh"
    done = subprocess.run(["bash", script], capture_output=True, text=True, check=False)
    if done.returncode:
        raise FailedError(f"no kustomize: {done.stderr.strip()[-200:]}")
    return Path(done.stdout.strip().splitlines()[-1])


def _kubectl_version() -> str:
    said = subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, check=False).stdout
    found = [line.partition(": ")[2] for line in said.splitlines() if line.startswith("Kustomize Version")]
    return f"kustomize {found[0]}" if found else "of unknown version"

"""The gate in a bare clone of a large config repo: one process for each pull request, from start to end."""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks import fleet
from benchmarks.fleet import FailedError
from benchmarks.harness import MODERATE, QUICK, Command, Given, Measured, Row, benchmark, held, measure, once, took

SECTION = "The gate"
PLATFORM_TEAM = "platform-team"
BOUND = re.compile("maxReplicas: ([0-9]+)")


@benchmark(SECTION, "gate")
def gate(given: Given) -> Iterator[Row]:
    """A release request, and a change of one overlay. None of both reads the fleet."""
    folder = given.fleet()
    bare, base = _bare(given, folder)
    asked = measure(Command(_judging(base, *_request(given, folder, bare, base)), bare), QUICK)
    yield took("`onboard gate` of a release request, bare clone", asked, 1.0, headline=True)
    yield held("`onboard gate` of a release request, bare clone", asked, 200)
    changed = measure(Command(_judging(base, *_tenant_change(folder, bare, base)), bare), QUICK)
    yield took("`onboard gate` of a change of one overlay, bare clone", changed, 1.2, headline=True)
    yield took(
        "`onboard gate --staged` of a release request, which is the hook", _hook(given, folder), 0.6, headline=True
    )


@benchmark(SECTION, "gate-platform")
def gate_platform(given: Given) -> Iterator[Row]:
    """Changes of the platform team's: of one API, which reads what all declare, and of all."""
    folder = given.fleet()
    bare, base = _bare(given, folder)
    moved = Command(_judging(base, _metadata_change(given, folder, bare, base), PLATFORM_TEAM), bare)
    known = bare / ".onboard"
    fresh = measure(moved, MODERATE, partial(shutil.rmtree, known, ignore_errors=True))
    yield took("`onboard gate` of a change of one API's metadata, bare clone, nothing known", fresh, 3.0)
    yield took(
        "`onboard gate` of a change of one API's metadata, bare clone", measure(moved, QUICK), 3.0, headline=True
    )
    # A comment in platform.yaml: everything is judged, and the renders of the base are left behind.
    before = once(Command(_judging(base, _comment(folder, bare, base), PLATFORM_TEAM), bare), sampled=True)
    changed = once(Command(_judging(base, _component(folder, bare, base), PLATFORM_TEAM), bare))
    all_ = Measured((changed,), before.memory)
    yield took("`onboard gate` of a component of all APIs, the base rendered before", all_, 180, headline=True)
    yield held("`onboard gate` of a component of all APIs", all_)


def _hook(given: Given, folder: Path) -> Measured:
    about = fleet.plain_api(given.size)
    words = about.name, given.size.names[-1], fleet.new_image(about, "v99.9.10")
    try:
        fleet.run(fleet.ONBOARD, "request", *words, at=folder)
        fleet.run("git", "add", f"apps/{about.name}/requests", at=folder)
        return measure(Command((fleet.ONBOARD, "gate", "--staged"), folder), QUICK)
    finally:
        fleet.restore(folder)


def _comment(folder: Path, bare: Path, base: str) -> str:
    return _commit(bare, base, {"platform.yaml": (folder / "platform.yaml").read_bytes() + b"# A comment.\n"})


def _component(folder: Path, bare: Path, base: str) -> str:
    """A commit that gives all Deployments an annotation, in the component that all APIs have."""
    [file] = sorted(folder.glob("components/*/kustomization.yaml"))
    metadata = "metadata: {name: any}"
    text = file.read_text()
    if metadata not in text:
        raise FailedError(f"{file} has no {metadata!r}")
    text = text.replace(metadata, "metadata: {name: any, annotations: {example.com/bench: a}}")
    return _commit(bare, base, {file.relative_to(folder).as_posix(): text.encode()})


def _bare(given: Given, folder: Path) -> tuple[Path, str]:
    """A clone in a folder of its own, and the commit that main is."""
    bare = Path(tempfile.mkdtemp(suffix=".git", dir=given.place))
    fleet.run("git", "clone", "-q", "--bare", "--shared", folder, bare, at=given.place)
    return bare, fleet.run("git", "rev-parse", "main", at=bare).strip()


def _judging(base: str, head: str, team: str) -> tuple[str | Path, ...]:
    return fleet.ONBOARD, "gate", base, head, "--teams", team


def _request(given: Given, folder: Path, bare: Path, base: str) -> tuple[str, str]:
    """A commit that asks for a release, and the team of the API."""
    about = fleet.plain_api(given.size)
    words = about.name, given.size.names[-1], fleet.new_image(about, "v99.9.10")
    try:
        fleet.run(fleet.ONBOARD, "request", *words, at=folder)
        requests = f"apps/{about.name}/requests"
        [path] = fleet.run("git", "ls-files", "--others", "--", requests, at=folder).splitlines()
        return _commit(bare, base, {path: (folder / path).read_bytes()}), _team(folder, about.name)
    finally:
        fleet.restore(folder)


def _tenant_change(folder: Path, bare: Path, base: str) -> tuple[str, str]:
    """A commit that lowers the bound of an autoscaler in an overlay of the first API that may do so, and its team."""
    for metadata in sorted(folder.glob("apps/*/metadata.yaml")):
        api = metadata.parent.name
        overlay = metadata.parent / "overlays/prod/kustomization.yaml"
        if "capability: L2" in metadata.read_text() and "maxReplicas: " in overlay.read_text():
            text = BOUND.sub(lambda found: f"maxReplicas: {int(found[1]) - 1}", overlay.read_text(), 1)
            path = overlay.relative_to(folder).as_posix()
            return _commit(bare, base, {path: text.encode()}), _team(folder, api)
    raise FailedError("there is no API at L2 with an autoscaler in an overlay")


def _team(folder: Path, api: str) -> str:
    lines = (folder / f"apps/{api}/metadata.yaml").read_text().splitlines()
    return next(line.partition(": ")[2] for line in lines if line.startswith("team: "))


def _metadata_change(given: Given, folder: Path, bare: Path, base: str) -> str:
    """A commit that moves a route, with what is generated for it."""
    metadata = folder / f"apps/{fleet.plain_api(given.size).name}/metadata.yaml"
    text = metadata.read_text()
    moved = text.replace("  - prefix: /", "  - prefix: /moved/", 1)
    if moved == text:
        raise FailedError(f"{metadata} has no route")
    try:
        metadata.write_text(moved)
        fleet.run(fleet.ONBOARD, "generate", at=folder)
        paths = fleet.run("git", "diff", "--name-only", at=folder).splitlines()
        return _commit(bare, base, {path: (folder / path).read_bytes() for path in paths})
    finally:
        fleet.restore(folder)


def _commit(bare: Path, base: str, files: Mapping[str, bytes]) -> str:
    """A commit of some files on top of the base."""
    head = f"commit refs/heads/topic\ncommitter Bench <bench@example.com> 1700000000 +0000\ndata 1\nx\nfrom {base}\n"
    written = [b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data) for path, data in files.items()]
    fleet.run("git", "fast-import", "--quiet", "--force", at=bare, stdin=[head.encode(), *written])
    return fleet.run("git", "rev-parse", "topic", at=bare).strip()

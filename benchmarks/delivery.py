"""A delivery by a real Argo CD: how soon its cluster is there, and how soon a release request runs.

The cluster is that of the end-to-end tests, in which pods are simulated: no image is
pulled, and pods start at once.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from os import environ
from pathlib import Path
from statistics import median
from unittest.mock import patch

from benchmarks import fleet
from benchmarks.fleet import FailedError
from benchmarks.harness import Command, Given, Measured, Row, Run, benchmark, held, memory, once, stopwatch, took
from onboarding_tool.delivery import SETTLED
from tests.cluster import argocd, controlplane
from tests.cluster.conditions import delivered
from tests.cluster.config_repo import ENVIRONMENT, TENANT, image
from tests.cluster.delivery import Delivery, application, prepared
from tests.cluster.processes import working_below
from tests.cluster.tools import MissingToolError, Tools, ensure

SECTION = "Delivery"
STARTS, RELEASES = 5, 20
API = "payments"
WITHIN = 120  # seconds that a release may take before it counts as failed


@benchmark(SECTION, "fixture")
def fixture(given: Given) -> Iterator[Row]:
    """What the end-to-end tests wait for first."""
    programs = _programs()
    starts = [_start(programs, given.place / f"start-{number}") for number in range(STARTS)]
    clusters, both = (Measured(tuple(runs)) for runs in zip(*starts, strict=True))
    yield took("Kubernetes, from nothing to ready", clusters)
    work = "Kubernetes and Argo CD, from nothing to ready"
    yield took(work, both, 20)
    yield held(work, Measured(both.runs, round(median(run.memory for run in both.runs))))


def _start(programs: Tools, folder: Path) -> tuple[Run, Run]:
    """Until the cluster is ready, and until Argo CD on it is, too; with the memory that both take then."""
    passed = stopwatch()
    with controlplane.running(programs, folder / "cluster", "measured") as cluster:
        ready = passed()
        with argocd.running(programs, cluster, folder / "argocd"):
            return ready, passed(sum(map(memory, working_below(folder))))


@benchmark(SECTION, "delivery")
def delivery(given: Given) -> Iterator[Row]:
    """One API, released again and again; the first time only warms up."""
    with _delivering(given.place / "delivery") as config:
        begin(config)
        _, *found = [release(config, f"v2.0.{number}") for number in range(RELEASES + 1)]
    yield from rows(found)


@contextmanager
def _delivering(folder: Path) -> Iterator[Delivery]:
    programs = _programs()
    with (
        patch.dict(environ, fleet.environment(), clear=True),
        controlplane.running(programs, folder / "cluster", "measured") as cluster,
        argocd.running(programs, cluster, folder / "argocd") as running,
        prepared(running, cluster, folder) as config,
    ):
        yield config


def _programs() -> Tools:
    try:
        return ensure(partial(print, file=sys.stderr))
    except MissingToolError as error:
        raise FailedError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Release:
    """One release in its parts."""

    ours: Run  # one process that applies the request, pushes, and asks Argo CD to look
    healthy: Run  # from its end until the new image runs
    told: Run  # from its end until `onboard wait` has said so


def begin(config: Delivery) -> None:
    """An API of a config repo whose pipeline may ask Argo CD to look, until it is healthy."""
    config.repo.edit("platform.yaml", "refresh: false", "refresh: true")
    config.add(TENANT, API)
    config.begin(API)


def release(config: Delivery, tag: str) -> Release:
    """A request for that tag is on main when the clock starts; from there on it goes as in a pipeline."""
    folder, name = config.repo.folder, application(API)
    push = Command(("git", "push", "-q", "origin", "main"), folder)
    config.repo.onboard("request", API, ENVIRONMENT, f"{image(API)}:{tag}")
    config.commit(f"Request {tag}")
    once(push)
    kubeconfig = {"KUBECONFIG": str(config.cluster.kubeconfig)}
    applied = once(Command((fleet.ONBOARD, "release", "apply", "--push"), folder, environment=kubeconfig))
    passed, commit = stopwatch(), config.repo.head()
    with _waiting(config):
        config.argocd.wait_until(delivered(commit, f"{image(API)}:{tag}"), name, WITHIN)
        healthy = passed()
    told = passed()
    config.argocd.wait_until(argocd.rested, name)
    return Release(applied, healthy, told)


@contextmanager
def _waiting(config: Delivery) -> Iterator[None]:
    """`onboard wait`, from its start to its end. Raises FailedError if it does not say that all is well."""
    command = (fleet.ONBOARD, "wait", API, ENVIRONMENT, "--timeout", f"{WITHIN}s")
    settings = {**fleet.environment(), "KUBECONFIG": str(config.cluster.kubeconfig)}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=config.repo.folder, env=settings, stdout=quiet, stderr=quiet) as process:
        yield
    if process.returncode:
        raise FailedError(f"`onboard wait` ended with {process.returncode}")


def rows(found: Sequence[Release]) -> Iterator[Row]:
    def all_of(part: Callable[[Release], Run]) -> Measured:
        return Measured(tuple(map(part, found)))

    ours = "`onboard release apply --push`: applied, pushed, Argo CD asked to look"
    yield took(ours, all_of(lambda one: one.ours), 1, headline=True)
    work = "from the push to an Application that is Synced and Healthy with the new image"
    yield took(work, all_of(lambda one: one.healthy), headline=True)
    work = f"from the push to the end of `onboard wait`, which looks for {SETTLED:g} s whether it stays so"
    yield took(work, all_of(lambda one: one.told))

"""Waiting for a release: several watches at once, one clock, and what is said of what they show."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from onboarding_tool import delivery
from onboarding_tool.adapters.cluster import APPLICATIONS, DEPLOYMENTS, PODS, Cluster, Query, Value
from onboarding_tool.delivery import Contains, Phase, Seen, State, Wanted

Snapshot = dict[str, Value]
TICK = 0.5  # seconds between two looks at the clock
STEPS = {Phase.SYNCING: "noticed", Phase.PROGRESSING: "synced", Phase.HEALTHY: "healthy"}
ORDER = (Phase.SYNCING, Phase.PROGRESSING, Phase.HEALTHY)


class Result(StrEnum):
    """What became of a release, as release outcomes say it."""

    HEALTHY = "healthy"
    FAILED = "failed"
    TIMED_OUT = "timed-out"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to look: the Application in Argo CD's cluster, and the namespace in the environment's."""

    argocd: Cluster
    argocd_namespace: str
    application: str
    cluster: Cluster
    namespace: str


@dataclass(frozen=True, slots=True)
class Waited:
    """How it ended. `seconds` from the beginning until each step was reached."""

    result: Result
    state: State
    revision: str
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds on the clock, and when to give up."""

    began: float
    limit: float

    def passed(self) -> float:
        return time.monotonic() - self.began

    def left(self) -> float:
        return self.limit - self.passed()


def wait(
    target: Target,
    wanted: Wanted,
    at: Callable[[str], Wanted],
    contains: Contains,
    limit: float,
    tell: Callable[[State], None],
) -> Waited:
    """Until the release is healthy, has failed for good, or `limit` seconds have passed.

    `at` gives what another commit asks for: where a later one overtook ours, that is what must run. `tell` hears each
    state, and the last one again while nothing changes. Raises ForbiddenError.
    """
    clock = Clock(time.monotonic(), limit)
    seconds: dict[str, float] = {}
    nothing = State(Phase.UNNOTICED, f"nothing has been heard of {target.argocd.name} yet")
    state, since = nothing, clock.passed()
    revision = ""
    silent: dict[str, str] = {}
    for seen in _followed(target, silent):
        if seen is not None:
            revision = delivery.revision(seen)
            ours = at(revision) if revision and contains(revision) else wanted
            found = delivery.state(replace(ours, revision=wanted.revision), seen, contains)
            since = since if found.phase is state.phase else clock.passed()
            state = found
            _note(seconds, state.phase, clock.passed())
        elif state.message.startswith(nothing.message) and silent:
            state = replace(nothing, message=f"{nothing.message}: {'; '.join(sorted(set(silent.values())))}")
        tell(state)
        if state.final_after is not None and clock.passed() - since >= state.final_after:
            result = Result.HEALTHY if state.phase is Phase.HEALTHY else Result.FAILED
            return Waited(result, state, revision, seconds)
        if clock.left() <= 0:
            break
    return Waited(Result.TIMED_OUT, state, revision, seconds)


def _note(seconds: dict[str, float], phase: Phase, passed: float) -> None:
    """A step counts as reached when it, or a later one, is seen first."""
    if phase in ORDER:
        for reached in ORDER[: ORDER.index(phase) + 1]:
            seconds.setdefault(STEPS[reached], round(passed, 1))


def _followed(target: Target, silent: dict[str, str]) -> Iterator[Seen | None]:
    """What is seen, after each change; None after each TICK without one. `silent` gets who does not answer, and why."""
    queries = {
        "application": (target.argocd, _one(target)),
        "deployments": (target.cluster, Query(DEPLOYMENTS, target.namespace)),
        "pods": (target.cluster, Query(PODS, target.namespace)),
    }
    news: queue.SimpleQueue[tuple[str, Snapshot | BaseException]] = queue.SimpleQueue()
    for name, (cluster, query) in queries.items():
        threading.Thread(target=_follow, args=(name, cluster, query, news, silent), daemon=True).start()
    known: dict[str, Snapshot] = {}
    while True:
        try:
            name, snapshot = news.get(timeout=TICK)
        except queue.Empty:
            yield None
            continue
        if isinstance(snapshot, BaseException):
            raise snapshot
        known[name] = snapshot
        if news.empty() and len(known) == len(queries):
            yield Seen(known["application"].get(target.application), known["deployments"], known["pods"])


def _one(target: Target) -> Query:
    return Query(APPLICATIONS, target.argocd_namespace, fields=f"metadata.name={target.application}")


def _follow(
    name: str,
    cluster: Cluster,
    query: Query,
    news: "queue.SimpleQueue[tuple[str, Snapshot | BaseException]]",
    silent: dict[str, str],
) -> None:
    """In a thread of its own, which ends with the process: a watch cannot be interrupted."""
    try:
        for snapshot in cluster.follow(query, lambda error: silent.update({name: error.message})):
            silent.pop(name, None)
            news.put((name, snapshot))
    except BaseException as error:
        news.put((name, error))

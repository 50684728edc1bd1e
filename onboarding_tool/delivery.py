"""How far a release has come, judged by what Kubernetes says of its Application, its Deployments and its pods. Pure.

Trusted is only what cannot be said of an older state: that Argo CD has compared our commit or a later one, that no
sync is under way, and that the containers run the wanted images. "Synced" and "Healthy" alone are said of the release
before as well. Source of the fields: pkg/apis/application/v1alpha1/types.go of Argo CD 3.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from onboarding_tool import images
from onboarding_tool.checks.facts.selectors import selects
from onboarding_tool.model import Object, mapping, sequence, text
from onboarding_tool.wording import counted, listed

Value = Mapping[str, Any]

# Seconds for which a state must last to be believed: health is a moment behind, and an error may be about to go.
SETTLED = 2.0
PERSISTENT = 30.0
# A pod that waits for one of these waits for nothing that is wrong.
HARMLESS = frozenset({"ContainerCreating", "PodInitializing"})
SHOWN = 3  # reasons in one sentence
# Conditions of an Application that say an error; those that end in Warning do not.
ERRORS = ("InvalidSpecError", "ComparisonError", "SyncError", "DeletionError", "UnknownError")


class Phase(StrEnum):
    """Where a release stands."""

    UNNOTICED = "unnoticed"
    SYNCING = "syncing"
    SYNC_FAILED = "sync-failed"
    PROGRESSING = "progressing"
    DEGRADED = "degraded"
    SUSPENDED = "suspended"
    HEALTHY = "healthy"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a commit asks for: the images of declared containers by (Deployment, container)."""

    revision: str
    images: Mapping[tuple[str, str], str]
    is_automatic: bool = True  # whether Argo CD syncs by itself


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clusters say now. `application` is None if there is none."""

    application: Value | None = None
    deployments: Mapping[str, Value] = field(default_factory=dict)
    pods: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """Where a release stands, as a sentence. After `final_after` seconds of it nothing better is to be expected; None:
    it may still become anything.
    """

    phase: Phase
    message: str
    final_after: float | None = None


# Whether a commit contains the wanted one; None if nobody here knows that commit.
Contains = Callable[[str], bool | None]


def revision(seen: Seen) -> str:
    """The commit that Argo CD compared last; "" if it compared none."""
    return text(_status(seen, "sync").get("revision"))


def state(wanted: Wanted, seen: Seen, contains: Contains) -> State:
    """Where the release stands that brings what is wanted."""
    if seen.application is None:
        return State(Phase.UNNOTICED, "there is no Application yet: its parent in Argo CD makes it")
    return _not_compared(wanted, seen, contains) or _not_synced(wanted, seen, contains) or _not_running(wanted, seen)


def _not_compared(wanted: Wanted, seen: Seen, contains: Contains) -> State | None:
    compared = revision(seen)
    known = contains(compared) if compared else False
    if known:
        return _refused(seen, ("InvalidSpecError", "ComparisonError"))
    if broken := _refused(seen, ("InvalidSpecError", "ComparisonError")):
        return broken
    where = f"it stands at {compared[:12]}" if compared else "it has compared nothing yet"
    if known is None:
        where += ", which this clone does not know: `git fetch` may bring it"
    return State(Phase.UNNOTICED, f"Argo CD has not seen {wanted.revision[:12]}: {where}")


def _refused(seen: Seen, kinds: Sequence[str]) -> State | None:
    for condition in sequence(_status(seen).get("conditions")):
        kind = text(mapping(condition).get("type"))
        if kind in kinds:
            said = _short(text(mapping(condition).get("message")))
            return State(Phase.SYNC_FAILED, f"Argo CD says {kind}: {said}", PERSISTENT)
    return None


def _not_synced(wanted: Wanted, seen: Seen, contains: Contains) -> State | None:
    operation = _status(seen, "operationState")
    phase = text(operation.get("phase"))
    wrong = listed(_failing_resources(operation), "") or _short(text(operation.get("message")))
    if mapping(seen.application).get("operation") or phase in ("Running", "Terminating"):
        tries = operation.get("retryCount")
        again = f", try {tries + 1}" if isinstance(tries, int) and tries else ""
        return State(Phase.SYNCING, f"Argo CD is syncing{again}{f': {wrong}' if wrong else ''}")
    is_ours = contains(text(mapping(operation.get("syncResult")).get("revision"))) is True
    if phase in ("Failed", "Error") and is_ours:
        return State(Phase.SYNC_FAILED, f"the sync failed: {wrong}", PERSISTENT / 2)
    if text(_status(seen, "sync").get("status")) != "Synced":
        if refused := _refused(seen, ERRORS):
            return refused
        if not wanted.is_automatic:
            return State(Phase.SYNCING, "a person must sync it: the environment has `sync: manual`")
        return State(Phase.SYNCING, "Argo CD has seen the commit and is about to sync")
    if text(operation.get("finishedAt")) > text(_status(seen).get("reconciledAt")):
        return State(Phase.SYNCING, "Argo CD has synced and is about to look at what became of it")
    return None


def _failing_resources(operation: Value) -> list[str]:
    """What could not be applied, each with what Kubernetes or Argo CD said."""
    found = []
    for item in map(mapping, sequence(mapping(operation.get("syncResult")).get("resources"))):
        if text(item.get("status")) == "SyncFailed" or text(item.get("hookPhase")) in ("Failed", "Error"):
            what = "the hook " if item.get("hookType") else ""
            found.append(f"{what}{item.get('kind')} {item.get('name')}: {_short(text(item.get('message')))}")
    return found[:SHOWN]


def _not_running(wanted: Wanted, seen: Seen) -> State:
    health = text(_status(seen, "health").get("status"))
    behind = list(_behind(wanted, seen))
    reasons = list(dict.fromkeys(reason for _, name in _deployments(wanted, seen) for reason in _reasons(seen, name)))
    why = f": {listed(reasons[:SHOWN])}" if reasons else ""
    if health == "Degraded":
        return State(Phase.DEGRADED, f"it is degraded{why or _said(seen)}", PERSISTENT)
    if health == "Suspended":
        return State(Phase.SUSPENDED, f"it is suspended{_said(seen)}")
    if behind:
        return State(Phase.PROGRESSING, f"{listed(behind[:SHOWN])}{why}")
    if health != "Healthy":
        return State(Phase.PROGRESSING, f"its health is {health or 'not known yet'}{why or _said(seen)}")
    return State(Phase.HEALTHY, _running(wanted, seen), SETTLED)


def _behind(wanted: Wanted, seen: Seen) -> Iterator[str]:
    """What does not run as wanted yet."""
    for deployment, name in _deployments(wanted, seen):
        if deployment is None:
            yield f"there is no Deployment {name}"
            continue
        if late := _late(wanted, deployment, name):
            yield late
            continue
        yield from _rollout(deployment, name)
        old = [pod for pod in _pods(seen, deployment) if not _is_ending(pod) and not _runs(wanted, pod, name)]
        if old:
            yield f"{counted(len(old), 'pod')} of {name} {'runs' if len(old) == 1 else 'run'} another image"


def _deployments(wanted: Wanted, seen: Seen) -> list[tuple[Value | None, str]]:
    names = dict.fromkeys(deployment for deployment, _ in wanted.images)
    return [(seen.deployments.get(name), name) for name in names]


def _late(wanted: Wanted, deployment: Value, name: str) -> str:
    """Which container the cluster's Deployment itself does not want to run as the commit says; "" if none."""
    found = _images(Object("", 0, (), deployment))
    for (owner, container), image in wanted.images.items():
        if owner == name and not _same(found.get(container, ""), image):
            return f"{container} of {name} is to run {_tag(found.get(container, ''))}, not {_tag(image)}"
    return ""


def _rollout(deployment: Value, name: str) -> Iterator[str]:
    metadata, status = mapping(deployment.get("metadata")), mapping(deployment.get("status"))
    wanted = _number(mapping(deployment.get("spec")).get("replicas"), 1)
    updated, ready = _number(status.get("updatedReplicas")), _number(status.get("availableReplicas"))
    if _number(status.get("observedGeneration")) < _number(metadata.get("generation")):
        yield f"{name} has not begun to roll"
    elif updated < wanted or _number(status.get("replicas")) > updated or ready < wanted:
        yield f"{name} rolls: {min(updated, ready)} of {counted(wanted, 'pod')} ready"


def _reasons(seen: Seen, name: str) -> Iterator[str]:
    """Why pods of a Deployment do not run, in Kubernetes' own words: of the Deployment first, since then there are no
    pods that could say it.
    """
    deployment = seen.deployments.get(name)
    if deployment is None:
        return
    for condition in map(mapping, sequence(mapping(deployment.get("status")).get("conditions"))):
        if (condition.get("type"), condition.get("status")) == ("ReplicaFailure", "True"):
            yield f"no pod of {name} can be made: {_short(text(condition.get('message')))}"
        if (condition.get("type"), condition.get("reason")) == ("Progressing", "ProgressDeadlineExceeded"):
            yield f"{name} did not get ready in its time"
    for pod in _pods(seen, deployment):
        if not _is_ending(pod):
            yield from _pod_reasons(pod)


def _pod_reasons(pod: Value) -> Iterator[str]:
    status = mapping(pod.get("status"))
    for condition in map(mapping, sequence(status.get("conditions"))):
        if (condition.get("type"), condition.get("reason")) == ("PodScheduled", "Unschedulable"):
            yield f"no node takes a pod: {_short(text(condition.get('message')))}"
    for group in ("initContainerStatuses", "containerStatuses"):
        for container in map(mapping, sequence(status.get(group))):
            waiting = mapping(mapping(container.get("state")).get("waiting"))
            reason = text(waiting.get("reason"))
            if reason and reason not in HARMLESS:
                said = _short(text(waiting.get("message")))
                yield f"{reason} in {container.get('name')}{f': {said}' if said else ''}"
            elif not reason and not container.get("ready"):
                yield from _restarts(container)


def _restarts(container: Value) -> Iterator[str]:
    """Between two crashes a container just runs, and is not ready yet."""
    ended = mapping(mapping(container.get("lastState")).get("terminated"))
    if ended and (times := _number(container.get("restartCount"))):
        why = f"{text(ended.get('reason')) or 'an end'} (exit code {ended.get('exitCode')})"
        yield f"{container.get('name')} was started again {counted(times, 'time')} after {why}"


def _pods(seen: Seen, deployment: Value) -> list[Value]:
    selector = mapping(mapping(deployment.get("spec")).get("selector"))
    return [pod for pod in seen.pods.values() if selects(selector, mapping(mapping(pod.get("metadata")).get("labels")))]


def _is_ending(pod: Value) -> bool:
    """Whether it is being deleted, or ended and is kept only to be looked at, as after an eviction."""
    is_deleted = bool(mapping(pod.get("metadata")).get("deletionTimestamp"))
    return is_deleted or text(mapping(pod.get("status")).get("phase")) in ("Failed", "Succeeded")


def _runs(wanted: Wanted, pod: Value, deployment: str) -> bool:
    found = _images(Object("", 0, (), {**pod, "kind": "Pod"}))
    return all(
        _same(found.get(container, ""), image)
        for (owner, container), image in wanted.images.items()
        if owner == deployment
    )


def _images(item: Object) -> dict[str, str]:
    """The image of each container and init container, by its name."""
    kind = item.kind or "Deployment"
    known = Object("", 0, (), {**item.value, "kind": kind})
    return {text(container.get("name")): text(container.get("image")) for _, container in known.containers()}


def _same(one: str, other: str) -> bool:
    return images.parse(one) == images.parse(other)


def _running(wanted: Wanted, seen: Seen) -> str:
    """`app v2.0.0 runs in 3 pods`."""
    parts = []
    for deployment, name in _deployments(wanted, seen):
        pods = [pod for pod in _pods(seen, deployment or {}) if not _is_ending(pod)]
        told = [f"{container} {_tag(image)}" for (owner, container), image in wanted.images.items() if owner == name]
        parts.append(f"{listed(told)} {'runs' if len(told) == 1 else 'run'} in {counted(len(pods), 'pod')}")
    return listed(parts, "nothing is declared to run")


def _tag(image: str) -> str:
    """What tells two versions of an image apart."""
    parsed = images.parse(image)
    return parsed.tag or (parsed.digest or "")[: images.SHORT_DIGEST] or image or "nothing"


def _status(seen: Seen, *keys: str) -> Value:
    found = mapping(mapping(seen.application).get("status"))
    for key in keys:
        found = mapping(found.get(key))
    return found


def _said(seen: Seen) -> str:
    said = _short(text(_status(seen, "health").get("message")))
    return f": {said}" if said else ""


def _number(value: Any, otherwise: int = 0) -> int:
    return value if isinstance(value, int) else otherwise


def _short(message: str) -> str:
    """One line of at most 300 characters: some messages hold whole manifests. What is wrong stands at one of the ends:
    kustomize names first the folder that it was asked for, and last the file in it.
    """
    line = " ".join(message.split())
    return line if len(line) <= 300 else f"{line[:100]} … {line[-197:]}"

"""What an API asks of its namespace at most, against the quota of platform.yaml."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.rules import quota_exceeded
from onboarding_tool.model import Object, mapping, sequence, text
from onboarding_tool.quantities import quantity

PODS = "pods"


def demand(objects: Iterable[Object]) -> Mapping[str, Fraction]:
    """What the pods of these objects ask for in sum, by the names that a ResourceQuota has for it.

    As many pods as an HPA may make of a workload, else as many as it says. Init containers run one after the other,
    before the others do: the largest counts, if it is more than all of those. Sidecars, which are listed among them,
    stay, so they count beside whatever comes after them.
    """
    known = list(objects)
    found: dict[str, Fraction] = defaultdict(Fraction)
    for item in known:
        _, pod = item.pod()
        if pod and (number := _pods(item, known)):
            for name, amount in _of_pod(pod).items():
                found[name] += amount * number
    return found


def autoscaler(objects: Iterable[Object], kind: str, name: str) -> Object | None:
    """The HPA of a workload; None if it has none."""
    for item in objects:
        target = mapping(item.get("spec", "scaleTargetRef"))
        if item.kind == "HorizontalPodAutoscaler" and (target.get("kind"), target.get("name")) == (kind, name):
            return item
    return None


def _pods(item: Object, objects: Iterable[Object]) -> int:
    scaled = autoscaler(objects, item.kind, item.name)
    return _whole(scaled.get("spec", "maxReplicas") if scaled else item.get("spec", "replicas"), 1)


def _whole(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _of_pod(pod: Mapping[str, Any]) -> Mapping[str, Fraction]:
    running: dict[str, Fraction] = defaultdict(Fraction)
    starting: dict[str, Fraction] = {}
    for container in sequence(pod.get("initContainers")):
        is_sidecar = mapping(container).get("restartPolicy") == "Always"
        for name, amount in _sums([container]).items():
            if is_sidecar:
                running[name] += amount
            else:
                starting[name] = max(starting.get(name, amount), running[name] + amount)
    for name, amount in _sums(sequence(pod.get("containers"))).items():
        running[name] += amount
    return {PODS: Fraction(1), **running, **{name: max(most, running[name]) for name, most in starting.items()}}


def _sums(containers: Iterable[Any]) -> dict[str, Fraction]:
    """Of what has a limit and no request, Kubernetes requests the limit; what is null is not there."""
    found: dict[str, Fraction] = {}
    for container in containers:
        resources = mapping(mapping(container).get("resources"))
        limits, requests = (_given(resources.get(section)) for section in ("limits", "requests"))
        for section, amounts in (("requests", {**limits, **requests}), ("limits", limits)):
            for name, amount in amounts.items():
                with suppress(ValueError):  # which the rule rendered-amount-invalid says
                    key = f"{section}.{name}"
                    found[key] = found.get(key, Fraction()) + quantity(str(amount))
    return found


def _given(amounts: Any) -> Mapping[str, Any]:
    return {name: amount for name, amount in mapping(amounts).items() if amount is not None}


def growth(quota: Iterable[str], before: Iterable[Object], after: Iterable[Object]) -> Mapping[str, Fraction]:
    """What would be asked for in sum of that of which more would be asked for than before."""
    old, new = demand(before), demand(after)
    return {name: amount for name in quota if (amount := _of(new, name)) > _of(old, name)}


def judge(
    quota: Mapping[str, str], environment: str, path: str, asked: Mapping[str, Fraction], beside: Iterable[Object]
) -> Iterator[Finding]:
    """What grows above the quota. `asked`: of what grows; `beside`: what else lives in the namespace."""
    there = demand(beside)
    for name, amount in asked.items():
        others = _of(there, name)
        with suppress(ValueError):
            if amount + others > quantity(text(quota[name])):
                what = f"{environment} would ask for {name} of {_shown(amount)}"
                shared = f", and what else lives in its namespace asks for {_shown(others)}" if others else ""
                hint = "Ask for less, or ask the platform team for more."
                problem = f"{what}{shared}: the quota is {quota[name]}"
                yield Finding(path, 1, 1, quota_exceeded.RULE, problem, hint, who=Who.APP_TEAM)


def _of(found: Mapping[str, Fraction], name: str) -> Fraction:
    """A quota of `cpu` is one of `requests.cpu`."""
    return found.get(name, found.get(f"requests.{name}", Fraction()))


def _shown(amount: Fraction) -> str:
    for suffix, factor in (("Gi", 1024**3), ("Mi", 1024**2)):
        if amount >= factor:
            return f"{float(amount / factor):.4g}{suffix}"
    return f"{float(amount):.4g}"

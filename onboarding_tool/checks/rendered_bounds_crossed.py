"""No lower bound comes out above its upper bound: of an autoscaler's pods, or of what a container asks for.

An autoscaler's bounds are above zero, too. Only one that scales by a metric of type Object or External may go down to
no pods: without pods nobody could tell their CPU.

Kubernetes refuses such an object as a whole, so the delivery stops, and the next release with it. Two changes that are
right alone make one together: one lowers a limit, the other raises a request.

Bad:

    # apps/payments/base/hpa.yaml
    minReplicas: 4
    maxReplicas: 3
    # apps/payments/base/deployment.yaml
    resources: {requests: {memory: 192Mi}, limits: {memory: 128Mi}}

Good:

    minReplicas: 3
    maxReplicas: 4
    resources: {requests: {memory: 128Mi}, limits: {memory: 192Mi}}

Fix: lower the one, or raise the other.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress

from onboarding_tool.checks.facts.rendered import fault, in_delivered
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, mapping, sequence, text
from onboarding_tool.quantities import quantity

RULE = "rendered-bounds-crossed"
SCOPE = Scope.API
NEEDS = RENDERED
WITHOUT_PODS = ("Object", "External")  # types of metrics that are there without pods


def check(repo: Repo) -> Iterator[Finding]:
    yield from in_delivered(repo, RULE, _crossed)


def _crossed(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
    for item in objects:
        if item.kind == "HorizontalPodAutoscaler":
            yield from _of_autoscaler(api, environment, item)
        for at, container in item.containers():
            resources = mapping(container.get("resources"))
            most = mapping(resources.get("limits"))
            for name, asked in mapping(resources.get("requests")).items():
                if name in most and _is_above(asked, most[name]):
                    problem = (
                        f"the container {text(container.get('name'))!r} of {item.kind} {item.name!r} comes out asking "
                        f"for {name} of {asked}, and its limit is {most[name]}"
                    )
                    where = (*at, "resources", "requests", name)
                    yield fault(api, environment, item, where, problem, "Ask for less, or raise the limit.")


def _of_autoscaler(api: Api, environment: str, item: Object) -> Iterator[Fault]:
    least, most = (item.get("spec", bound) for bound in ("minReplicas", "maxReplicas"))
    if isinstance(least, int) and isinstance(most, int) and least > most:
        problem = f"the autoscaler {item.name!r} comes out with `minReplicas: {least}` and `maxReplicas: {most}`"
        yield fault(api, environment, item, ("spec", "minReplicas"), problem, "Lower the one, or raise the other.")
    metrics = {mapping(metric).get("type") for metric in sequence(item.get("spec", "metrics"))}
    lowest = 1 if metrics.isdisjoint(WITHOUT_PODS) else 0
    for bound, value, smallest in (("minReplicas", least, lowest), ("maxReplicas", most, 1)):
        if isinstance(value, int) and value < smallest:
            problem = f"the autoscaler {item.name!r} comes out with `{bound}: {value}`"
            yield fault(api, environment, item, ("spec", bound), problem, f"Write {smallest} or more.")


def _is_above(one: object, other: object) -> bool:
    with suppress(ValueError):  # which the rule rendered-amount-invalid says
        return quantity(str(one)) > quantity(str(other))
    return False

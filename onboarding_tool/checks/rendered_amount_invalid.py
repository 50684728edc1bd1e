"""What a container asks for comes out as amounts that Kubernetes can read, and none below zero.

Kubernetes refuses the object as a whole, so the delivery stops, and the next release with it. An amount below zero
would also hide what another container asks for from everybody who adds them up.

Bad:

    resources: {requests: {cpu: lots, memory: -64Mi}}

Good:

    resources: {requests: {cpu: 500m, memory: 64Mi}}

Fix: write a number, and one of Kubernetes' suffixes if it has one: m, k, M, G, Ki, Mi, Gi.
"""

from collections.abc import Iterator, Sequence

from onboarding_tool.checks.facts.rendered import fault, in_delivered
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, mapping, text
from onboarding_tool.quantities import quantity

RULE = "rendered-amount-invalid"
SCOPE = Scope.API
NEEDS = RENDERED


def check(repo: Repo) -> Iterator[Finding]:
    yield from in_delivered(repo, RULE, _unreadable)


def _unreadable(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
    for item in objects:
        for at, container in item.containers():
            for section in ("requests", "limits"):
                for name, amount in mapping(mapping(container.get("resources")).get(section)).items():
                    if isinstance(amount, str | int | float) and not _is_amount(amount):
                        whose = f"the container {text(container.get('name'))!r} of {item.kind} {item.name!r}"
                        problem = f"{whose} comes out asking for {name} of {str(amount)[:40]!r}, which is no amount"
                        where = (*at, "resources", section, name)
                        yield fault(api, environment, item, where, problem, "Write one such as 500m or 64Mi.")


def _is_amount(amount: object) -> bool:
    try:
        return quantity(str(amount)) >= 0
    except ValueError:
        return False

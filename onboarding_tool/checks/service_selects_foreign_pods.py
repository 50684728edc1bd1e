"""A Service sends traffic to pods of its own API only.

APIs of one tenant may share a namespace. A selector there that fits another API's pods as well, such as
`tier: backend`, sends a part of this API's traffic to the other one: wrong answers, one request in so many.

Bad:

    # apps/payments/base/service.yaml; the pods of orders in the same namespace carry `tier: backend` too
    spec:
      selector: {tier: backend}

Good:

    spec:
      selector: {app: payments}

Fix: select by a label whose value only this API's pods carry. A Deployment's own selector cannot be changed; labels of
its pod template can be added, which restarts the pods once.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from onboarding_tool.checks.facts.rendered import Delivered, delivered, fault_of_outline
from onboarding_tool.checks.facts.selectors import is_within
from onboarding_tool.checks.rule import POLICY, RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Outline, Repo
from onboarding_tool.wording import listed

RULE = "service-selects-foreign-pods"
SCOPE = Scope.EVERYTHING
NEEDS = POLICY | RENDERED

Place = tuple[str, str]  # cluster, namespace
Pods = tuple[str, str, Mapping[str, Any]]  # API, what runs them, their labels


def check(repo: Repo) -> Iterator[Finding]:
    services: dict[Place, list[tuple[Delivered, Outline]]] = {}
    pods: dict[Place, list[Pods]] = {}
    for one in delivered(repo):
        for item in one.objects:
            place = one.cluster, item.namespace
            if item.selector:
                services.setdefault(place, []).append((one, item))
            if item.labels is not None:
                pods.setdefault(place, []).append((one.api.name, item.name, item.labels))
    for place, found in services.items():
        for one, item in found:
            yield from _of_service(repo, one, item, pods.get(place, []))


def _of_service(repo: Repo, one: Delivered, item: Outline, pods: list[Pods]) -> Iterator[Finding]:
    others = [(api, name) for api, name, labels in pods if api != one.api.name and is_within(item.selector, labels)]
    if others:
        whose = listed(f"{name} of {api}" for api, name in sorted(set(others)))
        problem = f"{one.api.name}: in {one.environment}, the Service {item.name!r} sends traffic to {whose} too"
        hint = "Select by a label whose value only the pods of this API carry."
        place = fault_of_outline(repo, one, item, ("spec", "selector"), problem, hint)
        yield repo.finding(RULE, place.path, problem, hint, at=place.at, document=place.document)

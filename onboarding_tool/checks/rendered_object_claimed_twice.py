"""No two APIs bring the same object to a cluster.

The same object is the same kind and name in the same namespace. Argo CD would apply the one and then the other, for
ever, and retiring one API would take the object from the other.

Bad:

    # apps/payments/base/settings.yaml and apps/orders/base/settings.yaml, both in the namespace `shop`
    kind: ConfigMap
    metadata:
      name: settings

Good:

    # apps/payments/base/settings.yaml
    kind: ConfigMap
    metadata:
      name: payments-settings

Fix: give the object a name that begins with its API's, or let one of the two APIs have it.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.rendered import Delivered, delivered, fault_of_outline, identity, named
from onboarding_tool.checks.rule import POLICY, RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Outline, Repo
from onboarding_tool.wording import listed

RULE = "rendered-object-claimed-twice"
SCOPE = Scope.EVERYTHING
NEEDS = POLICY | RENDERED


def check(repo: Repo) -> Iterator[Finding]:
    owners: dict[tuple[str, ...], str] = {}
    found: dict[tuple[str, str, str], list[str]] = {}  # API, the other one, object -> environments
    shown: dict[tuple[str, str, str], tuple[Delivered, Outline]] = {}
    for one in delivered(repo):
        for item in one.objects:
            owner = owners.setdefault((one.cluster, item.namespace, *identity(item)), one.api.name)
            if owner != one.api.name:
                key = one.api.name, owner, named(item)
                found.setdefault(key, []).append(one.environment)
                shown.setdefault(key, (one, item))
    for (api, owner, name), environments in found.items():
        one, item = shown[api, owner, name]
        hint = f"Rename it, beginning with {api!r}, or let one of the two APIs have it."
        problem = f"{api}: in {listed(dict.fromkeys(environments))}, {name} is brought by {owner!r} too"
        place = fault_of_outline(repo, one, item, ("metadata", "name"), problem, hint)
        yield repo.finding(RULE, place.path, problem, hint, at=place.at, document=place.document)

"""APIs that share a namespace say the same about it: all `manage: full` or all `manage: none`.

With `full` the platform generates the namespace, its quota, its limits and its network policy; with `none` it leaves
an existing namespace alone. It cannot do both: the generated network policy and quota would hit the API that asked to
be left alone.

Bad:

    # apps/payments/metadata.yaml
    environments:
      prod: {namespace: backend, manage: none}
    # apps/orders/metadata.yaml
    environments:
      prod: {namespace: backend, manage: full}

Good:

    # both
    environments:
      prod: {namespace: backend, manage: none}

Fix: write the same in both. `none` is right for a namespace that existed before. A removed API counts as well.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo

RULE = "namespace-manage-disagrees"
SCOPE = Scope.METADATA
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    first: dict[tuple[str, str], Api] = {}
    for api in repo.apis.values():
        for environment, placement in api.environments.items():
            other = first.setdefault((environment, placement.namespace), api)
            theirs = other.environments[environment].manage
            if placement.namespace and placement.manage != theirs:
                place = f"the namespace {placement.namespace!r} of {environment}"
                message = f"{api.name}: {place} is `manage: {placement.manage}` here, but {theirs!r} in {other.path}"
                hint = "Write the same in both: full if the platform manages the namespace, none if it existed before."
                yield repo.finding(RULE, api.path, message, hint, at=("environments", environment, "manage"))

"""A legacy host belongs to one route, and is not the entry of an environment.

A legacy host is a name under which one API answered before the migration, such as payments.customer-a.com. If two
routes claim it, half of its clients reach the wrong API. Hosts are compared without regard to case and to a dot at
the end. A removed API claims nothing.

Bad:

    # apps/payments/metadata.yaml
    legacy_hosts: [payments.customer-a.com]
    # apps/refunds/metadata.yaml
    legacy_hosts: [payments.customer-a.com]

Good:

    # apps/refunds/metadata.yaml
    legacy_hosts: [refunds.customer-a.com]

Fix: leave the host with the route that answers on it today, and delete it from the other. If two Services answered on
different paths of the host, keep it with the one that answered on `/`.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.subjects import plain_host
from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo
from onboarding_tool.yamltext import Path

RULE = "legacy-host-claimed-twice"
SCOPE = Scope.METADATA
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    environments = repo.platform.environments.values()
    taken = {plain_host(one.entry.host): f"the entry of the environment {one.name}" for one in environments}
    for api in living(repo):
        for at, host, prefix in _hosts(api):
            holder = taken.get(plain_host(host))
            if holder:
                message = f"{api.name}: the legacy host {host!r} is taken: it is {holder}"
                hint = "A host belongs to one route: delete it from the one that does not answer on it today."
                yield repo.finding(RULE, api.path, message, hint, at=at)
            else:
                taken[plain_host(host)] = f"one of the route {prefix} of {api.name}"


def _hosts(api: Api) -> Iterator[tuple[Path, str, str]]:
    """(where it stands, the host, the prefix of its route) of each legacy host."""
    for index, route in enumerate(api.routes):
        for position, host in enumerate(route.legacy_hosts):
            yield ("routes", index, "legacy_hosts", position), host, route.prefix

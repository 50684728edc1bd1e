"""A route with `legacy: base` has an Ingress in the base for each of its legacy hosts.

`legacy: base` says that the Ingress that came with the API keeps serving its hosts, and that none is generated. If
there is no such Ingress in the base, the host may be served by something that this repository does not know, or by
nothing.

Bad:

    # apps/payments/metadata.yaml, and no Ingress below apps/payments/base/ names the host
    routes:
      - prefix: /customer-a/payments
        legacy_hosts: [payments.customer-a.com]
        legacy: base

Good:

    # apps/payments/base/ingress.yaml
    kind: Ingress
    spec:
      rules:
        - host: payments.customer-a.com

Fix: add the Ingress of the host to base/ and list its file, or write `legacy: generated` to have one generated. If
the API has left the host, delete the host from `legacy_hosts`.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding, Severity
from onboarding_tool.model import Api, Repo, mapping, sequence, text

RULE = "legacy-base-ingress-missing"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        if api.base is not None and not api.base.complete:
            continue  # the Ingress may stand in the file that cannot be read
        hosts = set(_hosts(api))
        for index, route in enumerate(api.routes):
            for number, host in enumerate(route.legacy_hosts):
                if route.legacy == "base" and not hosts & {host.lower(), _wildcard(host)}:
                    message = f"{api.name}: `legacy: base`, but no Ingress of the base serves {host!r}"
                    hint = "Add the Ingress to base/, or write `legacy: generated`."
                    at = ("routes", index, "legacy_hosts", number)
                    yield repo.finding(RULE, api.path, message, hint, at=at, severity=Severity.WARNING)


def _hosts(api: Api) -> Iterator[str]:
    for item in api.base.objects if api.base else ():
        if item.kind == "Ingress":
            for rule in sequence(item.get("spec", "rules")):
                yield text(mapping(rule).get("host")).lower()


def _wildcard(host: str) -> str:
    """The wildcard that serves a host: it stands for exactly one label."""
    return f"*.{host.partition('.')[2]}".lower()

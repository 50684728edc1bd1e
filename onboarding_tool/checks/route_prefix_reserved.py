"""No route claims a prefix that the router of the entry needs for itself.

On the entry's host, /healthz answers health checks, /.well-known proves to certificate authorities whose the host is,
and /nginx_status, /is-dynamic-lb-initialized and everything that begins with /_external-auth are the ingress
controller's own. `/` would claim everything.

Bad:

    # apps/payments/metadata.yaml
    routes:
      - prefix: /healthz/payments

Good:

    routes:
      - prefix: /customer-a/payments

Fix: choose another first segment, such as the tenant's name. An API's own health check may lie below its prefix:
/customer-a/payments/healthz is fine.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.subjects import segments
from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "route-prefix-reserved"
SCOPE = Scope.DECLARATION
NEEDS = NOTHING

RESERVED = ("healthz", ".well-known", "nginx_status", "is-dynamic-lb-initialized")
RESERVED_BEGINNING = "_external-auth"


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for index, route in enumerate(api.routes):
            if route.prefix and (taken := _reserved(route.prefix)):
                message = f"{api.name}: the prefix {route.prefix!r} is not for APIs: {taken}"
                hint = f"Choose another first segment, for example /{api.tenant}/{api.name}."
                yield repo.finding(RULE, api.path, message, hint, at=("routes", index, "prefix"))


def _reserved(prefix: str) -> str | None:
    """Why no API may have the prefix; None if one may."""
    first = next(iter(segments(prefix)), "")
    if not first:
        return "it would claim every path of the entry"
    if first in RESERVED or first.startswith(RESERVED_BEGINNING):
        return f"/{first} belongs to the router of the entry"
    return None

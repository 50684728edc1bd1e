"""A prefix belongs to one API, with everything below it.

All APIs of an environment answer on one entry host. If two claim the same prefix, or one a prefix below the other's,
which of them gets a request depends on the router, and may change without anybody changing anything. Prefixes are
compared by whole segments and without regard to case: /pay and /payments are two, /pay and /pay/out overlap. An API
may nest prefixes of its own. Environments that share an entry host are judged together; a removed API claims nothing.

Bad:

    # apps/payments/metadata.yaml
    routes:
      - prefix: /customer-a/payments
    # apps/refunds/metadata.yaml
    routes:
      - prefix: /customer-a/payments/refunds

Good:

    # apps/refunds/metadata.yaml
    routes:
      - prefix: /customer-a/refunds

Fix: choose another prefix for one of the two. `/TENANT/API` is what the tool proposes and is rarely taken.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from onboarding_tool.checks.facts.subjects import plain_host, segments
from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo
from onboarding_tool.wording import listed

RULE = "route-claimed-twice"
SCOPE = Scope.METADATA
NEEDS = POLICY


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """A route of an API, by its index there."""

    api: str
    route: int
    prefix: str


def check(repo: Repo) -> Iterator[Finding]:
    hosts: dict[tuple[Claim, Claim], list[str]] = defaultdict(list)
    for host, claims in _claims(repo).items():
        for pair in _overlaps(claims):
            hosts[pair].append(host)
    for (claim, other), where in hosts.items():
        yield _finding(repo, claim, other, listed(where))


def _claims(repo: Repo) -> Mapping[str, dict[Claim, None]]:
    """The claims on each entry host, each once, in the order of the APIs' names."""
    found: dict[str, dict[Claim, None]] = defaultdict(dict)
    for api in living(repo):
        claims = {Claim(api.name, index, route.prefix): None for index, route in enumerate(api.routes)}
        environments = (repo.platform.environments.get(name) for name in api.environments)
        for host in sorted({plain_host(environment.entry.host) for environment in environments if environment}):
            found[host] |= claims
    return found


def _overlaps(claims: Iterable[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """(a claim, the claim that it overlaps with): the same prefix, or one above it of another API."""
    owners: dict[tuple[str, ...], list[Claim]] = {}
    for claim in claims:
        if claim.prefix:
            owners.setdefault(segments(claim.prefix), []).append(claim)
    for whole, here in owners.items():
        yield from ((claim, here[0]) for claim in here[1:])
        for depth in range(len(whole)):
            for above in owners.get(whole[:depth], ()):
                yield from ((claim, above) for claim in here if claim.api != above.api)


def _proposed(api: Api) -> str:
    return f"/{api.tenant}/{api.name}"


def _finding(repo: Repo, claim: Claim, other: Claim, hosts: str) -> Finding:
    api = repo.apis[claim.api]
    if claim.api == other.api:
        message = f"{api.name}: the prefix {claim.prefix!r} stands in two of its routes"
        hint = "Delete one of the two, or choose another prefix."
    elif segments(claim.prefix) == segments(other.prefix):
        message = f"{api.name}: the prefix {claim.prefix!r} on {hosts} is claimed by {other.api} as well"
        # Whose name the prefix is keeps it: the proposal for the other one is another prefix.
        mover = repo.apis[other.api] if segments(_proposed(api)) == segments(claim.prefix) else api
        hint = f"A prefix belongs to one API: choose another one for {mover.name}, for example {_proposed(mover)}."
    else:
        message = (
            f"{api.name}: the prefix {claim.prefix!r} on {hosts} lies below {other.prefix!r}, which {other.api} claims"
        )
        hint = "What lies below a prefix belongs to the same API: choose another prefix for one of the two."
    return repo.finding(RULE, api.path, message, hint, at=("routes", claim.route, "prefix"))

"""Every Application and every AppProject that is generated for Argo CD has a name of its own, of at most 63 characters.

Their names are put together: the Application of an API is API-ENVIRONMENT, the AppProject of a tenant
TENANT-ENVIRONMENT, and the platform's own Applications are tenant-TENANT-ENVIRONMENT, namespaces-TENANT-ENVIRONMENT
and onboarding-ENVIRONMENT. So two pairs can give one name, and then one of the two replaces the other in the cluster.

Bad:

    apps/pay/metadata.yaml       # lives in the environment eu-prod: Application pay-eu-prod
    apps/pay-eu/metadata.yaml    # lives in the environment prod:    Application pay-eu-prod

Good:

    apps/pay/metadata.yaml       # lives in the environment eu-prod: Application pay-eu-prod
    apps/pay-out/metadata.yaml   # lives in the environment prod:    Application pay-out-prod

Fix: choose another name for the API, tenant or environment that came last. A name that is too long needs a shorter
part.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import PLATFORM_FILE, TEAMS_FILE, Repo
from onboarding_tool.yamltext import Path

RULE = "application-name-taken"
SCOPE = Scope.METADATA
NEEDS = POLICY

LONGEST = 63  # the name becomes the value of a label


@dataclass(frozen=True, slots=True)
class Claim:
    """A name, what it is for, and the place that brings it about (the key there, where a key names an environment)."""

    name: str
    what: str
    path: str
    at: Path
    key: bool = False


def check(repo: Repo) -> Iterator[Finding]:
    apis, tenants, roots = list(_of_apis(repo)), list(_of_tenants(repo)), list(_of_roots(repo))
    # Where two tenants' AppProjects collide, so do their parent Applications: that is said once.
    yield from _taken(repo, "AppProject", tenants, _holders(roots))
    parents = [*roots, *_named("tenant-", tenants), *_named("namespaces-", tenants)]
    yield from _taken(repo, "Application", apis, _holders(parents))
    yield from _too_long(repo, [*apis, *_named("namespaces-", tenants)])


def _of_apis(repo: Repo) -> Iterator[Claim]:
    for api in living(repo):
        for name in api.environments:
            if name in repo.platform.environments:
                what = f"the API {api.name} in {name}"
                yield Claim(f"{api.name}-{name}", what, api.path, ("environments", name), key=True)


def _of_tenants(repo: Repo) -> Iterator[Claim]:
    places = _places(repo)
    for tenant in repo.tenants():
        path, at = places[tenant]
        for name in repo.platform.environments:
            yield Claim(f"{tenant}-{name}", f"the tenant {tenant} in {name}", path, at)


def _of_roots(repo: Repo) -> Iterator[Claim]:
    for name in repo.platform.environments:
        what = f"the platform in {name}"
        yield Claim(f"onboarding-{name}", what, PLATFORM_FILE, ("environments", name), key=True)


def _places(repo: Repo) -> dict[str, tuple[str, Path]]:
    """Where each tenant is named first: by the team that serves it, else by an API."""
    places: dict[str, tuple[str, Path]] = {}
    for team in repo.teams.values():
        for index, tenant in enumerate(team.tenants):
            places.setdefault(tenant, (TEAMS_FILE, ("teams", team.name, "tenants", index)))
    for api in repo.apis.values():
        places.setdefault(api.tenant, (api.path, ("tenant",)))
    return places


def _named(beginning: str, claims: Iterable[Claim]) -> list[Claim]:
    return [replace(claim, name=beginning + claim.name) for claim in claims]


def _holders(claims: Iterable[Claim]) -> dict[str, Claim]:
    return {claim.name: claim for claim in claims}


def _taken(repo: Repo, kind: str, claims: Iterable[Claim], holders: dict[str, Claim]) -> Iterator[Finding]:
    """The claims whose name is held already, by `holders` or by an earlier claim."""
    for claim in claims:
        holder = holders.setdefault(claim.name, claim)
        if holder is not claim:
            message = f"the {kind} {claim.name!r} of {claim.what} has the same name as that of {holder.what}"
            hint = "Choose another name for one of the two."
            yield repo.finding(RULE, claim.path, message, hint, at=claim.at, key=claim.key)


def _too_long(repo: Repo, claims: Iterable[Claim]) -> Iterator[Finding]:
    for claim in claims:
        if len(claim.name) > LONGEST:
            message = f"the Application {claim.name!r} of {claim.what} has a name of {len(claim.name)} characters"
            hint = f"At most {LONGEST} are allowed: shorten the name of the API, of the tenant or of the environment."
            yield repo.finding(RULE, claim.path, message, hint, at=claim.at, key=claim.key)

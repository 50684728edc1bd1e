"""What the APIs of a benchmark's fleet are like: which shape an API has is decided by its number and the seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from onboarding_tool.template import DEFAULT_ENVIRONMENTS

REGISTRY = "europe-docker.pkg.dev/acme"
ENVIRONMENTS = ("dev", *DEFAULT_ENVIRONMENTS, "prod-us", "prod-asia")
NOUNS = ("accounts", "billing", "catalog", "fraud", "invoices", "ledger", "orders", "payments", "pricing", "search")
APIS_OF_A_TENANT = 40
TENANTS_OF_A_TEAM = 2


@dataclass(frozen=True, slots=True)
class Size:
    """How large a fleet is; one seed gives one fleet."""

    apis: int
    environments: int = 3
    seed: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """The environments' names."""
        order = {1: ("prod",), 2: DEFAULT_ENVIRONMENTS}
        return order.get(self.environments, ENVIRONMENTS[: self.environments])

    @property
    def tenants(self) -> int:
        return max(3, self.apis // APIS_OF_A_TENANT)


@dataclass(frozen=True, slots=True)
class Container:
    """A container of the fleet. `written`: its image in the manifest, where that is not the repository."""

    name: str
    repository: str
    init: bool = False
    written: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything about an API that differs from its neighbours'."""

    name: str
    tenant: str
    team: str
    namespaces: Mapping[str, str]
    managed: bool
    capability: str
    lifecycle: str
    delivery: str
    port: int
    deployments: Mapping[str, tuple[Container, ...]]
    scaled: bool
    budget: bool
    style: str  # of the manifests: plain | flow | quoted
    crlf: bool
    config: str  # none | literals | file
    patches_in_files: bool
    routes: int
    phases: Mapping[str, str]

    @property
    def is_plain(self) -> bool:
        """Whether it runs one container, is released by Argo CD, and its image has a tag: what every team knows."""
        (first, *_), *others = self.deployments.values()
        alone = not others and len(self.deployments[self.name]) == 1 and not first.written
        return alone and (self.lifecycle, self.delivery) == ("active", "argocd")


def tenant_name(number: int) -> str:
    return f"customer-{number:03}"


def team_name(tenant: int) -> str:
    return f"team-{tenant // TENANTS_OF_A_TEAM:03}"


def shape(size: Size, number: int) -> Shape:
    """The same for the same seed and number, whatever is asked before."""
    random = Random(f"{size.seed}/{number}")
    name = f"{random.choice(NOUNS)}-{number:05}"
    tenant = int(size.tenants * random.random() ** 2)  # a few large customers, many small ones
    shared = random.random() < 0.2
    return Shape(
        name=name,
        tenant=tenant_name(tenant),
        team=team_name(tenant),
        namespaces={env: f"{tenant_name(tenant) if shared else name}-{env}" for env in size.names},
        managed=shared or random.random() < 0.6,
        capability=random.choices(("L0", "L1", "L2"), (7, 2, 1))[0],
        lifecycle="retiring" if random.random() < 0.01 else "active",
        delivery="set-image" if random.random() < 0.02 else "argocd",
        port=random.choice((8080, 8080, 8000, 3000, 80)),
        deployments=_deployments(random, name),
        scaled=random.random() < 0.85,
        budget=random.random() < 0.5,
        style=random.choices(("plain", "flow", "quoted"), (6, 2, 2))[0],
        crlf=random.random() < 0.05,
        config=random.choices(("none", "literals", "file"), (65, 28, 7))[0],
        patches_in_files=random.random() < 0.1,
        routes=random.choices((0, 1, 2), (15, 80, 5))[0],
        phases={env: random.choice(("path", "path", "dual", "legacy")) for env in size.names},
    )


def _deployments(random: Random, name: str) -> dict[str, tuple[Container, ...]]:
    repository = f"{REGISTRY}/{name}/app"
    app = Container("app", repository, written=f"{name}-app" if random.random() < 0.08 else "")
    kind = random.choices(("one", "sidecar", "migration", "worker"), (65, 18, 9, 8))[0]
    if kind == "sidecar":
        return {name: (app, Container("proxy", f"{REGISTRY}/mesh/proxy"))}
    if kind == "migration":  # one image entry moves both
        return {name: (Container("migrate", repository, init=True, written=app.written), app)}
    if kind == "worker":
        return {name: (app,), f"{name}-worker": (Container("worker", f"{REGISTRY}/{name}/worker"),)}
    return {name: (app,)}


def hexadecimal(random: Random, digits: int) -> str:
    return f"{random.getrandbits(4 * digits):0{digits}x}"

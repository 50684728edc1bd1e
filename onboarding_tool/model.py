"""What a config repo declares: the Repo and its parts. Values only; nothing here reads or writes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from onboarding_tool import yamltext
from onboarding_tool.findings import Finding, Severity, Who
from onboarding_tool.history import History
from onboarding_tool.tree import Tree
from onboarding_tool.yamltext import Path

PLATFORM_FILE = "platform.yaml"
TEAMS_FILE = "teams.yaml"
EXCEPTIONS_FILE = "exceptions.yaml"
POLICY_FILES = (PLATFORM_FILE, TEAMS_FILE, EXCEPTIONS_FILE)
CODEOWNERS_FILE = ".github/CODEOWNERS"
LOCK_FILE = ".github/onboard-requirements.txt"
GENERATED = "generated"
SCHEMAS_FOLDER = ".onboard/schemas"

# The kinds that humans and the bot write, by the schema that describes them.
SCHEMA_OF_KIND = {
    "Platform": "platform",
    "Teams": "teams",
    "RuleExceptions": "rule-exceptions",
    "Api": "api",
    "ReleaseRequest": "release-request",
    "ReleaseRecord": "release-record",
    "ReleaseOutcome": "release-outcome",
}


class Lifecycle(StrEnum):
    ACTIVE = "active"
    RETIRING = "retiring"
    REMOVED = "removed"


class Delivery(StrEnum):
    ARGOCD = "argocd"
    SET_IMAGE = "set-image"


class Phase(StrEnum):
    LEGACY = "legacy"
    DUAL = "dual"
    REDIRECT_TEMPORARY = "redirect-temporary"
    REDIRECT_PERMANENT = "redirect-permanent"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class Entry:
    """The shared host of an environment, and what implements routes there."""

    host: str = ""
    target: str = "ingress-nginx"
    ingress_class: str = "nginx"


@dataclass(frozen=True, slots=True)
class Environment:
    """One cluster, and how releases reach it. `release_timeout` in seconds."""

    name: str
    cluster: str
    entry: Entry
    sync: str = "auto"
    revision: str = "refs/heads/main"
    requests: str = "queue"
    approval_by: str = "platform"
    approval_count: int = 1
    release_timeout: int = 1800


@dataclass(frozen=True, slots=True)
class Platform:
    """platform.yaml. `read` is False when the file could not be read at all: then nothing can be judged by it."""

    read: bool = False
    tool_version: str = ""
    repository: str = ""
    argocd_namespace: str = "argocd"
    argocd_version: str = "3.5"
    argocd_refresh: bool = False
    registries: tuple[str, ...] = ()
    require: str = "tag"
    forbidden_tags: tuple[str, ...] = ("latest", "main", "master", "dev")
    ownership_label: str = "platform/api-name"
    kustomize: str = "5.8"
    kubernetes: str = "1.36"
    forbidden_namespaces: tuple[str, ...] = ("kube-system", "argocd", "default")
    components: tuple[str, ...] = ()
    ingress_from: tuple[str, ...] = ()
    quota: Mapping[str, str] = field(default_factory=dict)
    clusters: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    capabilities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def place(self, api: "Api", environment: str) -> tuple[str, str] | None:
        """The cluster and the namespace in which an API lives there; None if it does not, or nobody knows."""
        if environment not in self.environments or environment not in api.environments:
            return None
        return self.environments[environment].cluster, api.environments[environment].namespace


@dataclass(frozen=True, slots=True)
class Member:
    login: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Team:
    name: str
    github: str | None = None
    tenants: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Container:
    """A declared container: its rendered name, and its repository without tag or digest."""

    name: str
    image: str


@dataclass(frozen=True, slots=True)
class Workload:
    deployment: str
    containers: tuple[Container, ...]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an API lives in one environment. manage: full | none."""

    namespace: str
    manage: str = "full"


@dataclass(frozen=True, slots=True)
class Route:
    prefix: str
    service: str
    port: int
    strip_prefix: bool = True
    legacy_hosts: tuple[str, ...] = ()
    legacy: str = "generated"
    phase: Mapping[str, Phase] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Object:
    """A Kubernetes object as written: file, document in it, and the keys that lead to it (for a `kind: List`)."""

    path: str
    document: int
    at: Path
    value: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return text(self.value.get("kind"))

    @property
    def name(self) -> str:
        return text(mapping(self.value.get("metadata")).get("name"))

    @property
    def group(self) -> str:
        """The API group: "" for core, `apps`, `networking.k8s.io`."""
        return text(self.value.get("apiVersion")).rpartition("/")[0]

    def get(self, *keys: str) -> Any:
        """The value below nested mappings, or None."""
        value: Any = self.value
        for key in keys:
            value = mapping(value).get(key)
        return value

    def pod(self) -> tuple[Path, Mapping[str, Any]]:
        """(keys, value) of the pod spec that this object runs; ((), {}) if it runs none."""
        keys = POD_SPECS.get(self.kind, ())
        return (keys, mapping(self.get(*keys))) if keys else ((), {})

    def containers(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """(keys, value) of each container and init container."""
        keys, spec = self.pod()
        for group in ("initContainers", "containers"):
            for index, item in enumerate(sequence(spec.get(group))):
                if isinstance(item, dict):
                    yield (*keys, group, index), item


TEMPLATED = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job")
POD_SPECS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    **dict.fromkeys(TEMPLATED, ("spec", "template", "spec")),
}


@dataclass(frozen=True, slots=True)
class Kustomization:
    """A base or an overlay: its kustomization.yaml as read, and the objects of the files beside it.

    `complete` is False when one of these files could not be read: then what seems missing may stand there.
    """

    folder: str
    value: Mapping[str, Any]
    objects: tuple[Object, ...] = ()
    complete: bool = True

    @property
    def path(self) -> str:
        return f"{self.folder}/kustomization.yaml"


@dataclass(frozen=True, slots=True)
class Request:
    """A file below requests/. `value` is what was read, whatever it is; `valid` that it fits the schema."""

    path: str
    api: str
    environment: str
    sha256: str
    id: str
    value: Any
    valid: bool

    def get(self, key: str) -> str:
        return text(mapping(self.value).get(key))


@dataclass(frozen=True, slots=True)
class Record:
    """A file below releases/: a release record. `sha256` is of its bytes as they stand."""

    path: str
    api: str
    environment: str
    sha256: str
    value: Mapping[str, Any]

    @property
    def seq(self) -> int:
        found = self.value.get("seq")
        return found if isinstance(found, int) else 0

    @property
    def id(self) -> str:
        return text(self.value.get("id"))

    @property
    def decision(self) -> str:
        return text(self.value.get("decision"))


@dataclass(frozen=True, slots=True)
class Api:
    """One directory below apps/. `name` is the directory's name; fields that could not be read are empty.

    `base`, `overlays`, `requests` and `records` are empty when only metadata was loaded.
    """

    name: str
    api_name: str = ""
    tenant: str = ""
    team: str = ""
    lifecycle: Lifecycle = Lifecycle.ACTIVE
    capability: str = "L0"
    delivery: Delivery = Delivery.ARGOCD
    workloads: tuple[Workload, ...] = ()
    environments: Mapping[str, Placement] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    base: Kustomization | None = None
    overlays: Mapping[str, Kustomization] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()
    records: tuple[Record, ...] = ()

    @property
    def folder(self) -> str:
        return f"apps/{self.name}"

    @property
    def path(self) -> str:
        return f"apps/{self.name}/metadata.yaml"

    def overlay_folder(self, environment: str) -> str:
        return f"apps/{self.name}/overlays/{environment}"

    def records_in(self, environment: str) -> list[Record]:
        """The release records of one environment, oldest first."""
        return sorted((r for r in self.records if r.environment == environment), key=lambda r: (r.seq, r.path))


@dataclass(frozen=True, slots=True)
class RuleException:
    """An entry of exceptions.yaml. `path` is one file; `expiry` is the last day it holds, YYYY-MM-DD; `count` is asked
    for by the rule mass-change alone.
    """

    rule: str
    path: str
    reason: str
    owner: str
    expiry: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Render:
    """What kustomize made of a folder. `failure` says how it failed (a `rendering.Failure`); "" if it did not."""

    folder: str
    objects: tuple[Object, ...] = ()
    failure: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What two APIs can collide in: an object as it reaches its cluster, with the namespace that it ends in.

    `selector`: the labels that a Service selects by; `labels`: those of the pods that the object runs, None if it
    runs none.
    """

    group: str
    kind: str
    namespace: str
    name: str
    selector: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Renders:
    """What Kubernetes would receive, by (API, environment): of the overlay, and of the folder that Argo CD reads.

    `outlines` of what is delivered may stand for more APIs than there are renders of: they are all that is kept.
    """

    overlay: Mapping[tuple[str, str], Render] = field(default_factory=dict)
    generated: Mapping[tuple[str, str], Render] = field(default_factory=dict)
    outlines: Mapping[tuple[str, str], tuple[Outline, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """What of generated/ a tree holds that does not hold all: that of these tenants, in these files and folders."""

    tenants: frozenset[str]
    places: frozenset[str]

    def holds(self, path: str) -> bool:
        parts = path.split("/")
        return any("/".join(parts[:count]) in self.places for count in range(1, len(parts) + 1))


@dataclass(frozen=True, slots=True)
class Repo:
    """A config repo as declared. What could not be read is missing here and a finding of `load`."""

    tree: Tree
    platform: Platform = field(default_factory=Platform)
    platform_team: str = "platform-team"
    teams: Mapping[str, Team] = field(default_factory=dict)
    apis: Mapping[str, Api] = field(default_factory=dict)
    exceptions: tuple[RuleException, ...] = ()
    history: History | None = None
    no_history: str = ""  # why there is none, as a sentence; "" if nobody asked
    renders: Renders | None = None
    not_rendered: str = "nothing was rendered"  # why there are no renders
    today: str = ""  # YYYY-MM-DD in UTC; given by the caller, since rules read no clock
    teams_read: bool = True  # teams.yaml, or what of it fits its schema
    sound: bool = True  # the policy files and every metadata.yaml could be read and fit their schemas
    part: Part | None = None  # of generated/, where the tree does not hold all of it

    def tenants(self) -> list[str]:
        """Every tenant: those that a team serves, and those that an API names."""
        served = {tenant for team in self.teams.values() for tenant in team.tenants}
        return sorted(served | {api.tenant for api in self.apis.values() if api.tenant})

    def finding(
        self,
        rule: str,
        path: str,
        message: str,
        hint: str = "",
        *,
        at: Path = (),
        document: int = 0,
        key: bool = False,
        severity: Severity = Severity.ERROR,
        who: Who = Who.PLATFORM,
    ) -> Finding:
        """A finding at the place in `path` where the keys `at` lead."""
        data = self.tree.read(path) if path in self.tree else b""
        mark = yamltext.locate(data, at, document, key=key) if at else yamltext.Mark(1, 1)
        return Finding(path, mark.line, mark.column, rule, message, hint, severity, who)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one: files say what they like."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    return value if isinstance(value, str) else ""

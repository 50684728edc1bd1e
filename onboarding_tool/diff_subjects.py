"""What a change of files may change in Kubernetes, judged by paths alone: no fleet is read to diff one API."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from onboarding_tool.model import GENERATED
from onboarding_tool.rendering import RenderRequest
from onboarding_tool.tree import Tree

ROOT = "root"  # the folder generated/root, and what its files are called


class SubjectKind(StrEnum):
    """What has effects of its own, in the order of a report."""

    API = "API"
    APPLICATION = "Application"
    NAMESPACE = "namespace"
    TENANT = "tenant"
    ROOT = "root"


PLAIN = {
    "applications": SubjectKind.APPLICATION,
    "namespaces": SubjectKind.NAMESPACE,
    "tenants": SubjectKind.TENANT,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Something in one environment whose objects are compared."""

    kind: SubjectKind
    name: str
    environment: str

    @property
    def label(self) -> str:
        """`payments prod`, `tenant customer-a prod`, `root prod`."""
        if self.kind is SubjectKind.API:
            return f"{self.name} {self.environment}"
        return " ".join(word for word in (self.kind, self.name, self.environment) if word)

    @property
    def folder(self) -> str:
        """What Argo CD renders for an API."""
        return f"{GENERATED}/{self.environment}/apps/{self.name}"

    @property
    def order(self) -> tuple[int, str, str]:
        return list(SubjectKind).index(self.kind), self.name, self.environment


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed paths may concern: APIs by name, components at all, and generated files of plain objects."""

    apis: frozenset[str]
    components: bool
    plain: dict[Subject, list[str]]


def touched(changed: Iterable[str]) -> Touched:
    """What these paths may concern."""
    apis: set[str] = set()
    components = False
    plain: dict[Subject, list[str]] = defaultdict(list)
    for path in sorted(changed):
        match path.split("/"):
            case ["apps", api, *_]:
                apis.add(api)
            case ["components", *_]:
                components = True
            case _ if subject := plain_subject(path):
                plain[subject].append(path)
            case ["generated", _, "apps", api, _, *_]:
                apis.add(api)
    return Touched(frozenset(apis), components, dict(plain))


def plain_subject(path: str) -> Subject | None:
    """Whose objects a generated file holds that Argo CD takes as it is; None if it is no such file."""
    name = path.rpartition("/")[2].removesuffix(".yaml")
    if not path.endswith(".yaml"):
        return None
    match path.split("/"):
        case ["generated", "root", _]:
            return Subject(SubjectKind.ROOT, "", name)
        case ["generated", environment, "tenants", _]:
            return Subject(SubjectKind.TENANT, name, environment)
        case ["generated", environment, "applications" | "namespaces" as folder, _, _]:
            return Subject(PLAIN[folder], name, environment)
    return None


def is_concerned(subject: Subject, changed: Collection[str], requests: Iterable[RenderRequest]) -> bool:
    """Whether a render of this API could differ: a changed path is in its closure on one side, or in its folder."""
    own = f"{subject.folder}/"
    return any(path in changed for request in requests for path in request.files) or any(
        path.startswith(own) for path in changed
    )


def generated_apis(tree: Tree, environments: Iterable[str]) -> Iterator[Subject]:
    """Every API that is delivered in these environments."""
    for environment in environments:
        for api in tree.folders(f"{GENERATED}/{environment}/apps"):
            yield Subject(SubjectKind.API, api, environment)

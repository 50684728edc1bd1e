"""What Kubernetes would receive, for the rules that judge it: whose objects they are, and where each comes from."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from onboarding_tool import load, slots
from onboarding_tool.checks.facts.excepted import is_silenced
from onboarding_tool.checks.facts.selectors import pod_labels
from onboarding_tool.checks.facts.written import Fault, environments, faults, living, read_kustomization, references
from onboarding_tool.checks.rule import Rule
from onboarding_tool.findings import Finding, Severity
from onboarding_tool.generators.layout import app_folder
from onboarding_tool.model import Api, Object, Outline, Render, Renders, Repo, mapping
from onboarding_tool.yamltext import Path

Identity = tuple[str, str, str]
Judge = Callable[[Api, str, Sequence[Object]], Iterable[Fault]]
NONE = Renders()


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one API brings to the cluster of one environment."""

    api: Api
    environment: str
    cluster: str
    objects: tuple[Outline, ...]


def renders(repo: Repo) -> Renders:
    return repo.renders or NONE


def in_overlays(repo: Repo, rule: str, judge: Judge, severity: Severity = Severity.ERROR) -> Iterator[Finding]:
    """What `judge` finds in the renders of the overlays: what the API's own files make, and nothing else."""
    yield from _in(repo, rule, renders(repo).overlay, judge, severity)


def in_generated(repo: Repo, rule: str, judge: Judge, severity: Severity = Severity.ERROR) -> Iterator[Finding]:
    """What `judge` finds in the renders of the folders that Argo CD reads: with what the platform adds."""
    yield from _in(repo, rule, renders(repo).generated, judge, severity)


def in_delivered(repo: Repo, rule: str, judge: Judge, severity: Severity = Severity.ERROR) -> Iterator[Finding]:
    """What `judge` finds in what Argo CD reads, else (not delivered by it) in what the overlay makes."""
    yield from _in(repo, rule, {**renders(repo).overlay, **renders(repo).generated}, judge, severity)


def _in(
    repo: Repo, rule: str, found: Mapping[tuple[str, str], Render], judge: Judge, severity: Severity
) -> Iterator[Finding]:
    def in_environment(api: Api, environment: str) -> Iterable[Fault]:
        render = found.get((api.name, environment))
        return judge(api, environment, render.objects) if render and not render.failure else ()

    yield from faults(repo, rule, in_environment, severity)


def delivered(repo: Repo) -> Iterator[Delivered]:
    """What each API brings to its clusters."""
    found = renders(repo).outlines
    for api in living(repo):
        for name in environments(api):
            environment = repo.platform.environments.get(name)
            if environment and (api.name, name) in found:
                yield Delivered(api, name, environment.cluster, found[api.name, name])


def outlines(repo: Repo) -> dict[tuple[str, str], tuple[Outline, ...]]:
    """The outlines of each render: as Argo CD reads it, else (not delivered by it) as the overlay makes it."""
    found = {}
    for (api, name), render in {**renders(repo).overlay, **renders(repo).generated}.items():
        namespace = repo.apis[api].environments[name].namespace
        found[api, name] = tuple(_outline(item, namespace) for item in render.objects)
    return found


def _outline(item: Object, namespace: str) -> Outline:
    selector = mapping(item.get("spec", "selector")) if item.kind == "Service" else {}
    return Outline(item.group, item.kind, namespace_of(item) or namespace, item.name, selector, pod_labels(item))


def namespace_of(item: Object) -> str:
    """The namespace that an object names; "" if it names none."""
    named = item.get("metadata", "namespace")
    return named if isinstance(named, str) else ""


def identity(item: Object | Outline) -> Identity:
    return item.group, item.kind, item.name


def written(api: Api, environment: str) -> dict[Identity, Object]:
    """The objects of base and overlay as their files write them: before patches, generators and components."""
    return {identity(item): item for item in slots.manifests(api, environment)}


def fault_of_outline(repo: Repo, one: Delivered, item: Outline, at: Path, problem: str, hint: str) -> Fault:
    """As `fault`. The API is read again: whoever judges a fleet has no more of it in memory than the outlines."""
    whole, _ = load.load(repo.tree, [one.api.name])
    return fault(whole.apis[one.api.name], one.environment, item, at, problem, hint)


def fault(api: Api, environment: str, item: Object | Outline, at: Path, problem: str, hint: str) -> Fault:
    """A fault of a rendered object: shown where a file writes the object, else at the overlay."""
    source = written(api, environment).get(identity(item))
    if source is None:
        return Fault(f"{api.overlay_folder(environment)}/kustomization.yaml", (), problem, hint)
    return Fault(source.path, (*source.at, *at), problem, hint, source.document)


def added(repo: Repo, api: Api, environment: str) -> dict[Identity, Object]:
    """The objects that the platform's own files write for an API: its routes, and what components bring."""
    folder = app_folder(environment, api.name)
    components = [f"components/{name}" for name in repo.platform.components]
    found = (item for one in (folder, *components) for item in _listed(repo, one))
    return {identity(item): item for item in found}


def _listed(repo: Repo, folder: str) -> Iterator[Object]:
    """The objects of the files of its own folder that a kustomization lists."""
    kustomization = read_kustomization(repo.tree, folder)
    for reference in references(kustomization) if kustomization else ():
        path = f"{folder}/{reference.path.removeprefix('./')}"
        if reference.at[0] == "resources" and path in repo.tree:
            yield from load.objects_of(repo.tree, path)


def named(item: Object | Outline) -> str:
    """`Service 'payments'`."""
    return f"{item.kind} {item.name!r}"


def is_said(repo: Repo, api: Api, *rules: Rule) -> bool:
    """Whether one of these rules finds something in the API's files that no exception silences."""
    alone = replace(repo, apis={api.name: api})
    return any(not is_silenced(finding, repo) for rule in rules for finding in rule.check(alone))

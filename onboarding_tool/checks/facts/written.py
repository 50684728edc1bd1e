"""What base/, overlays/ and components/ say, for the rules that judge it: whose it is, where, in which environments."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any

from onboarding_tool import slots, yamltext
from onboarding_tool.findings import Finding, Severity
from onboarding_tool.model import Api, Kustomization, Lifecycle, Object, Repo, mapping, sequence
from onboarding_tool.same import Same
from onboarding_tool.tree import SYMLINK, Tree
from onboarding_tool.wording import listed
from onboarding_tool.yamltext import Path

KEPT = 256  # kustomizations whose references are kept: several rules look at them in turn


class Place(StrEnum):
    """What a kustomization is for; it decides which fields may stand in it."""

    BASE = "base"
    OVERLAY = "overlay"
    COMPONENT = "component"


@dataclass(frozen=True, slots=True)
class Source:
    """A kustomization, and the API or component whose it is. `environment` only of an overlay."""

    place: Place
    owner: str
    kustomization: Kustomization
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A value of a kustomization that names a file, and the keys that lead to it."""

    at: Path
    path: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place, before it is known in which environments. The hint may name one of them."""

    path: str
    at: Path
    problem: str
    hint: str = field(compare=False)
    document: int = 0


def living(repo: Repo) -> Iterator[Api]:
    """Every API but the removed ones: those keep only metadata and releases."""
    return (api for api in repo.apis.values() if api.lifecycle is not Lifecycle.REMOVED)


def environments(api: Api) -> list[str]:
    """The declared environments that have an overlay; the rule `overlay-missing` speaks of the others."""
    return [name for name in api.environments if name in api.overlays]


def of_api(api: Api) -> tuple[Source, ...]:
    """The base and the overlays of one API."""
    return _of_api(Same(api))


@lru_cache(KEPT)
def _of_api(same: Same[Api]) -> tuple[Source, ...]:
    api = same.value
    base = [Source(Place.BASE, api.name, api.base)] if api.base else []
    return (*base, *(Source(Place.OVERLAY, api.name, overlay, name) for name, overlay in api.overlays.items()))


def sources(repo: Repo) -> Iterator[Source]:
    """The kustomizations of every API, and the platform's components."""
    for api in living(repo):
        yield from of_api(api)
    yield from _components(Same(repo.tree))


@lru_cache(maxsize=1)
def _components(tree: Same[Tree]) -> tuple[Source, ...]:
    """Every rule about kustomizations asks for them again for each part of a fleet."""
    names = tree.value.folders("components")
    read = ((name, read_kustomization(tree.value, f"components/{name}")) for name in names)
    return tuple(Source(Place.COMPONENT, name, component) for name, component in read if component)


def read_kustomization(tree: Tree, folder: str) -> Kustomization | None:
    """A kustomization that `load` does not read, without its objects; None if there is none."""
    kustomization = Kustomization(folder, {})
    if kustomization.path not in tree or tree[kustomization.path].mode == SYMLINK:
        return None
    documents = yamltext.read(tree.read(kustomization.path), yamltext.KUSTOMIZATION).documents
    return Kustomization(folder, mapping(documents[0])) if documents else kustomization


def objects(api: Api) -> Iterator[Object]:
    """Every object of an API as written, each once."""
    for source in of_api(api):
        yield from source.kustomization.objects


def references(kustomization: Kustomization) -> tuple[Reference, ...]:
    """Every file that a kustomization names."""
    return _references(Same(kustomization))


@lru_cache(KEPT)
def _references(kustomization: Same[Kustomization]) -> tuple[Reference, ...]:
    return tuple(_named(kustomization.value.value))


def _named(value: Mapping[str, Any]) -> Iterator[Reference]:
    for index, item in enumerate(sequence(value.get("resources"))):
        yield from _reference(item, "resources", index)
    for index, item in enumerate(sequence(value.get("patches"))):
        yield from _reference(mapping(item).get("path"), "patches", index, "path")
    for index, item in enumerate(sequence(value.get("configMapGenerator"))):
        for number, file in enumerate(sequence(mapping(item).get("files"))):
            path = file.partition("=")[2] or file if isinstance(file, str) else None  # key=path, or a path
            yield from _reference(path, "configMapGenerator", index, "files", number)


def _reference(value: object, *at: str | int) -> Iterator[Reference]:
    if isinstance(value, str):
        yield Reference(at, value)


def faults(
    repo: Repo, rule: str, judge: Callable[[Api, str], Iterable[Fault]], severity: Severity = Severity.ERROR
) -> Iterator[Finding]:
    """What `judge` finds in the environments of each API: one finding for each place, with its environments."""
    for api in living(repo):
        found: dict[Fault, list[str]] = {}
        for name in environments(api):
            for fault in judge(api, name):
                found.setdefault(fault, []).append(name)
        for fault, names in found.items():
            message = f"{api.name}: in {listed(dict.fromkeys(names))}, {fault.problem}"
            yield repo.finding(
                rule, fault.path, message, fault.hint, at=fault.at, document=fault.document, severity=severity
            )


def absences(
    repo: Repo, rule: str, judge: Callable[[Api, str], Iterable[Fault]], severity: Severity = Severity.ERROR
) -> Iterator[Finding]:
    """As `faults`, for what is missing: silent where a file could not be read, since it may stand there."""

    def judge_if_complete(api: Api, environment: str) -> Iterable[Fault]:
        return judge(api, environment) if slots.complete(api, environment) else ()

    return faults(repo, rule, judge_if_complete, severity)

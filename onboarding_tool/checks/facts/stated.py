"""Labels and annotations that an API's files state, in whatever form: objects, patches, generators, `labels`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from onboarding_tool.checks.facts.patches import KEPT, Patch, operations, patches, pointer
from onboarding_tool.model import Kustomization, Repo, mapping, sequence
from onboarding_tool.same import Same
from onboarding_tool.yamltext import Path

LABELS: tuple[tuple[str, ...], ...] = (
    ("metadata", "labels"),
    ("spec", "template", "metadata", "labels"),
    ("spec", "selector", "matchLabels"),
    ("spec", "selector"),
)
ANNOTATIONS: tuple[tuple[str, ...], ...] = (("metadata", "annotations"),)


@dataclass(frozen=True, slots=True)
class Stated:
    """One label or annotation, and where it stands."""

    path: str
    document: int
    at: Path
    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of an object. `exact`: its keys can be found in the file."""

    path: str
    document: int
    at: Path
    exact: bool
    value: Any

    def stated(self, keys: tuple[str, ...]) -> Iterator[Stated]:
        value = self.value
        for key in keys:
            if not isinstance(value, dict):
                return
            value = value.get(key)
        for name, item in mapping(value).items():
            at = (*self.at, *keys, name) if self.exact else self.at
            yield Stated(self.path, self.document, at, name, item)


def annotations(repo: Repo, kustomization: Kustomization) -> tuple[Stated, ...]:
    """Every annotation that a base or an overlay puts on an object."""
    return _annotations(Same(repo), Same(kustomization))


def labels(repo: Repo, kustomization: Kustomization) -> tuple[Stated, ...]:
    """Every label that a base or an overlay puts on objects, pod templates and selectors."""
    return _labels(Same(repo), Same(kustomization))


@lru_cache(KEPT)
def _annotations(repo: Same[Repo], kustomization: Same[Kustomization]) -> tuple[Stated, ...]:
    return (*_stated(repo, kustomization, ANNOTATIONS), *_generated(kustomization.value, "annotations"))


@lru_cache(KEPT)
def _labels(repo: Same[Repo], kustomization: Same[Kustomization]) -> tuple[Stated, ...]:
    found = (*_stated(repo, kustomization, LABELS), *_generated(kustomization.value, "labels"))
    return (*found, *_paired(kustomization.value))


def _paired(kustomization: Kustomization) -> Iterator[Stated]:
    for index, item in enumerate(sequence(kustomization.value.get("labels"))):
        for name, value in mapping(mapping(item).get("pairs")).items():
            yield Stated(kustomization.path, 0, ("labels", index, "pairs", name), name, value)


def _stated(
    repo: Same[Repo], kustomization: Same[Kustomization], places: tuple[tuple[str, ...], ...]
) -> Iterator[Stated]:
    for part in _parts(repo, kustomization):
        for keys in places:
            yield from part.stated(keys)


def _generated(kustomization: Kustomization, kind: str) -> Iterator[Stated]:
    for index, item in enumerate(sequence(kustomization.value.get("configMapGenerator"))):
        for name, value in mapping(mapping(mapping(item).get("options")).get(kind)).items():
            at = ("configMapGenerator", index, "options", kind, name)
            yield Stated(kustomization.path, 0, at, name, value)


@lru_cache(KEPT)
def _parts(repo: Same[Repo], kustomization: Same[Kustomization]) -> tuple[_Part, ...]:
    return tuple(_parts_of(repo.value, kustomization.value))


def _parts_of(repo: Repo, kustomization: Kustomization) -> Iterator[_Part]:
    for item in kustomization.objects:
        yield _Part(item.path, item.document, item.at, True, item.value)
    for patch in patches(repo, kustomization):
        if isinstance(patch.value, dict):
            yield _Part(patch.path, patch.document, patch.at, not patch.inline, patch.value)
        yield from _operations(patch)


def _operations(patch: Patch) -> Iterator[_Part]:
    """What each operation of a JSON 6902 patch writes, as the piece of an object that it writes."""
    for index, operation in operations(patch):
        if operation.get("op") != "remove":
            value: Any = operation.get("value")
            for step in reversed(pointer(operation.get("path"))):
                value = _nested(step, value)
            yield _Part(patch.path, patch.document, patch.place(index), False, value)


def _nested(step: str, value: Any) -> Mapping[str, Any]:
    return {step: value}

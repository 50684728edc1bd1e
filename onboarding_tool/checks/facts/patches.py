"""The entries of `patches`, read: inline text and files, strategic merge and JSON 6902."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from onboarding_tool import yamltext
from onboarding_tool.model import Kustomization, Repo, mapping, sequence, text
from onboarding_tool.same import Same
from onboarding_tool.tree import SYMLINK, Tree
from onboarding_tool.yamltext import Parsed, Path, Value

KEPT = 256  # kustomizations whose patches are kept: several rules look at them in turn
POINTER_ESCAPES = (("~1", "/"), ("~0", "~"))


@dataclass(frozen=True, slots=True)
class PatchText:
    """One entry of `patches`: where its text stands, and what was read from it."""

    path: str
    at: Path
    target: Mapping[str, Any] | None
    parsed: Parsed

    @property
    def inline(self) -> bool:
        return bool(self.at)


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch of such a text: a mapping is a strategic merge, a list is JSON 6902."""

    path: str
    document: int
    at: Path
    inline: bool
    value: Value
    target: Mapping[str, Any] | None

    def place(self, *keys: str | int) -> Path:
        """Where keys of the patch stand. Those of an inline patch are text to YAML: the whole patch is the place."""
        return self.at if self.inline else (*self.at, *keys)


def texts(repo: Repo, kustomization: Kustomization) -> tuple[PatchText, ...]:
    """Every patch that a kustomization names, whose text is there."""
    return _texts(Same(repo.tree), Same(kustomization))


@lru_cache(KEPT)
def _texts(tree: Same[Tree], kustomization: Same[Kustomization]) -> tuple[PatchText, ...]:
    return tuple(_found(tree.value, kustomization.value))


def _found(tree: Tree, kustomization: Kustomization) -> Iterator[PatchText]:
    for index, item in enumerate(sequence(kustomization.value.get("patches"))):
        entry = mapping(item)
        target = mapping(entry["target"]) if "target" in entry else None
        if isinstance(inline := entry.get("patch"), str):
            at: Path = ("patches", index, "patch")
            yield PatchText(kustomization.path, at, target, _read(inline.encode("utf-8", "surrogatepass")))
        path = f"{kustomization.folder}/{text(entry.get('path')).removeprefix('./')}"
        if path in tree and tree[path].mode != SYMLINK:
            yield PatchText(path, (), target, _read(tree.read(path)))


def patches(repo: Repo, kustomization: Kustomization) -> tuple[Patch, ...]:
    """Every patch that could be read."""
    return _patches(Same(repo.tree), Same(kustomization))


@lru_cache(KEPT)
def _patches(tree: Same[Tree], kustomization: Same[Kustomization]) -> tuple[Patch, ...]:
    return tuple(_read_of(_texts(tree, kustomization)))


def _read_of(sources: Iterable[PatchText]) -> Iterator[Patch]:
    for source in sources:
        for document, value in enumerate(source.parsed.documents):
            for at, item in _items(value, source.at, source.inline):
                yield Patch(source.path, document, at, source.inline, item, source.target)


def _items(value: Value, at: Path, inline: bool) -> Iterator[tuple[Path, Value]]:
    """kustomize takes the items of a `kind: List` for patches of their own."""
    items = value.get("items") if isinstance(value, dict) else None
    if isinstance(value, dict) and text(value.get("kind")).endswith("List") and isinstance(items, list):
        for index, item in enumerate(items):
            yield from _items(item, at if inline else (*at, "items", index), inline)
    elif value is not None:
        yield at, value


def operations(patch: Patch) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The operations of a JSON 6902 patch that change something."""
    for index, item in enumerate(sequence(patch.value)):
        if isinstance(item, dict) and item.get("op") != "test":
            yield index, item


def pointer(value: Any) -> tuple[str, ...]:
    """The steps of a JSON pointer."""
    return tuple(_unescaped(step) for step in text(value).split("/")[1:])


def _unescaped(step: str) -> str:
    for escape, character in POINTER_ESCAPES:
        step = step.replace(escape, character)
    return step


def _read(data: bytes) -> Parsed:
    return yamltext.read(data, yamltext.MANIFEST)

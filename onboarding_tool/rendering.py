"""What is rendered: requests and results as values, and which files a render can depend on."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from posixpath import normpath
from typing import Any, NamedTuple, Protocol

from onboarding_tool import yamltext
from onboarding_tool.model import Object
from onboarding_tool.tree import SYMLINK, Tree
from onboarding_tool.wording import listed

KUSTOMIZE = "5.8.1"  # whose library the renderer is linked with
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
# Lists whose files name further files, relative to the kustomization.
PLUGINS = ("generators", "transformers", "validators")
# What can be a path in a kustomization that is not read: a run of what YAML does not use between values.
WORD = re.compile(r"[^\s\"'\[\]{},]+")
# How many texts are tried as paths where only guessing is left: each costs looks at the disk, and anybody writes them.
MAX_NAMES = 5_000
MAX_FOLDERS = 8  # whose plugins are configured at one path
MAX_KEPT = 4096  # kustomizations whose names are kept, and folders whose closures are


class Failure(StrEnum):
    """Why there is no text: kustomize says no, it broke, or a bound was reached."""

    ERROR = "error"
    PANIC = "panic"
    REFUSED = "refused"
    TOO_LARGE = "too-large"
    TIMED_OUT = "timed-out"
    CRASHED = "crashed"


class Form(StrEnum):
    """What a render is wanted as: what `kustomize build` prints, or the objects in it, which no one has to parse."""

    TEXT = "text"
    OBJECTS = "objects"


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """A kustomization's folder, and every file that exists while it is rendered."""

    path: str
    files: Mapping[str, bytes]
    form: Form = Form.TEXT


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a folder renders to, in the form that was asked for, or how that failed.

    `message` names paths from the repository's root.
    """

    path: str
    text: str = ""
    values: tuple[Mapping[str, Any], ...] = ()
    failure: Failure | None = None
    message: str = ""


class Named(NamedTuple):
    """The paths in a kustomization that lead on, and the texts that configure plugins."""

    paths: tuple[str, ...]
    plugins: tuple[str, ...]


class Rendering(Protocol):
    """Who renders: a renderer, or one that remembers."""

    def render(self, requests: Iterable[RenderRequest], /) -> Iterator[Rendered]:
        """The results in the order of the requests."""


def render_request(tree: Tree, folder: str, form: Form = Form.TEXT) -> RenderRequest:
    """The request to render a folder of the tree."""
    return Closures(tree).request(folder, form)


def closure(tree: Tree, folder: str) -> tuple[str, ...]:
    """Every file that a render of the folder can depend on, sorted; files that are named but missing are left out, and
    so are symlinks, since the renderer has no disk that they could point into.

    Rather too many than too few: any text in a kustomization that names a file or a kustomization counts, whatever
    its field; where we would not read it as one document, any text in any of them, and any word.
    """
    return Closures(tree).of(folder)


class Closures:
    """The closures of many folders in one tree: each, and what a kustomization names, is looked up once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._found: dict[str, tuple[str, ...]] = {}
        self._named: dict[str, Named] = {}

    def of(self, folder: str) -> tuple[str, ...]:
        """As `closure`."""
        if folder not in self._found:
            _bound(self._found)
            self._found[folder] = tuple(sorted(_Closure(self).of(normpath(folder))))
        return self._found[folder]

    def request(self, folder: str, form: Form) -> RenderRequest:
        """As `render_request`."""
        return RenderRequest(folder, {path: self.tree.read(path) for path in self.of(folder)}, form)

    def named(self, folder: str, kustomization: str) -> Named:
        """What a kustomization in this folder names."""
        if kustomization not in self._named:
            _bound(self._named)
            names, plugins = _names(self.tree.read(kustomization))
            paths = (path for text in names for path in _paths(folder, text) if self._leads_on(path))
            self._named[kustomization] = Named(tuple(dict.fromkeys(paths)), plugins)
        return self._named[kustomization]

    def _leads_on(self, path: str) -> bool:
        return self.tree.has_file(path) or any(map(self.tree.has_file, _kustomizations(path)))


def _bound(kept: dict[str, Any]) -> None:
    if len(kept) >= MAX_KEPT:
        kept.clear()


def links(tree: Tree, folder: str) -> tuple[str, ...]:
    """Symlinks and submodules where a build of the folder looks for files. It takes its time: ask it of failures."""
    named = _kustomizations(normpath(folder))
    for path in closure(tree, folder):
        here, _, name = path.rpartition("/")
        for text in _names(tree.read(path))[0] if name in KUSTOMIZATIONS else ():
            for found in _paths(here or ".", text):
                named += [found, *_kustomizations(found)]
    return tuple(sorted(set(filter(None, (_link_on(tree, path) for path in named)))))


def _link_on(tree: Tree, path: str) -> str | None:
    """The path itself or the folder above it that is no ordinary one."""
    parts = path.split("/")
    above = ("/".join(parts[:count]) for count in range(1, len(parts) + 1))
    return next((found for found in above if found in tree and not tree.has_file(found)), None)


def explained(tree: Tree, rendered: Rendered) -> Rendered:
    """A failure, with the symlinks that no build follows: kustomize says of those only that nothing is there."""
    found = links(tree, rendered.path) if rendered.failure is Failure.ERROR else ()
    if not found:
        return rendered
    said = listed(f"{path} is a {'symlink' if tree[path].mode == SYMLINK else 'submodule'}" for path in found)
    return replace(rendered, message=f"{rendered.message}: {said}, which no build follows")


class _Closure:
    """The files that are reached, one after the other: names may lead in circles, and through any number of folders.

    A path is looked at once for each folder whose plugins are configured there: their configuration, in a kustomization
    or in files, names files relative to that folder. There are few such folders, unless somebody wants to keep us busy.
    """

    def __init__(self, closures: Closures) -> None:
        self._closures = closures
        self._tree = closures.tree
        self._found: set[str] = set()
        self._waiting: list[tuple[str, str | None]] = []
        self._known: set[tuple[str, str | None]] = set()
        self._folders: Counter[str] = Counter()  # of a path: those whose plugins are configured there
        self._tried: Counter[str] = Counter()  # names in the configuration of a folder's plugins

    def of(self, folder: str) -> set[str]:
        self._waiting.append((folder, None))
        while self._waiting:
            path, configured = self._waiting.pop()
            if self._tree.has_file(path):
                self._visit(path, configured)
                continue
            for each in _kustomizations(path):
                if self._tree.has_file(each):
                    self._visit(each, configured)
                    self._follow_names(path, each, configured)
        return self._found

    def _visit(self, path: str, configured: str | None) -> None:
        self._found.add(path)
        if configured is not None:
            self._follow_configuration(configured, self._tree.read(path))

    def _follow_names(self, folder: str, kustomization: str, configured: str | None) -> None:
        named = self._closures.named(folder, kustomization)
        self._wait_for(named.paths, configured)
        for text in named.plugins:
            self._follow(folder, text, folder)
            self._follow_configuration(folder, text.encode())

    def _follow_configuration(self, folder: str, data: bytes) -> None:
        texts = set(islice(yamltext.texts(data), MAX_NAMES - self._tried[folder]))
        self._tried[folder] += len(texts)
        for text in texts:
            self._follow(folder, text, None)

    def _follow(self, folder: str, text: str, configured: str | None) -> None:
        self._wait_for(_paths(folder, text), configured)

    def _wait_for(self, paths: Iterable[str], configured: str | None) -> None:
        for path in paths:
            if (path, configured) in self._known or (configured and self._folders[path] >= MAX_FOLDERS):
                continue
            self._known.add((path, configured))
            self._folders[path] += configured is not None
            self._waiting.append((path, configured))


def _kustomizations(folder: str) -> list[str]:
    return [name if folder == "." else f"{folder}/{name}" for name in KUSTOMIZATIONS]


def _paths(folder: str, text: str) -> Iterator[str]:
    """The paths in the tree that a text may be. A generator's files come as `key=file`, too."""
    for named in (text, text.partition("=")[2]) if "=" in text else (text,):
        path = _resolved(folder, named)
        if path is not None:
            yield path


def _resolved(folder: str, named: str) -> str | None:
    """The path in the tree; None for what cannot be one, or leaves it."""
    if not named or named.startswith("/") or "\n" in named or "://" in named:
        return None
    path = normpath(f"{folder}/{named}")
    return None if path == ".." or path.startswith("../") else path


@lru_cache(maxsize=4096)
def _names(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Texts in a kustomization that may be paths, and those that configure plugins. The cache serves shared bases."""
    parsed = yamltext.read(data, yamltext.KUSTOMIZATION)
    if parsed.problems or len(parsed.documents) != 1:
        return _guessed_names(data)
    value = parsed.documents[0]
    plugins = [value.get(name) for name in PLUGINS] if isinstance(value, dict) else []
    return tuple(dict.fromkeys(_texts(value))), tuple(_texts(plugins))


def _guessed_names(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of a kustomization that we would refuse, and kustomize may not: any of its texts may configure a plugin."""
    texts = set(islice(yamltext.texts(data), MAX_NAMES))
    words = (found[0] for found in WORD.finditer(data.decode("utf-8", "replace")))
    return tuple(sorted(texts.union(islice(words, MAX_NAMES)))), tuple(sorted(texts))


def _texts(value: yamltext.Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)


def rendered_objects(rendered: Rendered) -> tuple[Object, ...]:
    """The objects of a render; their `path` is the folder that was rendered, their `document` the place among them."""
    return tuple(Object(rendered.path, number, (), value) for number, value in enumerate(rendered.values))

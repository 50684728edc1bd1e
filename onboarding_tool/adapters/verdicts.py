"""What the rules about renders said of an API, kept until something changes that they looked at.

That is: the files of the API and what is generated for it, the components, the policy files, which exceptions hold
today, and the code of this tool. An API that anything else may have a say in is judged anew each time.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any

from onboarding_tool import resources
from onboarding_tool.adapters.cache import Cache
from onboarding_tool.checks.facts.excepted import in_force
from onboarding_tool.checks.facts.written import environments
from onboarding_tool.findings import Finding, Severity, Who
from onboarding_tool.generators.layout import app_folder
from onboarding_tool.model import EXCEPTIONS_FILE, PLATFORM_FILE, TEAMS_FILE, Api, Outline, Repo
from onboarding_tool.rendering import closure
from onboarding_tool.tree import Tree

FORMAT = 1
COMPONENTS = "components"
AT_ONCE = 256  # verdicts that are saved together


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong with the renders of an API, and their outlines."""

    findings: tuple[Finding, ...] = ()
    outlines: Mapping[tuple[str, str], tuple[Outline, ...]] = field(default_factory=dict)


class Verdicts:
    """The verdicts on the APIs of one repo, as it stands."""

    def __init__(self, repo: Repo, cache: Cache) -> None:
        self._repo = repo
        self._cache = cache
        self._new: dict[bytes, bytes] = {}
        self._keys: dict[str, bytes] = {}
        self._shared = self._state_of_all()

    def known(self, apis: Iterable[Api]) -> dict[str, Judged]:
        """The verdicts on those APIs that are as they were."""
        self._keys = {api.name: self._key(api) for api in apis}
        found = self._cache.get(self._keys.values())
        judged = ((name, _decoded(found.get(key, b""))) for name, key in self._keys.items())
        return {name: one for name, one in judged if one is not None}

    def remember(self, part: Repo, judged: Judged) -> None:
        """Keep a verdict, if nothing outside of the key could change it."""
        (api,) = part.apis.values()
        if self._is_told_by_key(part, api):
            self._new[self._keys[api.name]] = _encoded(judged)
        if len(self._new) >= AT_ONCE:
            self.save()

    def save(self) -> None:
        self._cache.put(self._new)
        self._new = {}

    def _is_told_by_key(self, part: Repo, api: Api) -> bool:
        """What fails may fail for a file elsewhere that is missing; what is rendered may read one there."""
        assert part.renders is not None
        renders = [*part.renders.overlay.values(), *part.renders.generated.values()]
        inside = (f"{api.folder}/", f"{COMPONENTS}/", *(f"{folder}/" for folder in _generated(api)))
        return not any(render.failure for render in renders) and all(
            path.startswith(inside) for render in renders for path in closure(part.tree, render.folder)
        )

    def _state_of_all(self) -> bytes:
        state = sha256(f"verdict {FORMAT}\0".encode() + resources.fingerprint())
        tree = self._repo.tree
        for path in (PLATFORM_FILE, TEAMS_FILE, EXCEPTIONS_FILE, *tree.paths(COMPONENTS)):
            state.update(_state(tree, path))
        state.update(repr(list(in_force(self._repo))).encode("utf-8", "surrogateescape"))
        return state.digest()

    def _key(self, api: Api) -> bytes:
        state = sha256(self._shared + api.name.encode("utf-8", "surrogateescape") + b"\0")
        tree = self._repo.tree
        for folder in (f"{api.folder}/base", f"{api.folder}/overlays", *_generated(api)):
            for path in tree.paths(folder):
                state.update(_state(tree, path))
        state.update(_state(tree, api.path))
        return state.digest()


def _generated(api: Api) -> Iterator[str]:
    return (app_folder(environment, api.name) for environment in environments(api))


def _state(tree: Tree, path: str) -> bytes:
    """A path and what is there, of a length that no other file can shift."""
    here = sha256(path.encode("utf-8", "surrogateescape")).digest()
    if path not in tree:
        return here + bytes(32)
    file = tree[path]
    return here + sha256(f"{file.mode:o}\0".encode() + file.data).digest()


def _encoded(judged: Judged) -> bytes:
    findings = [asdict(finding) for finding in judged.findings]
    outlines = [[*key, [asdict(item) for item in items]] for key, items in judged.outlines.items()]
    return zlib.compress(json.dumps([findings, outlines], separators=(",", ":")).encode(), 1)


def _decoded(value: bytes) -> Judged | None:
    """None for what is no value, or not a whole one."""
    with suppress(zlib.error, ValueError):
        findings, outlines = json.loads(zlib.decompress(value))
        kept = {(api, name): tuple(Outline(**item) for item in items) for api, name, items in outlines}
        return Judged(tuple(map(_finding, findings)), kept)
    return None


def _finding(value: dict[str, Any]) -> Finding:
    return Finding(**value | {"severity": Severity(value["severity"]), "who": Who(value["who"])})

"""Whether a pull request is right on what another one made of main: told by plain files and dictionaries alone.

Nothing of the gate, of the checks or of the edits is asked. What git can merge is told path by path, with
`git merge-file`; what is right is told by force, from parsed YAML. Each answer is a set of names of rules, of which the
gate has to tell at least one; an empty set is a pull request that is right.
"""

import hashlib
import posixpath
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.support.small_fleet import Text, Wish, regenerated

MAIN = "refs/heads/main"
CPU, MEMORY = {"m": 0.001, "": 1.0}, {"Mi": 2**20, "Gi": 2**30, "": 1}
# What a change of a file needs that a level permits, by the end of its path.
NEEDS = {"hpa.yaml": "autoscaling", "deployment.yaml": "resources"}

Fields = dict[str, Any]


class _Plain(yaml.SafeLoader):
    """Keys that stand twice are an error."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> Fields:
    keys = [loader.construct_object(key) for key, _ in node.value]
    if len(set(keys)) < len(keys):
        raise yaml.YAMLError(f"a key stands twice: {keys}")
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)}


_Plain.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@cache
def _parsed(text: str) -> Any:
    return yaml.load(text, _Plain)


# What git makes of it


def merged(fork: Text, ours: Text, theirs: Text) -> Text | None:
    """Both sides' changes since the fork; None if they cannot be had together."""
    found: Text = {}
    for path in fork.keys() | ours.keys() | theirs.keys():
        sides = fork.get(path), ours.get(path), theirs.get(path)
        text = _of_sides(*sides)
        if text is False:
            return None
        if isinstance(text, str):
            found[path] = text
    return found


def _of_sides(fork: str | None, ours: str | None, theirs: str | None) -> str | bool | None:
    """False for a conflict."""
    if theirs in (fork, ours):
        return ours
    if ours == fork:
        return theirs
    if fork is None or ours is None or theirs is None:
        return False
    with TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("ours", "fork", "theirs")]
        for file, text in zip(files, (ours, fork, theirs), strict=True):
            file.write_text(text)
        done = subprocess.run(["git", "merge-file", "-p", "-q", *files], capture_output=True, check=False)
    return done.stdout.decode() if done.returncode == 0 else False


# What is right


@dataclass(frozen=True)
class State:
    """A config repo, parsed as far as it is asked. `arrived`: the requests that wait, the first to come first."""

    files: Text
    arrived: tuple[str, ...] = ()

    def __getitem__(self, path: str) -> Any:
        return _parsed(self.files[path])

    @property
    def platform(self) -> Fields:
        return self["platform.yaml"]

    @property
    def teams(self) -> Mapping[str, Fields]:
        return self["teams.yaml"]["teams"]

    @property
    def apis(self) -> dict[str, Fields]:
        paths = (path for path in sorted(self.files) if path.count("/") == 2 and path.endswith("/metadata.yaml"))
        return {path.split("/")[1]: self[path] for path in paths}

    def overlay(self, name: str, environment: str) -> Fields:
        return self[f"apps/{name}/overlays/{environment}/kustomization.yaml"]

    def objects(self, name: str) -> list[Fields]:
        base = f"apps/{name}/base"
        return [self[f"{base}/{path}"] for path in self[f"{base}/kustomization.yaml"]["resources"]]

    def of_kind(self, name: str, kind: str) -> Fields:
        return next(item for item in self.objects(name) if item["kind"] == kind)

    def containers(self, name: str) -> list[Fields]:
        pod = self.of_kind(name, "Deployment")["spec"]["template"]["spec"]
        return [*pod.get("initContainers", []), *pod["containers"]]

    def image(self, name: str, environment: str, container: str) -> tuple[str, str]:
        """Repository and version."""
        written = next(each["image"] for each in self.containers(name) if each["name"] == container)
        repository, _, version = written.partition(":")
        for entry in self.overlay(name, environment)["images"]:
            if entry["name"] == repository:
                version = entry.get("digest") or entry["newTag"]
        return repository, version

    def is_of(self, author: Any) -> set[str]:
        return {
            name
            for name, team in self.teams.items()
            if any(member["id"] == author.id for member in team.get("members") or [])
        }

    def permits(self, name: str) -> list[str]:
        return self.platform["capabilities"][self.apis[name]["capability"]]


def problems(main: State, result: State | None, wish: Wish) -> set[str]:
    """What speaks against `wish`, whose merge into `main` is `result`."""
    if result is None:
        return {"merge-conflict", "merge-depends-on-renames"}
    changed = [path for path in main.files.keys() | result.files if main.files.get(path) != result.files.get(path)]
    if not changed:
        return {"change-empty"}
    if all("/requests/" in path and path not in main.files for path in changed):
        return set(_of_requests(main, result, sorted(changed), wish))
    if "platform-team" in main.is_of(wish.author):
        return set(_of_everything(result))
    return set(_of_a_team(main, result, changed, wish))


# Requests


def _of_requests(main: State, result: State, paths: list[str], wish: Wish) -> Iterator[str]:
    name = paths[0].split("/")[1]
    if main.apis[name]["team"] not in main.is_of(wish.author):
        yield "author-not-owner"
    for path in paths:
        found = list(_of_request(result, path))
        yield from found
        if not found and not _is_next(result, path, main.arrived):
            yield "request-not-applicable"


def _of_request(state: State, path: str) -> Iterator[str]:
    """What it says, whatever runs."""
    _, name, _, environment, _ = path.split("/")
    said, api = state[path], state.apis[name]
    if api["lifecycle"] != "active" or state.platform["environments"][environment].get("revision", MAIN) != MAIN:
        yield "request-not-accepted"
    declared = [one for one in api["workloads"] if one["deployment"] == said["deployment"]]
    images = {one["name"]: one["image"] for each in declared for one in each["containers"]}
    repository, version = _split(said["target_image"])
    placed = (said["api_name"], said["environment"], said["namespace"])
    if placed != (name, environment, api["environments"][environment]["namespace"]):
        yield "request-target-mismatch"
    if images.get(said["container"]) != repository:
        yield "request-target-mismatch"
    if version in state.platform["images"]["forbidden_tags"]:
        yield "request-image-forbidden"
    if not any(repository.startswith(f"{registry}/") for registry in state.platform["registries"]):
        yield "request-image-forbidden"
    identity = hashlib.sha256(path.encode() + b"\0" + state.files[path].encode()).hexdigest()
    if any(identity[:16] in other for other in state.files if "/releases/" in other):
        yield "request-decided-already"


def _split(reference: str) -> tuple[str, str]:
    repository, at, digest = reference.partition("@")
    return (repository, digest) if at else tuple(reference.rsplit(":", 1))  # type: ignore[return-value]


def _is_next(state: State, path: str, arrived: Iterable[str]) -> bool:
    """Whether it is applied when what came before it was decided."""
    folder, said = posixpath.dirname(path), state[path]
    name, environment = said["api_name"], said["environment"]
    slot, running = state.image(name, environment, said["container"])
    if state.platform["environments"][environment]["requests"] == "queue":
        here = [other for other in arrived if posixpath.dirname(other) == folder and other in state.files]
        for other in here:
            is_of_slot = state.image(name, environment, state[other]["container"])[0] == slot
            if is_of_slot and not list(_of_request(state, other)):
                running = _after(state[other], running) or running
    return _after(said, running) is not None


def _after(said: Fields, running: str) -> str | None:
    """What runs after a request, None if it is refused."""
    target, expected = _split(said["target_image"])[1], said.get("expected_current")
    holds = expected is None or _split(expected)[1] == running
    return target if holds and target != running else None


# A team's own changes


def _of_a_team(main: State, result: State, changed: list[str], wish: Wish) -> Iterator[str]:
    name = changed[0].split("/")[1]
    if main.apis[name]["team"] not in main.is_of(wish.author):
        yield "author-not-owner"
    if any(NEEDS.get(posixpath.basename(path), "config") not in main.permits(name) for path in changed):
        yield "change-not-permitted"
    yield from _of_api(result, name)
    quota = main.platform.get("quota", {})
    before, after = _demand(main, name), _demand(result, name)
    if any(before[key] < after[key] > float(most) for key, most in quota.items()):
        yield "quota-exceeded"


def _demand(state: State, name: str) -> Counter[str]:
    pods = state.of_kind(name, "HorizontalPodAutoscaler")["spec"]["maxReplicas"]
    each = [one.get("resources", {}).get("requests", {}) for one in state.containers(name)]
    cpu = sum(_amount(one.get("cpu", "0"), CPU) for one in each)
    return Counter({"pods": pods, "requests.cpu": cpu * pods})  # type: ignore[dict-item]


def _amount(text: str, units: Mapping[str, float]) -> float:
    unit = next(unit for unit in units if str(text).endswith(unit))
    return float(str(text).removesuffix(unit)) * units[unit]


# Everything


def _of_api(state: State, name: str) -> Iterator[str]:
    """What is wrong with what an API declares."""
    scale = state.of_kind(name, "HorizontalPodAutoscaler")["spec"]
    if scale["minReplicas"] > scale["maxReplicas"]:
        yield "rendered-bounds-crossed"
    for container in state.containers(name):
        names = Counter(one["name"] for one in container.get("env", []))
        amounts = {key: container.get("resources", {}).get(key, {}) for key in ("requests", "limits")}
        asked, most = (_amount(amounts[key].get("memory", "0"), MEMORY) for key in ("requests", "limits"))
        if max(names.values(), default=0) > 1:
            yield "rendered-variable-twice"
        if most and asked > most:
            yield "rendered-bounds-crossed"
    for environment in state.apis[name]["environments"]:
        overlay = state.overlay(name, environment)
        if max(Counter(entry["name"] for entry in overlay["images"]).values()) > 1:
            yield "images-entry-unsafe"
        for generator in overlay["configMapGenerator"]:
            keys = Counter(posixpath.basename(path) for path in generator["files"])
            keys.update(literal.partition("=")[0] for literal in generator.get("literals", []))
            if max(keys.values()) > 1:
                yield from ("render-failed", "change-not-permitted")
    if any(item["kind"] == "Secret" for item in state.objects(name)) and not state["exceptions.yaml"]["exceptions"]:
        yield from ("secret-in-plaintext", "rendered-secret-in-plaintext")


def _of_everything(state: State) -> Iterator[str]:
    try:
        for path in state.files:
            if path.endswith(".yaml") and not path.startswith("generated/"):
                _ = state[path]
    except yaml.YAMLError:
        yield "yaml-duplicate-key"
        return
    if regenerated(state.files) != state.files:
        yield "generated-stale"
    for path in state.files:
        if "/requests/" in path:
            yield from _of_request(state, path)
    apis = state.apis
    for name, api in apis.items():
        yield from _of_api(state, name)
        team = state.teams.get(api["team"])
        if team is None:
            yield "team-unknown"
        elif api["tenant"] not in team.get("tenants", []):
            yield "tenant-unserved"
        if api["capability"] not in state.platform["capabilities"]:
            yield "capability-unknown"
        for environment, placement in api["environments"].items():
            if state.overlay(name, environment)["namespace"] != placement["namespace"]:
                yield "namespace-mismatch"
            for container in state.containers(name):
                if state.image(name, environment, container["name"])[1] in state.platform["images"]["forbidden_tags"]:
                    yield "image-tag-forbidden"
    yield from _of_what_is_shared(apis)


def _of_what_is_shared(apis: Mapping[str, Fields]) -> Iterator[str]:
    prefixes = Counter(route["prefix"] for api in apis.values() for route in api["routes"])
    hosts = Counter(host for api in apis.values() for route in api["routes"] for host in route["legacy_hosts"])
    homes = {
        (key, one["namespace"], api["tenant"]) for api in apis.values() for key, one in api["environments"].items()
    }
    for rule, found in (
        ("route-claimed-twice", prefixes),
        ("legacy-host-claimed-twice", hosts),
        ("namespace-shared", Counter((key, namespace) for key, namespace, _ in homes)),
    ):
        if max(found.values()) > 1:
            yield rule

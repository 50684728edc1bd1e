"""A patch changes no image, and neither adds, removes nor renames a container or a Deployment.

Which version runs is said in one place, the overlay's `images:`, so that a release request, its check and its
record speak of the same thing. A patch that says it too would win silently, and the request would change nothing.

Bad:

    # apps/payments/overlays/prod/memory.yaml, a patch
    kind: Deployment
    metadata:
      name: payments
    spec:
      template:
        spec:
          containers:
            - name: app
              image: europe-docker.pkg.dev/acme/payments/app:v2.0.0

    # apps/payments/overlays/prod/kustomization.yaml
    patches:
      - target: {kind: Deployment}
        patch: |
          - {op: remove, path: /spec/template/spec/containers/1}

Good:

    kind: Deployment
    metadata:
      name: payments
    spec:
      template:
        spec:
          containers:
            - name: app
              resources:
                limits: {memory: 512Mi}

Fix: take the image out of the patch and ask for the version with `onboard request API ENVIRONMENT IMAGE`.
Containers and Deployments are written in base/ and declared in metadata.yaml.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from onboarding_tool import slots
from onboarding_tool.checks.facts.patches import Patch, operations, patches, pointer
from onboarding_tool.checks.facts.written import Place, Source, living, of_api
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import POD_SPECS, Api, Object, Repo, mapping, sequence, text
from onboarding_tool.yamltext import Path

RULE = "patch-changes-image"
SCOPE = Scope.API
NEEDS = NOTHING

Fault = tuple[Path, str]
POD = POD_SPECS["Deployment"]
GROUPS = ("containers", "initContainers", "ephemeralContainers")
# What an object is: a patch of these could make another one out of it. `metadata` holds the name.
IDENTITY = ((), ("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"))
LITERAL = re.compile(r"[A-Za-z0-9-]*")
HINT = (
    "Take it out of the patch: versions come by `onboard request`, containers and Deployments are written in base/ and "
    "declared in metadata.yaml."
)


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for source in of_api(api):
            deployments = _deployments(api, source)
            for patch in patches(repo, source.kustomization):
                for keys, problem in _faults(patch, deployments):
                    message, at = f"{api.name}: the patch {problem}", patch.place(*keys)
                    yield repo.finding(RULE, patch.path, message, HINT, at=at, document=patch.document)


def _deployments(api: Api, source: Source) -> list[Object]:
    """What the patches of a base or an overlay can reach."""
    is_base = source.place is Place.BASE
    items = source.kustomization.objects if is_base else slots.manifests(api, source.environment)
    return [item for item in items if item.kind == "Deployment"]


def _faults(patch: Patch, deployments: Sequence[Object]) -> Iterator[Fault]:
    value = mapping(patch.value)
    target = patch.target if patch.target is not None else {"kind": value.get("kind"), "name": _name(value)}
    reached = [item for item in deployments if _may_match(target, item)]
    if isinstance(patch.value, dict):
        yield from _merge(value, reached) if reached else ()
    for index, operation in operations(patch):
        for field in ("path", "from") if operation.get("op") == "move" else ("path",):
            if problem := _pointed(pointer(operation.get(field)), is_deployment=bool(reached)):
                yield (index, field), f"{problem} ({operation.get('op')} {operation.get(field)!r})"


def _name(value: Mapping[str, Any]) -> Any:
    return mapping(value.get("metadata")).get("name")


def _may_match(target: Mapping[str, Any], item: Object) -> bool:
    """Kinds and names of a target are regular expressions: those that are more than a name are taken to match."""
    wanted = ((text(target.get("kind")), item.kind), (text(target.get("name")), item.name))
    return all(not pattern or not LITERAL.fullmatch(pattern) or pattern == name for pattern, name in wanted)


def _merge(value: Mapping[str, Any], deployments: Sequence[Object]) -> Iterator[Fault]:
    """What a strategic merge patch does to the pod template on its way down, and then to the containers."""
    part: Any = value
    for depth in range(len(POD) + 1):
        way = POD[:depth]
        if not isinstance(part, dict):
            yield way, f"empties `{'.'.join(way)}`"
            return
        yield from _directives(part, way)
        if depth == len(POD):
            yield from _pod(part, deployments)
        elif POD[depth] not in part:
            return
        else:
            part = part[POD[depth]]


def _directives(part: Mapping[str, Any], at: Path) -> Iterator[Fault]:
    if "$patch" in part:
        where = ".".join(map(str, at)) or "the whole object"
        yield (*at, "$patch"), f"has `$patch: {part['$patch']}` on {where}, which takes its containers away"


def _pod(spec: Mapping[str, Any], deployments: Sequence[Object]) -> Iterator[Fault]:
    for group in GROUPS:
        at = (*POD, group)
        if group in spec and not isinstance(spec[group], list):
            yield at, f"empties `{group}`"
        for index, item in enumerate(sequence(spec.get(group))):
            yield from _container(mapping(item), (*at, index), deployments)
    for index, volume in enumerate(sequence(spec.get("volumes"))):
        if "image" in mapping(volume):
            yield (*POD, "volumes", index, "image"), "fills a volume from an image"


def _container(value: Mapping[str, Any], at: Path, deployments: Sequence[Object]) -> Iterator[Fault]:
    name = value.get("name")
    if "$patch" in value:
        yield (*at, "$patch"), f"has `$patch: {value['$patch']}` on the container {name!r}"
    elif not all(name in _names(item, str(at[-2])) for item in deployments):
        yield at, f"adds the container {name!r} to `{at[-2]}`"
    if "image" in value:
        yield (*at, "image"), f"sets the image {value['image']!r} of the container {name!r}"


def _names(item: Object, group: str) -> list[Any]:
    return [value.get("name") for at, value in item.containers() if group in at]


def _pointed(steps: tuple[str, ...], *, is_deployment: bool) -> str | None:
    """What is wrong with an operation of a JSON 6902 patch at this place; None if it may be."""
    if steps in IDENTITY:
        return "changes what the object is, or its name"
    below = steps[: len(POD)]
    if not is_deployment or below != POD[: len(below)]:
        return None
    if len(steps) <= len(POD):
        return f"replaces `{'.'.join(steps)}` with all its containers"
    return _pointed_in_pod(steps[len(POD) :])


def _pointed_in_pod(steps: tuple[str, ...]) -> str | None:
    """`steps` leads from the pod's spec to the place."""
    if steps[0] in GROUPS and (len(steps) < 3 or steps[2] in ("name", "image")):
        return "changes a container's image or name, or which containers there are"
    if steps[0] == "volumes" and "image" in steps[2:3]:
        return "fills a volume from an image"
    return None

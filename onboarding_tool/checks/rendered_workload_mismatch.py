"""What the overlay renders to runs exactly what metadata.yaml declares: its Deployments, containers and images.

The rules that read the files as they are written see no patch and no generator at work. This one judges the objects
that come out, before the platform's components add theirs. It says only what those rules did not see.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml, while metadata.yaml declares the container `app` only
    patches:
      - target: {kind: Deployment, name: payments}
        patch: |-
          - {op: copy, from: /spec/template/spec/containers/0, path: /spec/template/spec/containers/1}
          - {op: replace, path: /spec/template/spec/containers/1/name, value: second}

Good:

    # apps/payments/metadata.yaml, and the container is written in base/deployment.yaml
    workloads:
      - deployment: payments
        containers:
          - {name: app, image: europe-docker.pkg.dev/acme/payments/app}
          - {name: second, image: europe-docker.pkg.dev/acme/payments/second}

Fix: write Deployments and containers in base/, declare them in metadata.yaml, and let only `images:` of the overlay
say which version runs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from onboarding_tool import images, slots
from onboarding_tool.checks import patch_changes_image
from onboarding_tool.checks.facts.rendered import fault, in_overlays, is_said
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Object, Repo, Workload, mapping, sequence, text
from onboarding_tool.yamltext import Path

RULE = "rendered-workload-mismatch"
SCOPE = Scope.API
NEEDS = RENDERED

DECLARE = "Declare it under `workloads:` of metadata.yaml, or take it out."
WRITE = "Write it in base/, and take out the patch that removes or renames it."
IMAGES = "Only `images:` of the overlay says which image runs; take it out of the patch."
MOUNT = "Take it out of the patch; put the files into the container's own image."

Container = tuple[str, str, bool]  # Deployment, container, whether it is an init container


@dataclass(frozen=True, slots=True)
class Defect:
    """What differs from the declaration. Two are the same if they say the same of the same container."""

    problem: str
    hint: str
    item: Object | None
    at: Path = ()


def check(repo: Repo) -> Iterator[Finding]:
    def judge(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        seen = {defect.problem for defect in _as_written(api, environment)}
        found = [defect for defect in _as_rendered(api, environment, objects) if defect.problem not in seen]
        if found and not is_said(repo, api, patch_changes_image):
            yield from (_fault(api, environment, defect) for defect in found)

    yield from in_overlays(repo, RULE, judge)


def _fault(api: Api, environment: str, defect: Defect) -> Fault:
    if defect.item is None:
        return Fault(api.path, defect.at, f"the overlay's render has {defect.problem}", defect.hint)
    return fault(api, environment, defect.item, defect.at, f"the overlay's render has {defect.problem}", defect.hint)


def _as_written(api: Api, environment: str) -> Iterator[Defect]:
    effective = _effective(api, environment)
    yield from _defects(api, slots.manifests(api, environment), effective)


def _as_rendered(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Defect]:
    effective = _effective(api, environment)
    rendered: dict[Container, Image] = {}
    for item in _deployments(objects):
        for at, container in item.containers():
            key, image = _key(item, at, container), images.parse(text(container.get("image")))
            rendered[key] = image
            said = effective.get(key)
            if str(said or "") != str(image):
                instead = f"where the files say {str(said)!r}" if said else "that no file says"
                problem = f"the image {str(image)!r} in the container {key[1]!r} of {item.name!r}, {instead}"
                yield Defect(problem, IMAGES, item, (*at, "image"))
    yield from _defects(api, objects, rendered)


def _effective(api: Api, environment: str) -> dict[Container, Image]:
    return {(one.deployment, one.container, one.init): one.image for one in slots.running(api, environment)}


def _key(item: Object, at: Path, container: Mapping[str, object]) -> Container:
    return item.name, text(container.get("name")), "initContainers" in at


def _deployments(objects: Iterable[Object]) -> list[Object]:
    return [item for item in objects if item.kind == "Deployment"]


def _defects(api: Api, objects: Iterable[Object], found: Mapping[Container, Image]) -> Iterator[Defect]:
    deployments = {item.name: item for item in _deployments(objects)}
    for index, workload in enumerate(api.workloads):
        item = deployments.pop(workload.deployment, None)
        if item:
            yield from _of_deployment(item, workload, found)
        else:
            at = ("workloads", index, "deployment")
            yield Defect(f"no Deployment {workload.deployment!r}", WRITE, None, at)
    if api.workloads:
        for name, item in deployments.items():
            yield Defect(f"an undeclared Deployment {name!r}", DECLARE, item, ("metadata", "name"))


def _of_deployment(item: Object, workload: Workload, found: Mapping[Container, Image]) -> Iterator[Defect]:
    declared = {container.name: container.image for container in workload.containers}
    for at, container in item.containers():
        name, image = text(container.get("name")), found.get(_key(item, at, container))
        repository = declared.pop(name, None)
        if repository is None and name not in {one.name for one in workload.containers}:
            yield Defect(f"an undeclared container {name!r} in {item.name!r}", DECLARE, item, (*at, "name"))
        elif repository and image and not images.same_repository(repository, image.name):
            problem = f"an image of {image.name!r} in the container {name!r} of {item.name!r}, not of {repository!r}"
            yield Defect(problem, IMAGES, item, (*at, "image"))
    for name in declared:
        yield Defect(f"no container {name!r} in {item.name!r}", WRITE, item)
    yield from _other_images(item)


def _other_images(item: Object) -> Iterator[Defect]:
    """What runs or is mounted from an image without being a container that could be declared."""
    keys, spec = item.pod()
    if spec.get("ephemeralContainers"):
        yield Defect(f"ephemeral containers in {item.name!r}", MOUNT, item, (*keys, "ephemeralContainers"))
    for index, volume in enumerate(sequence(spec.get("volumes"))):
        if "image" in mapping(volume):
            name = mapping(volume).get("name")
            problem = f"a volume {name!r} in {item.name!r} that is filled from an image"
            yield Defect(problem, MOUNT, item, (*keys, "volumes", index, "image"))

"""Image tags move out of the manifests, into the overlays' `images:`; slots that differ today stay apart.

An image entry moves every container that writes its repository. Containers of one repository that run different
versions therefore each get a name of their own to write, which the overlay leads back to the repository.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from onboarding_tool import images, metadata_file
from onboarding_tool.images import Image
from onboarding_tool.legacy.export import Exported, Fault, refusal
from onboarding_tool.model import Container, Workload, mapping, sequence, text
from onboarding_tool.yamltext import Path


@dataclass(frozen=True, slots=True)
class Running:
    """A container or init container of a Deployment of the export."""

    item: Exported
    at: Path
    name: str
    image: Image


@dataclass(frozen=True, slots=True)
class Moved:
    """`written`: what each container's manifest is to write, in the order of `running`; `entries`: of every overlay."""

    running: tuple[Running, ...]
    written: tuple[str, ...]
    entries: tuple[dict[str, str], ...]

    def replacements(self, item: Exported) -> dict[Path, str]:
        """Field -> new value in one object."""
        pairs = zip(self.running, self.written, strict=True)
        return {(*one.at, "image"): name for one, name in pairs if one.item is item}


def running(objects: Iterable[Exported]) -> tuple[Running, ...]:
    """Every container. Raises UsageError for one that metadata.yaml cannot declare."""
    found, problems = [], []
    for item in objects:
        if item.object.kind != "Deployment":
            continue
        containers = list(item.object.containers())
        if not containers:
            problems.append(item.fault(f"{item.title} has no containers"))
        if not metadata_file.LABEL.fullmatch(item.object.name):
            problems.append(item.fault(_no_label("the Deployment", item.object.name), "metadata", "name"))
        for at, container in containers:
            one = Running(item, at, text(container.get("name")), images.parse(text(container.get("image"))))
            problems += _problems(one)
            found.append(one)
    if problems:
        raise refusal(problems)
    return tuple(found)


def _problems(one: Running) -> list[Fault]:
    problems = []
    if not metadata_file.LABEL.fullmatch(one.name):
        problems.append(one.item.fault(_no_label("a container", one.name), *one.at, "name"))
    reason = images.problem(one.image)
    if reason is None and not metadata_file.REPOSITORY.fullmatch(one.image.name):
        reason = f"{one.image.name!r} is not a repository name in lower case"
    if reason:
        said = f"no runtime could pull the image of {one.name!r}: {reason}"
        problems.append(one.item.fault(said, *one.at, "image"))
    return problems


def _no_label(what: str, name: str) -> str:
    return f"{what} {name!r}: metadata.yaml takes names of lower-case letters, digits and -, at most 63"


def workloads(found: Iterable[Running]) -> tuple[Workload, ...]:
    """What metadata.yaml declares: every Deployment, with the repositories of its containers as written."""
    containers: dict[str, list[Container]] = {}
    for one in found:
        containers.setdefault(one.item.object.name, []).append(Container(one.name, one.image.name))
    return tuple(Workload(deployment, tuple(items)) for deployment, items in containers.items())


def moved(found: Sequence[Running]) -> Moved:
    """Where each container's version goes."""
    repositories = {one.image.name for one in found}
    volumes = {name for one in found for name in _volume_images(one.item)}
    shared = {name for name in repositories if not _can_be_entry(name, found, repositories, volumes)}
    names: dict[Image, str] = {}
    for one in found:
        if one.image not in names:
            logical = _logical_name(one, {*names.values(), *repositories, *volumes})
            names[one.image] = logical if one.image.name in shared else one.image.name
    written = tuple(names[one.image] for one in found)
    return Moved(tuple(found), written, tuple(_entries(names)))


def _can_be_entry(name: str, found: Iterable[Running], repositories: Iterable[str], volumes: Iterable[str]) -> bool:
    """Whether an entry of this repository's name moves all of its containers alike, and nothing else.

    kustomize takes the name for a regular expression, and looks at image volumes too.
    """
    versions = {one.image for one in found if one.image.name == name}
    others = (other for other in (*repositories, *volumes) if other != name)
    return len(versions) == 1 and name not in volumes and not any(re.fullmatch(name, other) for other in others)


def _volume_images(item: Exported) -> list[str]:
    _, spec = item.object.pod()
    volumes = (mapping(volume) for volume in sequence(spec.get("volumes")))
    return [images.parse(text(mapping(volume.get("image")).get("reference"))).name for volume in volumes]


def _logical_name(one: Running, taken: set[str]) -> str:
    """`payments-app`: the first container that writes it, made unlike every other name."""
    wanted = f"{one.item.object.name}-{one.name}"
    names = (wanted if count == 1 else f"{wanted}-{count}" for count in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _entries(names: Mapping[Image, str]) -> list[dict[str, str]]:
    """An image without tag and digest needs an entry only if it has a name of its own."""
    entries = []
    for image, name in names.items():
        if name != image.name:
            entries.append(metadata_file.image_entry(image, name))
        elif image.tag or image.digest:
            entries.append(metadata_file.image_entry(image))
    return sorted(entries, key=lambda entry: entry["name"])


def parents(found: Iterable[Running], allowed: tuple[str, ...]) -> tuple[str, ...]:
    """What would have to be added to platform.yaml's registries: the parents of the repositories it does not allow."""
    missing = {images.parent(one.image.name) for one in found if not images.is_below(one.image.name, allowed)}
    return tuple(sorted(name for name in missing if not any(name.startswith(f"{other}/") for other in missing)))

"""Slots: which containers an image change moves, judged as kustomize's image transformer would.

Until objects are rendered, what runs is read from the manifests of base and overlay and from the overlay's `images:`;
the rule `patch-changes-image` refuses what could make that wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from onboarding_tool import images
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Kustomization, Object, sequence, text
from onboarding_tool.same import Same
from onboarding_tool.yamltext import Path

KEPT = 256  # environments of APIs whose containers are kept: several rules look at them in turn


@dataclass(frozen=True, slots=True)
class Running:
    """A container of a Deployment, as written and as the overlay's `images:` make it.

    `entry` is the index of the last image entry that matched, None if none did; `at` leads to the container in
    `object`.
    """

    deployment: str
    container: str
    init: bool
    written: Image
    image: Image
    entry: int | None
    object: Object
    at: Path


def entries(kustomization: Kustomization) -> list[Mapping[str, Any]]:
    """The overlay's `images:`; what is no mapping is an empty one, so that indexes stay true."""
    return [item if isinstance(item, dict) else {} for item in sequence(kustomization.value.get("images"))]


def manifests(api: Api, environment: str) -> list[Object]:
    """The objects of the base and of the overlay's own files."""
    overlay = api.overlays.get(environment)
    base = api.base.objects if api.base else ()
    return [*base, *(overlay.objects if overlay else ())]


def complete(api: Api, environment: str) -> bool:
    """Whether all of these could be read, so that what is not among them is missing."""
    overlay = api.overlays.get(environment)
    return all(part.complete for part in (api.base, overlay) if part is not None)


def running(api: Api, environment: str) -> tuple[Running, ...]:
    """Every container and init container of every Deployment, in the order of the files."""
    return _kept(Same(api), environment)


@lru_cache(KEPT)
def _kept(same: Same[Api], environment: str) -> tuple[Running, ...]:
    return once_running(same.value, environment)


def once_running(api: Api, environment: str) -> tuple[Running, ...]:
    """As `running`, for who asks once: to keep what nobody asks for again takes longer than to find it."""
    overlay = api.overlays.get(environment)
    moves = entries(overlay) if overlay else []
    return tuple(
        _running(item, at, container, moves)
        for item in manifests(api, environment)
        if item.kind == "Deployment"
        for at, container in item.containers()
    )


def slot(api: Api, environment: str, one: Running) -> tuple[Running, ...]:
    """All containers that the same image entry moves: those that write the same repository."""
    return tuple(other for other in running(api, environment) if other.written.name == one.written.name)


def declared_image(api: Api, deployment: str, container: str) -> str:
    """The repository that metadata.yaml declares for a container; "" if it declares none."""
    for workload in api.workloads:
        if workload.deployment == deployment:
            return next((c.image for c in workload.containers if c.name == container), "")
    return ""


def _running(item: Object, at: Path, container: Mapping[str, Any], moves: list[Mapping[str, Any]]) -> Running:
    written = images.parse(text(container.get("image")))
    image, entry = transform(written, moves)
    return Running(item.name, text(container.get("name")), "initContainers" in at, written, image, entry, item, at)


def transform(written: Image, moves: list[Mapping[str, Any]]) -> tuple[Image, int | None]:
    """`written` after kustomize's image entries, applied in order, and the index of the last that matched."""
    image, entry = written, None
    for index, move in enumerate(moves):
        if text(move.get("name")) == image.name:
            image, entry = _moved(image, move), index
    return image, entry


def _moved(image: Image, move: Mapping[str, Any]) -> Image:
    """A new tag alone drops the digest, a digest alone drops the tag, a new name alone keeps both."""
    name = text(move.get("newName")) or image.name
    tag, digest = text(move.get("newTag")) or None, text(move.get("digest")) or None
    if tag is None and digest is None:
        return image.renamed(name)
    return Image(name, tag, digest)

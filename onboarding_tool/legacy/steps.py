"""What an import leaves to people: sentences, each with what to do."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from onboarding_tool.legacy.cleaning import autoscaled
from onboarding_tool.legacy.export import Exported, printable
from onboarding_tool.legacy.image_slots import Moved
from onboarding_tool.legacy.values import Import
from onboarding_tool.model import PLATFORM_FILE, Repo, mapping, sequence, text
from onboarding_tool.wording import listed

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# A JSON patch: nobody but the autoscaler has set anything, and kubectl has applied nothing.
HANDOVER = json.dumps(
    [
        {
            "op": "add",
            "path": "/metadata/managedFields",
            "value": [
                {
                    "manager": "autoscaler",
                    "operation": "Apply",
                    "apiVersion": "apps/v1",
                    "fieldsType": "FieldsV1",
                    "fieldsV1": {"f:spec": {"f:replicas": {}}},
                }
            ],
        },
        {"op": "remove", "path": f"/metadata/annotations/{LAST_APPLIED.replace('/', '~1')}"},
    ],
    separators=(",", ":"),
)


def steps(repo: Repo, result: Import, objects: Sequence[Exported], moved: Moved) -> tuple[str, ...]:
    """What is left to do, in the order in which it is done."""
    return (
        *_images(repo, result, moved),
        *_registries(result),
        *_namespaces(repo, result, objects),
        *_prefixes(result),
        *_references(result, objects),
        *_replicas(result, objects),
        "Look at the files, then `onboard generate`, `onboard check`, and commit.",
    )


def _images(repo: Repo, result: Import, moved: Moved) -> Iterator[str]:
    name, environment = result.api.name, next(iter(result.api.environments))
    several = len(set(moved.written)) > 1
    for one in moved.running:
        where = f"the container {one.name} of the Deployment {one.item.object.name}"
        if not one.image.tag and not one.image.digest:
            slot = f" --deployment {one.item.object.name} --container {one.name}" if several else ""
            command = f"`onboard bump {name} {environment} {one.image.name}:TAG{slot}`"
            yield f"No tag: {where} runs {one.image}. `onboard check` passes after {command} in each environment."
        elif one.image.tag in repo.platform.forbidden_tags and not one.image.digest:
            yield f"{PLATFORM_FILE} forbids the tag {one.image.tag} of {where}: request the version that it means."
        elif repo.platform.require == "digest" and not one.image.digest:
            yield f"{PLATFORM_FILE} requires digests, and {where} runs {one.image}: request it with its digest."


def _registries(result: Import) -> Iterator[str]:
    if result.registries_added:
        names = listed(result.registries_added)
        yield f"Ask the platform team to agree that {PLATFORM_FILE} now allows images from {names}."
    elif result.registries_missing:
        names = listed(result.registries_missing)
        yield f"{PLATFORM_FILE} does not allow images from {names}: add that to `registries` there."


def _namespaces(repo: Repo, result: Import, objects: Iterable[Exported]) -> Iterator[str]:
    places = result.api.environments
    own = {text(item.object.get("metadata", "namespace")) for item in objects} - {""}
    for environment, place in places.items():
        if place.manage == "none" and place.namespace not in own:
            yield f"{environment}: the namespace {place.namespace} is expected to exist (`manage: none`)."
        if place.namespace in repo.platform.forbidden_namespaces:
            yield f"{environment}: {PLATFORM_FILE} forbids the namespace {place.namespace}, an API needs its own."
    known = repo.platform.environments
    clusters = [(known[name].cluster, place.namespace) for name, place in places.items()]
    if len(set(clusters)) < len(clusters):
        yield "Two environments on one cluster cannot share a namespace: give one of them another in metadata.yaml."


def _prefixes(result: Import) -> Iterator[str]:
    if len(result.api.routes) > 1:
        leads = listed(f"{route.prefix} to {route.service}:{route.port}" for route in result.api.routes)
        yield f"Several Services take traffic, so each has a prefix: {leads}. Change them in metadata.yaml, if need be."


def _references(result: Import, objects: Iterable[Exported]) -> Iterator[str]:
    there = {title for _, title, _ in result.kept} | {"ServiceAccount default"}
    needed = {name for item in objects if item.title in there for name in _needed(item)}
    if missing := sorted(needed - there):
        names = listed(missing)
        yield f"{result.api.name} refers to what is not in the export, and has to be in its namespaces: {names}."


def _needed(item: Exported) -> Iterator[str]:
    """`Secret payments-db`: what a Deployment's pods or an Ingress cannot do without."""
    if item.object.kind == "Ingress":
        for entry in sequence(item.object.get("spec", "tls")):
            yield from _named("Secret", mapping(entry).get("secretName"))
    if item.object.kind != "Deployment":
        return
    _, spec = item.object.pod()
    yield from _named("ServiceAccount", spec.get("serviceAccountName"))
    for secret in sequence(spec.get("imagePullSecrets")):
        yield from _named("Secret", mapping(secret).get("name"))
    yield from _referred(spec)


def _referred(value: Any) -> Iterator[str]:
    """Every Secret and ConfigMap that is named anywhere in a pod and not optional."""
    if isinstance(value, list):
        for item in value:
            yield from _referred(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            kind = REFERENCES.get(key)
            if kind and isinstance(item, dict) and item.get("optional") is not True:
                yield from _named(kind, item.get("name", item.get("secretName")))
            yield from _referred(item)


REFERENCES = {
    "secretKeyRef": "Secret",
    "secretRef": "Secret",
    "secret": "Secret",
    "configMapKeyRef": "ConfigMap",
    "configMapRef": "ConfigMap",
    "configMap": "ConfigMap",
}


def _named(kind: str, name: Any) -> Iterator[str]:
    if text(name):
        yield f"{kind} {printable(text(name))}"


def _replicas(result: Import, objects: Sequence[Exported]) -> Iterator[str]:
    """Argo CD drops what kubectl applied before and is gone: the number would fall to 1 until the HPA acts.

    Without the field in the last applied configuration it would do so, too: it takes over every field that kubectl
    owns alone, and drops those that git does not name. The number is one of them until the HPA changes it.
    """
    scaled, kept = autoscaled(objects), {title for _, title, _ in result.kept}
    for item in objects:
        is_scaled = item.object.kind == "Deployment" and item.object.name in scaled
        if is_scaled and item.title in kept and _applied_replicas(item):
            name, namespace = item.object.name, text(item.object.get("metadata", "namespace"))
            place = f" -n {namespace}" if namespace else ""
            yield (
                f"Before Argo CD takes over {name}, hand its number of replicas over to the HorizontalPodAutoscaler: "
                f"`kubectl patch deployment/{name}{place} --type=json -p '{HANDOVER}'`. "
                "Else the first sync sets the number to 1, until it is raised again."
            )


def _applied_replicas(item: Exported) -> bool:
    try:
        applied = json.loads(text(item.object.get("metadata", "annotations", LAST_APPLIED)) or "{}")
    except (ValueError, RecursionError):
        return False
    return mapping(mapping(applied).get("spec")).get("replicas") is not None

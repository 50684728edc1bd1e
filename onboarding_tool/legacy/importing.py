"""The import as a whole: read, sort out, clean, move images and configuration, declare, and read it all again."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from onboarding_tool import load, metadata_file, yamltext
from onboarding_tool.legacy import cleaning, config_maps, export, image_slots, manifests, report, routing, steps
from onboarding_tool.legacy.config_maps import Generated
from onboarding_tool.legacy.export import Exported, Fault, printable, refusal
from onboarding_tool.legacy.image_slots import Moved
from onboarding_tool.legacy.manifests import Manifest
from onboarding_tool.legacy.values import Import, Note, Wish
from onboarding_tool.model import PLATFORM_FILE, TEAMS_FILE, Api, Placement, Repo, mapping
from onboarding_tool.tree import Changes, tree_of
from onboarding_tool.wording import counted, listed
from onboarding_tool.yamltext import OURS
from onboarding_tool.yamltext.comments import comments

OBJECT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,198}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the kept objects become: manifests of the base, and ConfigMaps that overlays make."""

    manifests: tuple[Manifest, ...]
    generated: tuple[Generated, ...]
    notes: tuple[Note, ...]


def import_api(repo: Repo, sources: Mapping[str, bytes], wish: Wish) -> Import:
    """The files of a new API made from `sources` (shown name -> bytes). Raises UsageError if anything is in the way."""
    metadata_file.refuse_unfit(repo, wish.name, wish.tenant, wish.team)
    objects = export.read(sources)
    kept, dropped = cleaning.sorted_out(objects)
    _refuse(kept, dropped)
    environments = _placements(repo, kept, wish)
    found = image_slots.running(kept)
    moved = image_slots.moved(found)
    routes, unrouted = routing.routes(kept, wish, environments)
    api = Api(
        name=wish.name,
        tenant=wish.tenant,
        team=wish.team,
        workloads=image_slots.workloads(found),
        environments=environments,
        routes=routes,
    )
    scaled = cleaning.autoscaled(objects)
    _refuse_unrenderable(kept, scaled)
    parts = _parts(kept, moved, scaled)
    result = Import(
        api=api,
        changes=_files(api, parts, moved),
        kept=_kept(parts),
        notes=(*dropped, *parts.notes, *unrouted, *_comments(objects, parts)),
        steps=(),
    )
    return _verified(repo, _reported(_with_registries(repo, found, wish, result), repo, objects, moved))


# Judging what was read


def _refuse(kept: Sequence[Exported], dropped: Iterable[Note]) -> None:
    """Raises UsageError for objects that cannot stand in one API."""
    problems = [
        item.fault(f"{printable(item.object.name)} cannot be the name of an object", "metadata", "name")
        for item in kept
        if not OBJECT_NAME.fullmatch(item.object.name)
    ]
    problems += _twice(kept)
    if problems:
        raise refusal(problems)
    if not any(item.object.kind == "Deployment" for item in kept):
        there = [f"it has {listed(item.title for item in kept)}"] if kept else []
        why_not = [f"{note.object} cannot be taken: {note.reason}" for note in dropped]
        raise refusal(["the export has no Deployment, and an API is at least one", *there, *why_not])
    config_maps.refuse_unreadable(kept)


def _twice(kept: Iterable[Exported]) -> Iterator[Fault]:
    first: dict[tuple[str, str], Exported] = {}
    for item in kept:
        before = first.setdefault((item.object.kind, item.object.name), item)
        if before is not item:
            yield Fault(item, (), f"{item.title} is in the export twice", before)


def _refuse_unrenderable(kept: Iterable[Exported], scaled: frozenset[str]) -> None:
    problems = []
    for item in kept:
        value = manifests.cleaned(item, [at for at, _ in cleaning.removals(item, scaled)], {})
        for at, character in export.unrenderable(value):
            said = f"kustomize cannot render U+{ord(character):04X} in {item.title}: take it out"
            problems.append(item.fault(said, *at))
    if problems:
        raise refusal(problems)


def _placements(repo: Repo, kept: Sequence[Exported], wish: Wish) -> dict[str, Placement]:
    places = {namespace: item for item in kept if (namespace := item.object.get("metadata", "namespace"))}
    own = sorted(map(str, places))
    if len(own) > 1:
        lines = [places[name].fault(f"{places[name].title} is in {name!r}", "metadata", "namespace") for name in own]
        hint = "Export each on its own, `kubectl get ... -n NAMESPACE -o yaml`, and import one API from each."
        raise refusal([f"the export comes from {len(own)} namespaces", *lines], hint)
    default = own[0] if own else None
    manage = "full" if wish.manage_namespaces else "none"
    return metadata_file.placements(repo, wish.namespaces, lambda env: default or f"{wish.name}-{env}", manage)


# Making the files


def _parts(kept: list[Exported], moved: Moved, scaled: frozenset[str]) -> Parts:
    made, whole, notes = [], [], []
    for item in manifests.in_order(kept):
        reasons = cleaning.removals(item, scaled)
        notes += [Note(item.title, at, reason) for at, reason in reasons]
        if item.object.kind != "ConfigMap":
            whole.append(item)
        elif reason := config_maps.why_whole(item):
            notes.append(Note(item.title, ("data",), f"it stays a manifest of the base: {reason}"))
            whole.append(item)
        else:
            made.append(config_maps.generated(item, manifests.cleaned(item, [at for at, _ in reasons], {})))
    names = manifests.file_names(whole)
    written = tuple(_manifest(name, item, moved, scaled) for name, item in zip(names, whole, strict=True))
    return Parts(written, tuple(made), tuple(notes))


def _manifest(name: str, item: Exported, moved: Moved, scaled: frozenset[str]) -> Manifest:
    gone = [at for at, _ in cleaning.removals(item, scaled)]
    return manifests.manifest(name, item, gone, moved.replacements(item))


def _files(api: Api, parts: Parts, moved: Moved) -> Changes:
    files: Changes = {
        api.path: metadata_file.metadata(api),
        f"{api.folder}/base/kustomization.yaml": metadata_file.base(one.name for one in parts.manifests),
    }
    files |= {f"{api.folder}/base/{one.name}": one.text.encode() for one in parts.manifests}
    entries = [one.entry for one in parts.generated]
    for environment, place in api.environments.items():
        folder = api.overlay_folder(environment)
        files[f"{folder}/kustomization.yaml"] = metadata_file.overlay(place.namespace, moved.entries, entries)
        for one in parts.generated:
            files |= {f"{folder}/{path}": data for path, data in one.files.items()}
    return files


def _kept(parts: Parts) -> tuple[tuple[str, str, str], ...]:
    """(file, object, source), sorted by file."""
    whole = [(f"base/{one.name}", one.item.title, one.item.source.name) for one in parts.manifests]
    made = [
        (f"overlays/*/config/{one.item.object.name}/", one.item.title, one.item.source.name) for one in parts.generated
    ]
    return (*whole, *made)


def _comments(objects: Iterable[Exported], parts: Parts) -> list[Note]:
    """Files of whose comments not all were kept."""
    notes = []
    for source in {item.source.name: item.source for item in objects}.values():
        had = _count(source.data.decode("utf-8"))
        has = sum(_count(one.text) for one in parts.manifests if one.item.source is source)
        if had > has:
            notes.append(
                Note(source.name, (), f"{counted(had - has, 'comment')} of {had:,}: only values could be kept there")
            )
    return notes


def _count(text: str) -> int:
    return len(comments(text)) if "#" in text else 0


def _with_registries(repo: Repo, found: Iterable[image_slots.Running], wish: Wish, result: Import) -> Import:
    missing = image_slots.parents(found, repo.platform.registries)
    if not missing or not wish.allow_registries:
        return replace(result, registries_missing=missing)
    text = repo.tree.read(PLATFORM_FILE).decode("utf-8")
    value = mapping(yamltext.read(text.encode(), OURS).documents[0])
    if isinstance(value.get("registries"), list):
        for registry in missing:
            text = yamltext.append(text, ("registries",), registry)
    else:
        text = yamltext.set_key(text, (), "registries", list(missing))
    changes = result.changes | {PLATFORM_FILE: text.encode()}
    return replace(result, changes=changes, registries_added=missing)


def _reported(result: Import, repo: Repo, objects: Sequence[Exported], moved: Moved) -> Import:
    result = replace(result, steps=steps.steps(repo, result, objects, moved))
    path = f"{result.api.folder}/IMPORT.md"
    return replace(result, changes=result.changes | {path: report.page(result).encode()})


def _verified(repo: Repo, result: Import) -> Import:
    """The result, read again as `onboard check` will read it. Raises UsageError if anything in it cannot be."""
    before: dict[str, Any] = {path: repo.tree.read(path) for path in (PLATFORM_FILE, TEAMS_FILE)}
    after = {path: data for path, data in (before | result.changes).items() if data is not None}
    _, findings = load.load(tree_of(after), [result.api.name])
    lines = [
        f"{found.path}:{found.line}:{found.column}: {found.message}. {found.hint}"
        for found in findings
        if found.path in result.changes
    ]
    if lines:
        raise refusal(["what the import made of it would not pass `onboard check`:", *lines])
    return result

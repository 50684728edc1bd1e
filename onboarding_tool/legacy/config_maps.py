"""ConfigMaps become files and `configMapGenerator` entries of the same name; what no file can hold stays whole."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding_tool import yamltext
from onboarding_tool.legacy.export import Exported, refusal
from onboarding_tool.model import mapping

# A key that is a file name everywhere: no dot file (git reads some of those), no name that Windows keeps for devices.
KEY = re.compile(
    r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z))[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?", re.I
)
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "kustomization")
LARGEST_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Generated:
    """A ConfigMap as an overlay makes it. `files`: path below the overlay's folder -> bytes."""

    item: Exported
    entry: dict[str, Any]
    files: Mapping[str, bytes]


def refuse_unreadable(objects: Iterable[Exported]) -> None:
    """Raises UsageError for values that Kubernetes itself would refuse: a ConfigMap holds text."""
    problems = []
    for item in objects:
        if item.object.kind != "ConfigMap":
            continue
        for field in ("data", "binaryData"):
            for key, value in mapping(item.object.get(field)).items():
                if not isinstance(value, str):
                    said = f"{item.title}: the value of {key!r} is no text: put it in quotes"
                    problems.append(item.fault(said, field, key))
    if problems:
        raise refusal(problems)


def why_whole(item: Exported) -> str | None:
    """Why a ConfigMap stays a manifest of the base."""
    data = mapping(item.object.get("data"))
    if mapping(item.object.get("binaryData")):
        return "it holds binary data"
    if not data:
        return "it holds no data"
    if odd := [key for key in data if not KEY.fullmatch(key) or key.lower() in KUSTOMIZATIONS]:
        return f"the key {odd[0]!r} is not safe as the name of a file"
    # kustomize 5.8.1 writes the generated key 2 without quotes, reads a number, and fails.
    if odd := [key for key in data if yamltext.scalar(key) != key]:
        return f"kustomize would not read the key {odd[0]!r} as text"
    if len({key.lower() for key in data}) < len(data):
        return "two of its keys differ in case only, and some file systems do not tell them apart"
    for key, value in data.items():
        if reason := _not_for_a_file(value):
            return f"the value of {key!r} {reason}"
    return None


def _not_for_a_file(value: str) -> str | None:
    if value.startswith("\t") and "\n" in value:
        return "begins with a tab, and kustomize would write it so that it cannot be read"
    if "\r" in value:
        return "has carriage returns, which git may change in a file"
    if yamltext.hidden_character(value):
        return "has invisible characters, which a manifest writes as escapes"
    if len(value.encode()) > LARGEST_FILE:
        return f"is larger than {LARGEST_FILE // 1024} KiB"
    return None


def generated(item: Exported, value: Mapping[str, Any]) -> Generated:
    """The generator's entry and files for a ConfigMap. `value`: the object without what is not kept."""
    name, data, metadata = item.object.name, mapping(value["data"]), mapping(value["metadata"])
    folder = f"config/{name}"
    # The hash in the name would change the pod template: a later, deliberate step.
    options: dict[str, Any] = {"disableNameSuffixHash": True}
    if value.get("immutable") is True:
        options["immutable"] = True
    for key in ("labels", "annotations"):
        if mapping(metadata.get(key)):
            options[key] = metadata[key]
    files = {f"{folder}/{key}": text.encode() for key, text in sorted(data.items())}
    return Generated(item, {"name": name, "files": list(files), "options": options}, files)

"""The manifests of base/: each kept object in a file of its own, as near to the text it came from as can be."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from onboarding_tool import yamltext
from onboarding_tool.errors import BugError
from onboarding_tool.legacy.cleaning import collapsed, with_value, without
from onboarding_tool.legacy.export import EXPORT, Exported, refusal, same
from onboarding_tool.yamltext import Path
from onboarding_tool.yamltext.splicing import SpliceError

FILE_NAMES = {"HorizontalPodAutoscaler": "hpa", "PodDisruptionBudget": "pdb"}
# The order in which a reader wants them; every other kind comes behind.
ORDER = ("ServiceAccount", "ConfigMap", "PersistentVolumeClaim", "Deployment", "Service", "HorizontalPodAutoscaler")
HEAD = ("apiVersion", "kind", "metadata")
LARGE = (("metadata", "managedFields"), ("status",))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A file of base/, and the object it came from."""

    name: str
    item: Exported
    text: str


def cleaned(item: Exported, removals: Iterable[Path], replacements: Mapping[Path, str]) -> Mapping[str, Any]:
    """The object as it is kept."""
    value: Any = item.value
    for path, new in replacements.items():
        value = with_value(value, path, new)
    for path in collapsed(value, removals):
        value = without(value, path)
    kept: Mapping[str, Any] = value
    return kept


def manifest(name: str, item: Exported, removals: list[Path], replacements: Mapping[Path, str]) -> Manifest:
    """The object's own text with its edits spliced in; if that cannot be, its value written anew."""
    value = cleaned(item, removals, replacements)
    text = _spliced(item, value, removals, replacements) if item.text else ""
    if not text:
        text = yamltext.dump({key: value[key] for key in HEAD if key in value} | dict(value))
    if not _means(text, value):
        raise refusal([item.fault(f"{item.title} holds a value that cannot be written so that it reads the same")])
    return Manifest(name, item, text)


def _spliced(item: Exported, value: Mapping[str, Any], removals: list[Path], replacements: Mapping[Path, str]) -> str:
    """The text as edited; "" if it has a shape that no splice edits."""
    text = item.text
    try:
        # The large fields go first: then the other splices have less to read.
        for path in sorted(collapsed(item.value, removals), key=lambda path: path not in LARGE):
            text = yamltext.remove(text, path)
        for path, new in replacements.items():
            text = yamltext.replace(text, path, new)
    except (SpliceError, BugError):
        return ""
    return text if _means(text, value) else ""


def _means(text: str, value: Mapping[str, Any]) -> bool:
    parsed = yamltext.read(text.encode(), EXPORT)
    return not parsed.problems and len(parsed.documents) == 1 and same(parsed.documents[0], value)


def in_order(items: Iterable[Exported]) -> list[Exported]:
    """Sorted by kind as a reader wants them, then by name."""
    rank = {kind: index for index, kind in enumerate(ORDER)}
    return sorted(items, key=lambda item: (rank.get(item.object.kind, len(ORDER)), item.object.kind, item.object.name))


def file_names(items: list[Exported]) -> list[str]:
    """`deployment.yaml`, or `deployment-<name>.yaml` where there are several of a kind."""
    count = Counter(item.object.kind for item in items)
    return [_file_name(item, several=count[item.object.kind] > 1) for item in items]


def _file_name(item: Exported, *, several: bool) -> str:
    kind = item.object.kind
    word = FILE_NAMES.get(kind, kind.lower())
    return f"{word}-{item.object.name}.yaml" if several else f"{word}.yaml"

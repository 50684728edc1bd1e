"""CustomResourceDefinitions as closed JSON Schemas: a field that the API server would prune in silence is an error."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

TEXT = {"type": "string"}
TEXTS = {"type": "object", "additionalProperties": TEXT}
# What a manifest says of itself. The CRD leaves `metadata` to Kubernetes, which has many more fields that only it sets.
METADATA = {
    "type": "object",
    "required": ["name", "namespace"],
    "properties": {
        "name": {"type": "string", "maxLength": 253, "pattern": r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"},
        "namespace": TEXT,
        "labels": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 63}},
        "annotations": TEXTS,
        "finalizers": {"type": "array", "items": TEXT},
    },
    "additionalProperties": False,
}
# What says nothing about what is allowed.
DROPPED = ("description", "default", "example")
# Kubernetes' own keywords that say what is; the others shape the schema, or are judged by nobody but the API server.
OWN = ("x-kubernetes-list-map-keys",)


def schema_of(folder: Path, kind: str) -> dict[str, Any]:
    """What the definition of a kind below the folder says of its first version, closed."""
    for path in sorted(folder.glob("*/*.yaml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if document["spec"]["names"]["kind"] == kind:
            return closed(document["spec"]["versions"][0]["schema"]["openAPIV3Schema"])
    raise KeyError(kind)


def validator(crd: Path) -> Draft202012Validator:
    """Judges objects of the CRD's first version, as a manifest has them: nothing but metadata and spec."""
    document = yaml.load(crd.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    version = document["spec"]["versions"][0]
    schema = closed(version["schema"]["openAPIV3Schema"])
    names = document["spec"]
    schema["properties"] |= {
        "apiVersion": {"const": f"{names['group']}/{version['name']}"},
        "kind": {"const": names["names"]["kind"]},
        "metadata": METADATA,
        "status": False,
        "operation": False,
    }
    schema["required"] = sorted({*schema["required"], "apiVersion", "kind", "metadata", "spec"})
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A structural schema in which an object may have no fields but those declared."""
    kept = {key: one for key, one in schema.items() if key not in DROPPED and (key in OWN or not key.startswith("x-"))}
    if schema.get("x-kubernetes-list-type") == "set":
        kept["uniqueItems"] = True
    if schema.get("x-kubernetes-int-or-string"):
        kept = {"type": ["integer", "string"]} | {k: v for k, v in kept.items() if k not in ("type", "anyOf")}
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = closed(kept[key])
    if "properties" in kept:
        kept["properties"] = {name: closed(value) for name, value in kept["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            kept.setdefault("additionalProperties", False)
    return kept


def problems(judge: Draft202012Validator, value: Any) -> list[str]:
    """What does not fit, one line each."""
    return sorted(f"{error.json_path}: {error.message}" for error in judge.iter_errors(value))


def unclosed(schema: Any, at: str = "$") -> Iterator[str]:
    """Where a converted schema declares fields and still lets others pass."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and schema.get("additionalProperties", True) is True:
            yield at
        for key, value in schema.items():
            yield from unclosed(value, f"{at}.{key}")
    elif isinstance(schema, list):
        for index, value in enumerate(schema):
            yield from unclosed(value, f"{at}[{index}]")

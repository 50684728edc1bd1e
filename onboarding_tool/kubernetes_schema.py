"""Whether an object is one that a version of Kubernetes accepts: its fields, their types, and what must be there.

The schemas are closed: a field that Kubernetes would drop in silence is a misfit. Which kinds and versions, and why
the judge is our own: docs/decisions/0008-kubernetes-schemas.md
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from onboarding_tool import resources
from onboarding_tool.wording import did_you_mean, listed
from onboarding_tool.yamltext import Path

Schema = Mapping[str, Any]
WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """What is wrong at a place of an object, in half a sentence, and the way out."""

    at: Path
    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class Schemas:
    """What one version of Kubernetes knows: `kinds` maps `apiVersion kind` to the name of a definition."""

    kinds: Mapping[str, str]
    definitions: Mapping[str, Schema]


def versions() -> tuple[str, ...]:
    """The versions that can be judged by, major.minor, oldest first."""
    return resources.kubernetes_versions()


@cache
def schemas(version: str) -> Schemas:
    """Raises KeyError for a version that is not one of `versions`."""
    if version not in versions():
        raise KeyError(version)
    found = json.loads(resources.kubernetes_text(version))
    return Schemas(found["kinds"], found["definitions"])


def misfits(value: Mapping[str, Any], known: Schemas) -> Iterator[Misfit]:
    """What is wrong with an object; nothing for a kind that is not known in any version."""
    kind, written = str(value.get("kind")), str(value.get("apiVersion"))
    name = known.kinds.get(f"{written} {kind}")
    if name:
        yield from _misfits({"$ref": name}, value, (), known.definitions)
        return
    others = sorted(one.partition(" ")[0] for one in known.kinds if one.endswith(f" {kind}"))
    if any(_group(one) == _group(written) for one in others):
        hint = f"Write `apiVersion: {others[-1]}`; fields may have other names there."
        yield Misfit(("apiVersion",), f"there is no {kind} of {written!r}, only of {listed(others)}", hint)


def _group(version: str) -> str:
    return version.rpartition("/")[0]


def _misfits(schema: Schema, value: Any, at: Path, known: Mapping[str, Schema]) -> Iterator[Misfit]:
    schema = known[schema["$ref"]] if "$ref" in schema else schema
    if not _fits(schema, value):
        wanted = " or ".join(WORDS[name] for name in _types(schema) if name != "null")
        hint = f'Write "{value}" in quotes.' if "string" in _types(schema) else f"Write {wanted}."
        yield Misfit(at, f"is {_described(value)}, where Kubernetes wants {wanted}", hint)
    elif isinstance(value, dict):
        yield from _fields(schema, value, at, known)
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _misfits(schema["items"], item, (*at, index), known)


def _fields(schema: Schema, value: Mapping[str, Any], at: Path, known: Mapping[str, Schema]) -> Iterator[Misfit]:
    fields, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    for name in schema.get("required", ()):
        if value.get(name) is None:
            yield Misfit(at, f"has no `{name}`, which Kubernetes wants", f"Add `{name}:`.")
    for name, item in value.items():
        if name in fields:
            yield from _misfits(fields[name], item, (*at, name), known)
        elif others is False:
            hint = did_you_mean(str(name), fields, "Delete it, or move it to where it belongs.")
            yield Misfit((*at, str(name)), "is no field that Kubernetes knows there", hint)
        elif isinstance(others, dict):
            yield from _misfits(others, item, (*at, str(name)), known)


def _types(schema: Schema) -> list[str]:
    if "oneOf" in schema:
        return [name for one in schema["oneOf"] for name in _types(one)]
    found = schema.get("type", [])
    return [found] if isinstance(found, str) else list(found)


def _fits(schema: Schema, value: Any) -> bool:
    """Kubernetes takes a null for a field that is not there, whatever its type."""
    types = _types(schema)
    return not types or value is None or any(_is_of(name, value) for name in types)


def _is_of(name: str, value: Any) -> bool:
    match value:
        case bool():
            return name == "boolean"
        case int():
            return name in ("integer", "number")
        case float():
            return name == "number" or (name == "integer" and value.is_integer())
        case str():
            return name == "string"
        case dict():
            return name == "object"
        case list():
            return name == "array"
    return False


def _described(value: Any) -> str:
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return f"the text {value!r}" if isinstance(value, str) else json.dumps(value, default=str)

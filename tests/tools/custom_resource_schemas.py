"""Writes onboarding_tool/custom_resource_schemas/: what Argo CD's and Gateway API's objects may say.

    python -m tests.tools.custom_resource_schemas tests/corpus/crds

The source are CustomResourceDefinitions as the two projects publish them, both Apache-2.0. Why a part of them is kept,
and what is left out: docs/decisions/0008-kubernetes-schemas.md
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from tests.tools.kubernetes_schemas import text

TARGET = Path(__file__).resolve().parent.parent.parent / "onboarding_tool/custom_resource_schemas"
COMMENT = "From the CustomResourceDefinitions of {}, Apache-2.0; made by tests/tools/custom_resource_schemas.py"
# Folders of definitions, and the name and version that they are of.
ORIGINS = {"argo-cd-v3.5.1": "Argo CD 3.5.1", "gateway-api-v1.6.1": "Gateway API 1.6.1"}
METADATA = {"$ref": "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}
# Only controllers write it, and Kubernetes drops it from what is applied, or takes it as it is.
STATUS = {"type": "object"}
KEPT = (
    "type",
    "required",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "x-kubernetes-list-map-keys",
)
IP = [{"format": "ipv4"}, {"format": "ipv6"}]


def compact(folder: Path) -> dict[str, Any]:
    """The kinds by `apiVersion kind`, and the definitions that they need, without what only explains."""
    origin = ORIGINS[folder.name]
    whole = dict(_kinds(folder))
    # The same under two versions is one.
    kinds = {written: _name(next(one for one in whole if whole[one] == whole[written])) for written in whole}
    definitions = _shared({name: whole[written] for written, name in kinds.items() if _name(written) == name})
    return {"$comment": COMMENT.format(origin), "origin": origin, "kinds": kinds, "definitions": definitions}


def _kinds(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """(`apiVersion kind`, its schema) of every version that the API server serves."""
    for path in sorted(folder.glob("*.yaml")):
        spec = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["spec"]
        for version in spec["versions"]:
            if version["served"]:
                found = closed(version["schema"]["openAPIV3Schema"])
                found["properties"] |= {"metadata": METADATA, "status": STATUS}
                yield f"{spec['group']}/{version['name']} {spec['names']['kind']}", found


def _name(written: str) -> str:
    """`v1.HTTPRoute` for `gateway.networking.k8s.io/v1 HTTPRoute`."""
    return written.rpartition("/")[2].replace(" ", ".")


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A structural schema as JSON Schema: an object may have no fields but those declared, unless it says so."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    kept = {key: schema[key] for key in KEPT if key in schema}
    if schema.get("x-kubernetes-list-type") == "set":
        kept["uniqueItems"] = True
    if "properties" in schema:
        kept["properties"] = {name: closed(value) for name, value in schema["properties"].items()}
    for key in ("items", "additionalProperties", "not"):
        if key in schema:
            kept[key] = closed(schema[key])
    if schema.get("type") == "object" and not schema.get("x-kubernetes-preserve-unknown-fields"):
        kept.setdefault("additionalProperties", False)
    if schema.get("anyOf") == IP:
        kept["format"] = "ip"
    if "oneOf" in schema:
        kept["oneOf"] = [_branch(one, schema["properties"]) for one in schema["oneOf"]]
    return kept


def _branch(branch: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """One of several forms. Defaults come first: a field whose default does not fit the form has to be there."""
    defaults = {name: value["default"] for name, value in fields.items() if "default" in value}
    unfit = [
        name
        for name, value in branch.get("properties", {}).items()
        if name in defaults and not Draft202012Validator(value).is_valid(defaults[name])
    ]
    return closed(branch) | ({"required": unfit} if unfit else {})


def _shared(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The same definitions with what stands in them more than once as a definition of its own, named where it is first.

    An ApplicationSet says the same of each generator, and of each again inside two others.
    """
    counts = Counter(_key(part) for one in whole.values() for part in _objects(one))
    names: dict[str, str] = {}
    found: dict[str, Any] = {}

    def replaced(schema: Any, at: str) -> Any:
        if not isinstance(schema, dict) or "properties" not in schema or counts[_key(schema)] < 2:
            return _mapped(schema, replaced, at)
        name = names.setdefault(_key(schema), at)
        if name not in found:
            found[name] = _mapped(schema, replaced, name)
        return {"$ref": name}

    return {name: _mapped(schema, replaced, name) for name, schema in whole.items()} | found


def _mapped(schema: Any, change: Callable[[Any, str], Any], at: str) -> Any:
    """The schema with each one directly in it changed; `at` are the names of the fields that lead to it."""
    if not isinstance(schema, dict):
        return schema
    parts = {key: change(schema[key], at) for key in ("items", "additionalProperties", "not") if key in schema}
    if "oneOf" in schema:
        parts["oneOf"] = [change(one, at) for one in schema["oneOf"]]
    if "properties" in schema:
        parts["properties"] = {name: change(one, f"{at}.{name}") for name, one in schema["properties"].items()}
    return schema | parts


def _objects(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Every schema with fields: this one and those below."""
    found = [schema] if "properties" in schema else []

    def collect(part: Any, at: str) -> Any:
        found.extend(_objects(part) if isinstance(part, dict) else ())

    _mapped(schema, collect, "")
    return found


def _key(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True)


def main() -> int:
    TARGET.mkdir(exist_ok=True)
    for name in ORIGINS:
        target = TARGET / f"{name.replace('-v', '-')}.json"
        target.write_text(text(compact(Path(sys.argv[1]) / name)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

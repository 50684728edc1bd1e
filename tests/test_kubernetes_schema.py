"""Our judge against jsonschema, on the same schemas and on objects broken in every place."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from onboarding_tool import kubernetes_schema
from onboarding_tool.kinds import TENANT_KINDS
from tests.support import repos
from tests.support.examples import example

FOREIGN = ("cloud.google.com", "external-secrets.io", "monitoring.coreos.com", "networking.gke.io")
VALUES: tuple[Any, ...] = (5, 1.5, True, "text", "", {}, {"a": "b"}, [], ["a"], [{}])


def validator(known: kubernetes_schema.Schemas, name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/definitions/{name}", "definitions": pointed(known.definitions)})


def pointed(schema: Any) -> Any:
    """References as JSON Schema writes them."""
    if isinstance(schema, list):
        return [pointed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"#/definitions/{schema['$ref']}"}
    return {key: pointed(value) for key, value in schema.items()}


def objects() -> list[dict[str, Any]]:
    texts = [repos.DEPLOYMENT, repos.SERVICE, repos.HPA]
    texts += [data.decode() for path, data in sorted(example("three-tenants").items()) if "/base/" in path]
    found = [value for text in texts for value in yaml.safe_load_all(text) if value["kind"] != "Kustomization"]
    assert len(found) > 3
    return found


def broken(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in an object."""
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from broken(item, (*at, key))


def with_value(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    value = deepcopy(value)
    part = value
    for key in at[:-1]:
        part = part[key]
    part[at[-1]] = new
    return value


def test_the_judge_agrees_with_jsonschema():
    known = kubernetes_schema.schemas("1.36")
    judges = {kind: validator(known, name) for kind, name in known.kinds.items()}
    verdicts = set()
    for value in objects():
        judge = judges[f"{value['apiVersion']} {value['kind']}"]
        for at in broken(value):
            if len(at) > 1 or at[:1] == ("spec",):
                for new in VALUES:
                    other = with_value(value, at, new)
                    fits = judge.is_valid(other)
                    verdicts.add(fits)
                    assert (list(kubernetes_schema.misfits(other, known)) == []) is fits, (at, new)
    assert verdicts == {True, False}


@pytest.mark.parametrize("version", kubernetes_schema.versions())
def test_every_version_knows_our_kinds_and_is_closed(version):
    known = kubernetes_schema.schemas(version)
    kinds = {(name.rpartition("/")[0] if "/" in name else "", name.rpartition(" ")[2]) for name in known.kinds}
    assert {(group.partition(" ")[0], kind) for group, kind in kinds} == {
        (group, kind) for group, kind in TENANT_KINDS if group not in FOREIGN
    }
    unclosed = [
        name
        for name, one in known.definitions.items()
        if one.get("properties") and one.get("additionalProperties", True)
    ]
    assert unclosed == []
    Draft202012Validator.check_schema(pointed(known.definitions["io.k8s.api.core.v1.PodSpec"]))


def test_versions_come_in_order_and_hold_the_templates():
    assert kubernetes_schema.versions()[0] == "1.30"
    assert "1.36" in kubernetes_schema.versions()
    with pytest.raises(KeyError):
        kubernetes_schema.schemas("../1.36")

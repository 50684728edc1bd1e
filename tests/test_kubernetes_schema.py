"""Our judge against jsonschema, on objects broken in every place; and what the schemas are made of."""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from jsonschema import Draft202012Validator, FormatChecker, ValidationError, validators

from onboarding_tool import generators, kubernetes_schema, resources
from onboarding_tool.generators.layout import is_read_as_it_is
from onboarding_tool.generators.projects import PLATFORM_CLUSTER_KINDS, PLATFORM_KINDS
from onboarding_tool.kinds import TENANT_KINDS
from tests.support import custom_resources, fleets, repos
from tests.support.examples import NAMES, example, example_repo
from tests.tools.custom_resource_schemas import ORIGINS, compact
from tests.tools.kubernetes_schemas import text

# Kinds that an API may have, and whose definitions we do not have.
NOT_OURS = ("cloud.google.com", "external-secrets.io", "monitoring.coreos.com", "networking.gke.io")
VALUES: tuple[Any, ...] = (1.5, 2.0, 0, 70_000, True, "", "Up-.", "x" * 5000, {}, {"a": "b"}, [], ["a"], [{}])
KNOWN = kubernetes_schema.schemas("1.36")


def each_once(_: Any, keys: list[str], items: Any, __: Any) -> Iterator[ValidationError]:
    """Kubernetes' own keyword, as jsonschema asks for one."""
    found = [[item.get(key) for key in keys] for item in items if isinstance(item, dict)]
    if any(found.count(one) > 1 for one in found):
        yield ValidationError("twice")


FORMATS = FormatChecker(())
FORMATS.checks("ip", ValueError)(lambda value: isinstance(value, str) and bool(ipaddress.ip_address(value)))
Judge = validators.extend(Draft202012Validator, {"x-kubernetes-list-map-keys": each_once})


def validator(name: str) -> Any:
    schema = {"$ref": f"#/definitions/{name}", "definitions": pointed(KNOWN.definitions)}
    return Judge(schema, format_checker=FORMATS)


def pointed(schema: Any) -> Any:
    """References as JSON Schema writes them."""
    if isinstance(schema, list):
        return [pointed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"#/definitions/{schema['$ref']}"}
    return {key: pointed(value) for key, value in schema.items()}


def examples() -> list[dict[str, Any]]:
    """The largest object of each kind that our examples have or that is generated for them."""
    texts = [repos.DEPLOYMENT, repos.SERVICE, repos.HPA]
    texts += [data.decode() for path, data in sorted(example("three-tenants").items()) if "/base/" in path]
    found = [value for text in texts for value in yaml.safe_load_all(text) if value["kind"] != "Kustomization"]
    found += plain_objects("three-tenants")
    return list({value["kind"]: value for value in sorted(found, key=lambda value: len(str(value)))}.values())


def plain_objects(name: str) -> list[dict[str, Any]]:
    """What is generated for an example and reaches Argo CD as it is."""
    files = generators.generate(example_repo(name))
    return [value for path, data in files.items() if is_read_as_it_is(path) for value in yaml.safe_load_all(data)]


def broken(value: Any, others: Sequence[Any], but: Sequence[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The object with each place in it changed in many ways, but for those below `but`: (the place, the object)."""
    for at in places(value):
        if at and not any(at[: len(start)] == start for start in but):
            for new in (*others, *variants(part(value, at))):
                yield at, with_value(value, at, new)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*at, key))


def variants(value: Any) -> Iterator[Any]:
    """Nearly the same: without a field, with one more, with items twice or too many."""
    if isinstance(value, dict):
        yield from ({name: item for name, item in value.items() if name != left_out} for left_out in value)
        yield {**value, "misspelt": 1}
    elif isinstance(value, list):
        yield from (value * 2, value * 70)
    elif isinstance(value, str):
        yield from (value.upper(), f"{value}-", f"{value} ")


def part(value: Any, at: tuple[Any, ...]) -> Any:
    for key in at:
        value = value[key]
    return value


def with_value(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    value = deepcopy(value)
    part(value, at[:-1])[at[-1]] = new
    return value


def is_fit(value: Mapping[str, Any]) -> bool:
    return not kubernetes_schema.misfits(value, KNOWN)


def agree(value: Mapping[str, Any], judge: Any, others: Sequence[Any], *but: tuple[Any, ...]) -> None:
    assert is_fit(value)
    verdicts = {judge.is_valid(value)}
    for at, other in broken(value, others, (("apiVersion",), ("kind",), *but)):
        fits = judge.is_valid(other)
        verdicts.add(fits)
        assert is_fit(other) is fits, (at, part(other, at))
    assert verdicts == {True, False}


@pytest.mark.parametrize("value", examples(), ids=lambda value: value["kind"])
def test_the_judge_agrees_with_jsonschema(value):
    agree(value, validator(KNOWN.kinds[f"{value['apiVersion']} {value['kind']}"]), VALUES)


@pytest.mark.parametrize("folder", ORIGINS)
def test_our_schemas_of_custom_resources_are_what_the_tool_makes(folder, published_crds):
    assert text(compact(published_crds / folder)) in resources.custom_resource_texts()
    assert len(resources.custom_resource_texts()) == len(ORIGINS)


def test_published_definitions_of_all_folders_are_used(published_crds):
    assert {path.name for path in Path(published_crds).iterdir()} == set(ORIGINS)


@pytest.mark.parametrize("version", kubernetes_schema.versions())
def test_every_version_knows_our_kinds_and_is_closed(version):
    known = kubernetes_schema.schemas(version)
    ours = {pair for pair in (*TENANT_KINDS, *PLATFORM_KINDS, *PLATFORM_CLUSTER_KINDS) if pair[0] not in NOT_OURS}
    custom = {("argoproj.io", "ApplicationSet")}
    custom |= {("gateway.networking.k8s.io", kind) for kind in custom_resources.objects() if kind[:2] != "Ap"}
    kinds = (written.rpartition(" ") for written in known.kinds)
    assert {(written.rpartition("/")[0], kind) for written, _, kind in kinds} == ours | custom
    unclosed = [
        name
        for name, one in known.definitions.items()
        if one.get("properties") and one.get("additionalProperties", True) is True
    ]
    assert unclosed == []
    Draft202012Validator.check_schema(pointed(known.definitions["io.k8s.api.core.v1.PodSpec"]))
    Draft202012Validator.check_schema(pointed(known.definitions["v1.HTTPRoute"]))


@pytest.mark.parametrize("version", kubernetes_schema.versions())
def test_what_is_generated_for_the_examples_fits_every_version(version):
    found = [value for name in NAMES for value in plain_objects(name)]
    assert {"Application", "AppProject", "Namespace", "NetworkPolicy"} <= {value["kind"] for value in found}
    known = kubernetes_schema.schemas(version)
    assert [misfit for value in found for misfit in kubernetes_schema.misfits(value, known)] == []


@settings(max_examples=25)
@given(repo=fleets.repos)
def test_whatever_is_declared_what_is_generated_fits(repo):
    """So the rule `object-invalid` need not read generated files that are as they should be."""
    for path, data in generators.generate(repo).items():
        if is_read_as_it_is(path) or path.endswith("routes.yaml"):
            for value in yaml.load_all(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                assert not kubernetes_schema.misfits(value, KNOWN), path


def test_versions_come_in_order_and_hold_the_templates():
    assert kubernetes_schema.versions()[0] == "1.30"
    assert "1.36" in kubernetes_schema.versions()
    with pytest.raises(KeyError):
        kubernetes_schema.schemas("../1.36")


@pytest.mark.parametrize(
    ("version", "origin"),
    [
        ("apps/v1", "Kubernetes 1.36"),
        ("v1", "Kubernetes 1.36"),
        ("argoproj.io/v1alpha1", "Argo CD 3.5.1"),
        ("gateway.networking.k8s.io/v1beta1", "Gateway API 1.6.1"),
    ],
)
def test_it_is_known_what_an_object_is_judged_by(version, origin):
    assert KNOWN.origin({"apiVersion": version}) == origin

"""Generated manifests as every reader in use reads them, and judged by the types of the Kubernetes client."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from kubernetes import client
from ruamel.yaml import YAML

from onboarding_tool import yamltext
from onboarding_tool.yamltext import MANIFEST

MODELS = {
    "Namespace": "V1Namespace",
    "ResourceQuota": "V1ResourceQuota",
    "LimitRange": "V1LimitRange",
    "NetworkPolicy": "V1NetworkPolicy",
    "Ingress": "V1Ingress",
}
SCALARS = {"str": str, "int": int, "bool": bool}


def documents(data: bytes) -> list[dict[str, Any]]:
    """The documents of a manifest. YAML 1.1, YAML 1.2 and Go's readers must read the same."""
    text = data.decode("ascii")
    read = yamltext.read(data, MANIFEST)
    assert read.problems == ()
    found: list[Any] = list(read.documents)
    assert found == list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    assert found == list(YAML(typ="safe", pure=True).load_all(text))
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    return found


def one(data: bytes, kind: str) -> dict[str, Any]:
    """The one document of a kind."""
    found = [value for value in documents(data) if value["kind"] == kind]
    assert len(found) == 1
    return found[0]


def misfits(value: Mapping[str, Any]) -> list[str]:
    """What the Kubernetes API would refuse or prune in an object of one of MODELS."""
    return list(_misfits(MODELS[value["kind"]], value, value["kind"]))


def _misfits(wanted: str, value: Any, at: str) -> Iterator[str]:
    container = re.fullmatch(r"(list|dict)[\[(](?:str, ?)?(.+)[\])]", wanted, re.IGNORECASE)
    if container:
        items = enumerate(value) if container[1].lower() == "list" else value.items()
        for key, item in items:
            yield from _misfits(container[2], item, f"{at}.{key}")
    elif wanted in SCALARS:
        if type(value) is not SCALARS[wanted]:
            yield f"{at}: {value!r} is not of type {wanted}"
    else:
        yield from _object_misfits(getattr(client, wanted), value, at)


def _object_misfits(model: Any, value: Mapping[str, Any], at: str) -> Iterator[str]:
    names = {written: name for name, written in model.attribute_map.items()}
    yield from (f"{at}.{key}: there is no such field" for key in value if key not in names)
    known = {names[key]: item for key, item in value.items() if key in names}
    try:
        model(**known)
    except ValueError as error:
        yield f"{at}: {error}"
    for name, item in known.items():
        yield from _misfits(model.openapi_types[name], item, f"{at}.{model.attribute_map[name]}")

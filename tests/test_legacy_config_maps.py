import json
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from onboarding_tool import yamltext
from onboarding_tool.errors import UsageError
from onboarding_tool.legacy import export
from tests.support.imports import (
    DEPLOYMENT,
    built,
    documents,
    empty_repo,
    findings,
    imported,
    notes,
    text,
    value,
    written,
)


def config_map(data: object, name: str = "settings", **fields: object) -> str:
    metadata = {"name": name} | dict(fields.pop("metadata", {}))  # type: ignore[call-overload]
    return yamltext.dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data, **fields})


def test_a_config_map_becomes_files_of_each_overlay(kustomize, tmp_path):
    metadata = {"labels": {"app": "payments", "on": "1.10"}, "annotations": {"example.com/note": "two\nlines"}}
    manifest = config_map({"LOG_LEVEL": "info", "app.properties": "a=1\nb=2\n"}, metadata=metadata, immutable=True)
    result = imported(documents(DEPLOYMENT, manifest))
    assert findings(empty_repo(), result.changes) == []
    assert result.notes == ()
    assert value(result, "base/kustomization.yaml")["resources"] == ["deployment.yaml"]
    for environment in ("staging", "prod"):
        assert text(result, f"overlays/{environment}/config/settings/app.properties") == "a=1\nb=2\n"
        assert value(result, f"overlays/{environment}/kustomization.yaml")["configMapGenerator"] == [
            {
                "name": "settings",
                "files": ["config/settings/LOG_LEVEL", "config/settings/app.properties"],
                "options": {"disableNameSuffixHash": True, "immutable": True, **metadata},
            }
        ]
    written(tmp_path, result.changes)
    rendered = built(kustomize, tmp_path / "apps/payments/overlays/prod")["ConfigMap", "settings"]
    assert rendered["data"] == {"LOG_LEVEL": "info", "app.properties": "a=1\nb=2\n"}
    assert rendered["immutable"] is True
    assert rendered["metadata"] == {"name": "settings", "namespace": "payments-prod", **metadata}


def test_what_the_cluster_owns_does_not_reach_the_options():
    metadata = {"uid": "1", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}
    result = imported(documents(DEPLOYMENT, config_map({"a": "b"}, metadata=metadata)))
    (entry,) = value(result, "overlays/prod/kustomization.yaml")["configMapGenerator"]
    assert entry["options"] == {"disableNameSuffixHash": True}
    assert len(notes(result)) == 2


WHOLE = {
    "binary data": config_map({"a": "b"}, binaryData={"c": "aGk="}),
    "no data": config_map({}),
    "a dot file": config_map({".gitattributes": "* binary"}),
    "a kustomization": config_map({"kustomization.yaml": "a"}),
    "a name that Windows keeps": config_map({"con.txt": "a"}),
    "an ending dot": config_map({"a.": "a"}),
    "a long key": config_map({"a" * 101: "a"}),
    "a number as a key": config_map({"2": "a"}),
    "a key that reads as a boolean": config_map({"on": "a", "b": "c"}),
    "keys that differ in case": config_map({"KEY": "a", "key": "b"}),
    "a tab in front": config_map({"a": "\tb\nc\n"}),
    "carriage returns": config_map({"a": "b\r\nc\r\n"}),
    "invisible characters": config_map({"a": "\u001b[31mred\u202e \u200b"}),
    "a large value": config_map({"a": "x" * 65_537}),
}


@pytest.mark.parametrize("manifest", WHOLE.values(), ids=WHOLE.keys())
def test_what_no_file_can_hold_stays_a_manifest(manifest, kustomize, tmp_path):
    result = imported(documents(DEPLOYMENT, manifest))
    assert findings(empty_repo(), result.changes) == []
    assert notes(result) == {("ConfigMap settings", "data")}
    assert value(result, "base/kustomization.yaml")["resources"] == ["configmap.yaml", "deployment.yaml"]
    assert not [path for path in result.changes if "/config/" in path]
    written(tmp_path, result.changes)
    rendered = built(kustomize, tmp_path / "apps/payments/overlays/prod")["ConfigMap", "settings"]
    was = value(imported(documents(DEPLOYMENT, manifest)), "base/configmap.yaml")
    (original,) = yamltext.read(manifest.encode(), yamltext.MANIFEST).documents
    assert was == original
    assert (rendered["data"], rendered.get("binaryData")) == (was["data"], was.get("binaryData"))


@pytest.mark.parametrize("data", ["{port: 8080}", "{a: true}", "{a: null}", "{a: [b]}"])
def test_values_that_are_no_text_are_refused_with_their_place(data):
    manifest = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata: {data}\n"
    with pytest.raises(UsageError) as caught:
        imported({"a.yaml": DEPLOYMENT.encode(), "b.yaml": manifest.encode()})
    assert "b.yaml:5:" in caught.value.message
    assert "put it in quotes" in caught.value.message


# What kustomize 5.8.1 renders as it is; the others are refused. Escapes stand for what is not printable.
RENDERED = st.characters(exclude_categories=("Cs",)).filter(lambda one: not export.UNRENDERABLE.search(one))
TEXTS = st.text(RENDERED, max_size=40) | st.text(st.sampled_from("a #:-\n\t \r'\"|>{}%@`é😀\u2028"), max_size=40)
KEYS = st.from_regex(r"\A[-._a-zA-Z0-9]{1,20}\Z").filter(lambda key: key != "." and not key.startswith(".."))
CONFIG_MAPS = st.lists(st.dictionaries(KEYS, TEXTS, max_size=4), min_size=20, max_size=40)


# Without shrinking: each try is a kustomize run.
@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(CONFIG_MAPS)
def test_every_value_survives_exactly(kustomize, maps):
    manifests = [config_map(data, f"settings-{number}") for number, data in enumerate(maps)]
    result = imported(documents(DEPLOYMENT, *manifests))
    assert findings(empty_repo(), result.changes) == []
    with tempfile.TemporaryDirectory() as folder:
        written(Path(folder), result.changes)
        rendered = built(kustomize, Path(folder) / "apps/payments/overlays/prod")
    for number, data in enumerate(maps):
        assert json.dumps(rendered["ConfigMap", f"settings-{number}"].get("data") or {}, sort_keys=True) == json.dumps(
            data, sort_keys=True
        )


@pytest.mark.parametrize("character", ["\x7f", "\x80", "\x85", "\x9f", "\ufffe", "\uffff"])
def test_characters_that_kustomize_cannot_render_are_refused(character, kustomize, tmp_path):
    manifest = config_map({"a": "first", "b": f"<{character}>"})
    with pytest.raises(UsageError) as caught:
        imported(documents(DEPLOYMENT, manifest))
    assert f"export.yaml:24:6: kustomize cannot render U+{ord(character):04X}" in caught.value.message
    (tmp_path / "m.yaml").write_text(manifest)
    (tmp_path / "kustomization.yaml").write_text("resources: [m.yaml]\n")
    done = subprocess.run([kustomize, "build", tmp_path], capture_output=True, check=False)
    assert done.returncode or f"<{character}>".encode() not in done.stdout


def test_such_characters_may_stand_in_what_is_not_kept():
    metadata = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "\x7f"}}
    imported(documents(DEPLOYMENT, config_map({"a": "b"}, metadata=metadata)))

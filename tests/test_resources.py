"""What ships with the tool, as a checkout has it; test_install.py has the wheel's side."""

import json
from pathlib import Path

import pytest

from onboarding_tool import resources
from onboarding_tool.model import SCHEMA_OF_KIND
from onboarding_tool.yamltext import MANIFEST, read

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["schemas", "repo-template"])
def test_a_checkout_has_them_beside_the_package(name):
    assert resources.folder(name) == ROOT / name
    assert resources.folder(name).is_dir()


def test_what_is_packed_comes_first(tmp_path, monkeypatch):
    """Both places may be there: a wheel that is installed into a folder beside a checkout's."""
    (tmp_path / "package/_data/schemas").mkdir(parents=True)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "repo-template").mkdir()
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "package")
    assert resources.folder("schemas") == tmp_path / "package/_data/schemas"
    assert resources.folder("repo-template") == tmp_path / "repo-template"


def test_schemas_are_listed_and_read():
    assert resources.schema_names() == tuple(sorted(SCHEMA_OF_KIND.values()))
    for name in resources.schema_names():
        assert json.loads(resources.schema_text(name))["$id"].endswith(f"/{name}.json")


def test_template_files_are_those_of_the_folder():
    files = resources.template_files()
    assert list(files) == sorted(files)
    assert {"platform.yaml", "teams.yaml", "README.md", ".gitignore", ".pre-commit-config.yaml"} <= files.keys()
    assert all((ROOT / "repo-template" / path).read_bytes() == data for path, data in files.items())
    assert not [path for path in files if "__pycache__" in path or path.startswith("generated/")]


def test_the_example_is_an_export_of_four_apis():
    files = resources.example_files()
    assert list(files) == ["catalog.yaml", "invoices.yaml", "orders.yaml", "payments.yaml"]
    kinds = {}
    for name, data in files.items():
        (export,) = read(data, MANIFEST).documents
        kinds[name] = [item["kind"] for item in export["items"]]
    assert all({"Deployment", "Service", "Ingress"} <= set(found) for found in kinds.values())
    assert sum("ConfigMap" in found for found in kinds.values()) >= 1


def test_what_judges_by_other_schemas_is_another_tool(monkeypatch, tmp_path):
    """What is remembered is found by this, and a schema is as much a judge as a line of code."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "package/kubernetes_schemas").mkdir(parents=True)
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "package")
    seen = set()
    for path in ("schemas/api.json", "package/kubernetes_schemas/1.36.json", "package/rule.py"):
        for text in ("1", "2"):
            (tmp_path / path).write_text(text)
            resources.fingerprint.cache_clear()
            seen.add(resources.fingerprint())
    resources.fingerprint.cache_clear()
    assert len(seen) == 6

import pytest

from onboarding_tool.checks import kustomization_path_missing as rule
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"


def test_files_that_are_there_pass():
    assert findings(rule, edited(BASE, "- deployment.yaml", "- ./deployment.yaml")) == []


def test_a_missing_file_is_found_where_it_is_named():
    found = findings(rule, edited(BASE, "- service.yaml", "- servce.yaml"))
    assert places(found) == [(BASE, 5, 5)]
    assert found[0].rule == "kustomization-path-missing"
    assert "'servce.yaml'" in found[0].message
    assert "Did you mean 'service.yaml'?" in found[0].hint


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("patches: [{path: memory.yaml}]\n", 18),
        ("configMapGenerator: [{name: a, files: [config/a/key]}]\n", 40),
        ("configMapGenerator: [{name: a, files: [key=config/a/key]}]\n", 40),
    ],
)
def test_every_field_that_names_files_counts(text, column):
    files = good()
    files[PROD] += text
    assert places(findings(rule, files)) == [(PROD, 9, column)]
    files["apps/payments/overlays/prod/memory.yaml"] = "{}"
    files["apps/payments/overlays/prod/config/a/key"] = "value"
    assert findings(rule, files) == []


def test_a_folder_is_no_file():
    files = edited(BASE, "- service.yaml", "- more/") | {"apps/payments/base/more/service.yaml": "{}"}
    found = findings(rule, files)
    assert places(found) == [(BASE, 5, 5)]
    assert "'more/' is a folder" in found[0].message
    assert "one by one" in found[0].hint


@pytest.mark.parametrize("value", ["", ".", "././service.yaml", "service.yaml "])
def test_odd_spellings_are_missing_too(value):
    assert places(findings(rule, edited(BASE, "- service.yaml", f"- '{value}'"))) == [(BASE, 5, 5)]


def test_paths_that_lead_elsewhere_and_the_base_are_left_to_their_own_rules():
    files = edited(PROD, "- ../../base", "- ../../base\n  - https://example.com/a\n  - ../a.yaml")
    del files[BASE]
    assert findings(rule, files) == []

import pytest

from onboarding_tool.checks import kustomization_path_escapes as rule
from tests.support.repos import findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
COMPONENT = "components/pre-stop/kustomization.yaml"


def resource(value: str) -> str:
    return f"resources: ['{value}']\n"


def test_files_of_the_own_folder_and_the_base_pass():
    assert findings(rule, good()) == []


@pytest.mark.parametrize("value", ["a.yaml", "./a.yaml", "config/a..b", "..a/b.yaml", "../../base/"])
def test_near_misses_pass(value):
    assert findings(rule, good() | {PROD: resource(value)}) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("../../../orders/base", "leaves its own folder"),
        ("../../base/deployment.yaml", "leaves its own folder"),
        ("../staging", "leaves its own folder"),
        ("config/../a.yaml", "leaves its own folder"),
        ("..", "leaves its own folder"),
        ("/etc/passwd", "is an absolute path"),
        ("~/a.yaml", "is an absolute path"),
        ("config\\a.yaml", "holds a backslash"),
        ("*.yaml", "is a pattern"),
        ("config/[a].yaml", "is a pattern"),
        ("config/{a,b}.yaml", "is a pattern"),
    ],
)
def test_what_leaves_the_folder_is_found(value, words):
    found = findings(rule, good() | {PROD: resource(value)})
    assert places(found) == [(PROD, 1, 13)]
    assert found[0].rule == "kustomization-path-escapes"
    assert repr(value) in found[0].message
    assert words in found[0].message
    assert "apps/payments/overlays/prod/" in found[0].hint


@pytest.mark.parametrize("path", [BASE, COMPONENT])
def test_only_an_overlay_may_name_the_base(path):
    assert places(findings(rule, good() | {path: resource("../../base")})) == [(path, 1, 13)]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("patches: [{path: ../../base}]\n", 18),
        ("configMapGenerator: [{name: a, files: [a=../../../x]}]\n", 40),
    ],
)
def test_other_fields_may_not_even_name_the_base(text, column):
    assert places(findings(rule, good() | {PROD: text})) == [(PROD, 1, column)]


def test_addresses_are_left_to_their_own_rule():
    assert findings(rule, good() | {PROD: resource("https://example.com/../*")}) == []

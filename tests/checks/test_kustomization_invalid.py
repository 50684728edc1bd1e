import pytest

from onboarding_tool.checks import kustomization_invalid as rule
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
COMPONENT = "components/pre-stop/kustomization.yaml"
HEADER = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


def added(path: str, text: str, **files: str) -> dict[str, str]:
    return good() | {path: good().get(path, "") + text} | files


def test_what_kustomize_reads_passes():
    assert findings(rule, good() | {COMPONENT: HEADER}) == []


def test_a_kustomization_need_not_say_that_it_is_one():
    header = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    assert findings(rule, edited(PROD, header, "")) == []


def test_empty_fields_pass():
    assert findings(rule, added(BASE, "labels:\npatches: []\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "column"),
    [
        ("kind: Kustomization", "kind: Component", 2, 7),
        ("kustomize.config.k8s.io/v1beta1", "kustomize.config.k8s.io/v1", 1, 13),
    ],
)
def test_another_kind_or_version_is_found(old, new, line, column):
    found = findings(rule, edited(PROD, old, new))
    assert places(found) == [(PROD, line, column)]
    assert found[0].rule == "kustomization-invalid"
    assert new.split()[-1] in found[0].message
    assert old in found[0].hint


def test_a_component_has_to_say_that_it_is_one():
    found = findings(rule, good() | {COMPONENT: "patches: []\n"})
    assert [finding.path for finding in found] == [COMPONENT, COMPONENT]
    assert "kind: Component" in " ".join(finding.hint for finding in found)


def test_a_component_that_is_not_yaml_is_found():
    found = findings(rule, good() | {COMPONENT: HEADER + "patches: [\n"})
    assert [(finding.path, finding.line) for finding in found] == [(COMPONENT, 4)]


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("labels: a\n", 9, "`labels` is no list"),
        ("patches: [memory.yaml]\n", 11, "`patches[0]` is not a mapping"),
        ("labels: [{pairs: {a: 1}}]\n", 18, "`labels[0].pairs` is not a mapping of text to text"),
        ("patches: [{path: [a]}]\n", 18, "`patches[0].path` is not text"),
        ("patches: [{path: a, target: b}]\n", 29, "`patches[0].target` is not a mapping"),
        ("configMapGenerator: [{name: 1}]\n", 29, "`configMapGenerator[0].name` is not text"),
        ("configMapGenerator: [{files: [a]}]\n", 22, "has no name"),
        ("configMapGenerator: [{name: a, files: b}]\n", 39, "`configMapGenerator[0].files` is no list"),
        ("configMapGenerator: [{name: a, literals: [1]}]\n", 43, "`configMapGenerator[0].literals[0]` is not text"),
        ("patches: [{target: {kind: Service}}]\n", 11, "neither `path` nor `patch`"),
        ("patches: [{path: a, patch: '{a: b}'}]\n", 11, "both `path` and `patch`"),
    ],
)
def test_a_field_of_the_wrong_shape_is_found(text, column, words):
    found = findings(rule, added(BASE, text))
    assert places(found) == [(BASE, 7, column)]
    assert words in found[0].message
    assert found[0].hint


def test_a_number_among_the_resources_is_found():
    assert "`resources[0]` is not text" in findings(rule, edited(BASE, "deployment.yaml", "1"))[0].message


def test_a_namespace_that_is_no_text_is_found():
    assert places(findings(rule, edited(PROD, "namespace: payments", "namespace: 12"))) == [(PROD, 3, 12)]


@pytest.mark.parametrize(
    ("patch", "line", "words"),
    [
        ("kind: Deployment\nkind: Service\n", 2, "'kind' stands twice"),
        ("kind: &a Deployment\n", 1, "anchor"),
        ("kind: [\n", 2, "not YAML"),
        ("just words\n", 1, "is no patch"),
        ("[just, words]\n", 1, "is no patch"),
        ("[{op: remove, path: /spec/replicas}]\n", 1, "has no `target:`"),
    ],
)
def test_a_patch_file_that_is_no_patch_is_found_in_its_own_place(patch, line, words):
    path = "apps/payments/overlays/prod/memory.yaml"
    found = findings(rule, added(PROD, "patches: [{path: memory.yaml}]\n") | {path: patch})
    assert [(finding.path, finding.line) for finding in found] == [(path, line)]
    assert words in found[0].message


def test_an_inline_patch_that_cannot_be_read_is_found_where_it_begins():
    found = findings(rule, added(PROD, 'patches:\n  - patch: "a: 1\\na: 2"\n'))
    assert places(found) == [(PROD, 10, 12)]
    assert "'a' stands twice" in found[0].message
    assert "line 2 of it" in found[0].message


def test_operations_with_a_target_pass():
    text = "patches:\n  - target: {kind: Service}\n    patch: '[{op: remove, path: /spec/type}]'\n"
    assert findings(rule, added(PROD, text)) == []

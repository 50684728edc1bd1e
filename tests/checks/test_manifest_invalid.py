import pytest

from onboarding_tool.checks import manifest_invalid as rule
from tests.support.repos import SERVICE, edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
BASE_SERVICE = "apps/payments/base/service.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"


def test_whole_objects_pass():
    assert findings(rule, good()) == []


def test_empty_documents_pass():
    assert findings(rule, good() | {BASE_SERVICE: f"---\n# nothing\n---\n{SERVICE}"}) == []


@pytest.mark.parametrize(
    ("old", "line", "column", "field"),
    [
        ("apiVersion: v1\n", 1, 1, "apiVersion"),
        ("kind: Service\n", 1, 1, "kind"),
        ("metadata:\n  name: payments\n", 1, 1, "metadata.name"),
        ("name: payments\n", 3, 10, "metadata.name"),
    ],
)
def test_a_missing_field_is_found(old, line, column, field):
    found = findings(rule, edited(BASE_SERVICE, old, "" if old != "name: payments\n" else "\n"))
    assert [finding.path for finding in found] == [BASE_SERVICE]
    assert found[0].rule == "manifest-invalid"
    assert f"without `{field}`" in found[0].message
    assert f"Add `{field}`" in found[0].hint
    assert found[0].line in (line, line + 2)


def test_a_missing_field_of_a_later_document_is_found_there():
    found = findings(rule, good() | {BASE_SERVICE: f"{SERVICE}---\nkind: ConfigMap\nmetadata: {{name: a}}\n"})
    assert places(found) == [(BASE_SERVICE, 13, 1)]


@pytest.mark.parametrize("name", ["123", "true", "1.10"])
def test_a_name_that_is_no_text_is_found(name):
    found = findings(rule, edited(BASE_SERVICE, "name: payments\n", f"name: {name}\n"))
    assert places(found) == [(BASE_SERVICE, 4, 9)]
    assert "quotes" in found[0].hint


@pytest.mark.parametrize("document", ["just words", "[a, b]", "12"])
def test_a_document_that_is_no_object_is_found(document):
    found = findings(rule, good() | {BASE_SERVICE: f"{SERVICE}---\n{document}\n"})
    assert [(finding.path, finding.line) for finding in found] == [(BASE_SERVICE, 13)]
    assert "no Kubernetes object" in found[0].message
    assert "configMapGenerator" in found[0].hint


def test_a_file_that_holds_no_object_at_all_is_found():
    assert places(findings(rule, good() | {BASE_SERVICE: "words\n"})) == [(BASE_SERVICE, 1, 1)]


def test_the_same_object_in_base_and_overlay_is_found():
    path = "apps/payments/overlays/prod/service.yaml"
    files = edited(PROD, "- ../../base", "- ../../base\n  - service.yaml") | {path: SERVICE}
    found = findings(rule, files)
    assert places(found) == [(path, 4, 9)]
    assert "in prod, " in found[0].message
    assert "Service 'payments'" in found[0].message
    assert BASE_SERVICE in found[0].message


def test_a_file_listed_twice_is_found():
    assert len(findings(rule, edited(BASE, "- hpa.yaml", "- hpa.yaml\n  - hpa.yaml"))) == 1


def test_two_containers_of_one_name_are_found():
    files = edited(DEPLOYMENT, "containers:\n", "initContainers: [{name: app}]\n      containers:\n")
    found = findings(rule, files)
    assert places(found) == [(DEPLOYMENT, 18, 17)]
    assert "two containers 'app'" in found[0].message


def test_a_container_without_name_is_found():
    found = findings(rule, edited(DEPLOYMENT, "- name: app\n          image", "- image"))
    assert places(found) == [(DEPLOYMENT, 17, 11)]
    assert "'payments' has no name" in found[0].message

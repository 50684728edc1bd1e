import pytest

from onboarding_tool.checks import secret_in_plaintext as rule
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
SECRET = "apps/payments/base/secret.yaml"


def with_object(text: str) -> dict[str, str]:
    return edited(BASE, "- hpa.yaml", "- hpa.yaml\n  - secret.yaml") | {SECRET: text}


def secret(text: str) -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: payments-db}}\n{text}\n"


def test_a_repo_without_secrets_passes():
    assert findings(rule, good()) == []


@pytest.mark.parametrize("field", ["data", "stringData"])
def test_a_secret_with_data_is_found_and_its_value_is_not_repeated(field):
    found = findings(rule, with_object(secret(f"{field}: {{password: aHVudGVyMg==}}")))
    assert places(found) == [(SECRET, 4, 1)]
    assert found[0].rule == "secret-in-plaintext"
    assert "'payments-db' holds password" in found[0].message
    assert "aHVudGVyMg" not in found[0].message + found[0].hint
    assert "ExternalSecret" in found[0].hint


def test_data_of_the_wrong_shape_is_not_repeated_either():
    found = findings(rule, with_object(secret("data: hunter2")))
    assert "its value" in found[0].message
    assert "hunter2" not in found[0].message


@pytest.mark.parametrize(
    "text", [secret("data: {}"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {password: none}\n"]
)
def test_no_data_and_other_kinds_pass(text):
    assert findings(rule, with_object(text)) == []


def test_an_item_of_a_list_is_found():
    item = "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {b: c}}"
    assert places(findings(rule, with_object(f"kind: List\nitems:\n- {item}\n"))) == [(SECRET, 3, 55)]

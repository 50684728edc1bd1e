from onboarding_tool.checks import namespace_mismatch as rule
from tests.support.repos import SERVICE, edited, findings, good, places

PROD = "apps/payments/overlays/prod/kustomization.yaml"
BASE_SERVICE = "apps/payments/base/service.yaml"
OWN = "apps/payments/overlays/prod/service.yaml"


def with_own_service(namespace: str) -> dict[str, str]:
    files = edited(PROD, "- ../../base", "- ../../base\n  - service.yaml")
    return files | {OWN: SERVICE.replace("name: payments\n", f"name: payments-own\n  namespace: {namespace}\n", 1)}


def test_declared_namespaces_pass():
    assert findings(rule, good()) == []


def test_an_overlay_need_not_say_the_namespace():
    assert findings(rule, edited(PROD, "namespace: payments\n", "")) == []


def test_an_overlay_with_another_namespace_is_found():
    found = findings(rule, edited(PROD, "namespace: payments\n", "namespace: kube-system\n"))
    assert places(found) == [(PROD, 3, 12)]
    assert found[0].rule == "namespace-mismatch"
    assert "'kube-system'" in found[0].message
    assert "'payments'" in found[0].message
    assert "namespace: payments" in found[0].hint


def test_an_object_of_the_base_says_no_namespace_at_all():
    found = findings(rule, edited(BASE_SERVICE, "name: payments\n", "name: payments\n  namespace: payments\n"))
    assert places(found) == [(BASE_SERVICE, 5, 14)]
    assert "'payments'" in found[0].message


def test_an_object_of_an_overlay_may_say_the_declared_namespace():
    assert findings(rule, with_own_service("payments")) == []


def test_an_object_of_an_overlay_in_another_namespace_is_found():
    found = findings(rule, with_own_service("orders"))
    assert places(found) == [(OWN, 5, 14)]
    assert "Service 'payments-own'" in found[0].message
    assert "'orders'" in found[0].message


def test_an_item_of_a_list_is_found_in_its_place():
    item = (
        "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Service, metadata: {name: a, namespace: b}}\n"
    )
    files = edited(PROD, "- ../../base", "- ../../base\n  - service.yaml") | {OWN: item}
    assert places(findings(rule, files)) == [(OWN, 4, 68)]

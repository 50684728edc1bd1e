from onboarding_tool.checks import namespace_mismatch
from onboarding_tool.checks import rendered_namespace_foreign as rule
from tests.support.repos import edited, findings, good, patched, places, with_generated

SERVICE = "apps/payments/base/service.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
MOVED = '[{"op": "add", "path": "/metadata/namespace", "value": "orders"}]'


def test_the_declared_namespace_passes(judged):
    assert judged(rule, with_generated(good())) == []


def test_a_patch_that_moves_an_object_is_found(judged):
    files = edited(PROD, "namespace: payments\n", "", patched("{kind: Service, name: payments}", MOVED))
    assert findings(namespace_mismatch, files) == []
    found = judged(rule, files)
    assert places(found) == [(SERVICE, 4, 3)]
    assert "in prod, Service 'payments' ends in the namespace 'orders', outside 'payments'" in found[0].message


def test_a_generated_folder_that_names_another_is_found(judged):
    path = "generated/prod/apps/payments/kustomization.yaml"
    files = edited(path, "namespace: payments\n", "namespace: orders\n", with_generated(good()))
    found = judged(rule, files)
    assert {one.path for one in found} == {
        "apps/payments/base/deployment.yaml",
        "apps/payments/base/hpa.yaml",
        "apps/payments/overlays/prod/kustomization.yaml",
        SERVICE,
    }
    assert all("'orders'" in one.message for one in found)


def test_what_the_files_say_is_left_to_the_rule_for_files(judged):
    files = edited(PROD, "namespace: payments\n", "namespace: orders\n")
    assert findings(namespace_mismatch, files) != []
    assert judged(rule, files) == []

import pytest

from onboarding_tool.checks import ownership_label_foreign
from onboarding_tool.checks import rendered_label_foreign as rule
from tests.support.repos import edited, findings, good, patched, places, second_api, with_generated

DEPLOYMENT = "apps/payments/base/deployment.yaml"
SERVICE = "apps/payments/base/service.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
OWNED = edited(
    SERVICE,
    "metadata:\n  name: payments\n",
    "metadata:\n  name: payments\n  annotations: {platform/api-name: orders}\n",
)


def copied(to):
    patch = f'[{{"op": "copy", "from": "/metadata/annotations", "path": "{to}"}}]'
    return patched("{kind: Service, name: payments}", patch, OWNED)


def test_no_label_and_the_own_name_pass(judged):
    assert judged(rule, with_generated(good() | second_api())) == []
    assert judged(rule, edited(DEPLOYMENT, "app.kubernetes.io/name:", "platform/api-name:")) == []


def test_a_copied_value_is_found_which_the_files_do_not_show(judged):
    files = copied("/spec/selector")
    assert findings(ownership_label_foreign, files) == []
    found = judged(rule, files)
    assert places(found) == [(SERVICE, 8, 5)]
    assert "in prod, Service 'payments' carries the label 'platform/api-name' of 'orders'" in found[0].message
    assert "(spec.selector)" in found[0].message


def test_the_generated_stamp_does_not_hide_it(judged):
    files = with_generated(copied("/metadata/labels"))
    assert findings(ownership_label_foreign, files) == []
    assert ["(metadata.labels)" in one.message for one in judged(rule, files)] == [True]


def test_an_expression_is_found(judged):
    text = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: payments}
spec:
  minAvailable: 1
  selector:
    matchExpressions: [{key: platform/api-name, operator: In, values: [payments, orders]}]
"""
    files = edited("apps/payments/base/kustomization.yaml", "- hpa.yaml", "- hpa.yaml\n  - pdb.yaml")
    found = judged(rule, files | {"apps/payments/base/pdb.yaml": text})
    assert places(found) == [("apps/payments/base/pdb.yaml", 7, 71)]
    assert "in staging and prod" in found[0].message


def test_a_patch_that_the_rule_for_files_sees_is_left_to_it(judged):
    files = edited(SERVICE, "platform/api-name: orders", "owner: orders", dict(OWNED))
    patch = '[{"op": "copy", "from": "/metadata/annotations/owner", "path": "/spec/selector/platform~1api-name"}]'
    files = patched("{kind: Service, name: payments}", patch, files)
    assert findings(ownership_label_foreign, files) != []
    assert judged(rule, files) == []


@pytest.mark.parametrize("path", [SERVICE, DEPLOYMENT])
def test_what_the_files_say_is_left_to_the_rule_for_files(judged, path):
    files = edited(path, "app.kubernetes.io/name: payments", "platform/api-name: orders")
    assert findings(ownership_label_foreign, files) != []
    assert judged(rule, files) == []


def test_what_a_config_map_holds_is_no_label(judged):
    files = good()
    files[PROD] += "configMapGenerator: [{name: a, literals: [platform/api-name=orders]}]\n"
    files["apps/payments/base/map.yaml"] = (
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, data: {platform/api-name: orders}}\n"
    )
    base = "apps/payments/base/kustomization.yaml"
    assert judged(rule, edited(base, "- hpa.yaml", "- hpa.yaml\n  - map.yaml", files)) == []

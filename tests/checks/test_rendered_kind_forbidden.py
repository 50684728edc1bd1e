from onboarding_tool.checks import kind_forbidden, kustomization_field_forbidden
from onboarding_tool.checks import rendered_kind_forbidden as rule
from tests.support.repos import (
    excepting,
    findings,
    good,
    listed_in_base,
    patched,
    places,
    with_component,
    with_generated,
)

PROD = "apps/payments/overlays/prod/kustomization.yaml"
POD = "{apiVersion: v1, kind: Pod, metadata: {name: toolbox}, spec: {containers: [{name: a, image: a:v1}]}}\n"
KIND = '[{"op": "replace", "path": "/kind", "value": "Toy"}]'


def changed():
    """A Service that becomes a Toy in prod."""
    files = patched("{kind: Service, name: payments}", KIND)
    files[PROD] = files[PROD].replace("    patch:", "    options: {allowKindChange: true}\n    patch:")
    return files


def test_allowed_kinds_and_generated_routes_pass(judged):
    assert judged(rule, with_generated(good())) == []


def test_a_kind_that_an_excepted_patch_makes_is_found(judged):
    files = changed() | excepting("patch-changes-image", PROD)
    both = excepting("kustomization-field-forbidden", PROD)["exceptions.yaml"].splitlines()[-1]
    files["exceptions.yaml"] += both + "\n"
    found = judged(rule, files)
    assert places(found) == [(PROD, 1, 1)]
    assert "in prod, the overlay's render has a Toy, which an API may not have: Toy 'payments'" in found[0].message


def test_a_patch_that_a_rule_for_files_refuses_is_left_to_it(judged):
    assert findings(kustomization_field_forbidden, changed()) != []
    assert judged(rule, changed()) == []


def test_what_a_component_adds_is_found(judged):
    found = judged(rule, with_component("resources: [pod.yaml]\n", pod=POD))
    assert [one.message.partition(", the platform adds a Pod")[0] for one in found] == [
        "payments: in prod",
        "payments: in staging",
    ]
    assert "components/" in found[0].hint


def test_what_the_files_say_is_left_to_the_rule_for_files(judged):
    files = with_generated(listed_in_base("pod.yaml", POD))
    assert findings(kind_forbidden, files) != []
    assert judged(rule, files) == []

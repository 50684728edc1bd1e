from onboarding_tool.checks import kustomization_field_forbidden, rendered_kind_forbidden, secret_in_plaintext
from onboarding_tool.checks import rendered_secret_in_plaintext as rule
from tests.support.repos import (
    excepting,
    findings,
    good,
    listed_in_base,
    places,
    with_component,
    with_generated,
)

PROD = "apps/payments/overlays/prod/kustomization.yaml"
SECRET = "{apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {password: hunter2}}\n"


def generating():
    files = good()
    files[PROD] += "secretGenerator: [{name: db, literals: [password=hunter2]}]\n"
    return files


def test_no_secret_passes(judged):
    assert judged(rule, with_generated(good())) == []


def test_what_an_excepted_generator_makes_is_found(judged):
    files = generating() | excepting("kustomization-field-forbidden", PROD)
    found = judged(rule, files)
    assert places(found) == [(PROD, 1, 1)]
    assert "in prod, the Secret 'db-" in found[0].message
    assert "holds password for everyone to read" in found[0].message
    assert "hunter2" not in str(found)
    assert judged(rendered_kind_forbidden, files) == []


def test_a_generator_that_a_rule_for_files_refuses_is_left_to_it(judged):
    assert findings(kustomization_field_forbidden, generating()) != []
    assert judged(rule, generating()) == []


def test_a_secret_of_a_component_is_found(judged):
    found = judged(rule, with_component("resources: [secret.yaml]\n", secret=SECRET))
    assert {one.path for one in found} == {PROD, PROD.replace("prod", "staging")}


def test_what_the_files_say_is_left_to_the_rule_for_files(judged):
    files = with_generated(listed_in_base("secret.yaml", SECRET))
    assert findings(secret_in_plaintext, files) != []
    assert judged(rule, files) == []

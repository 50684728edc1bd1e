import pytest

from onboarding_tool.checks import rendered_variable_twice as rule
from tests.support.repos import edited, good, patched, places, with_generated

DEPLOYMENT = "apps/payments/base/deployment.yaml"
IMAGE = "image: europe-docker.pkg.dev/acme/payments/app"


def with_variables(variables):
    """The Deployment with them in its container, on line 19 of the file."""
    return edited(DEPLOYMENT, IMAGE, f"{IMAGE}\n          env: {variables}")


def test_a_variable_that_stands_twice_is_found_at_the_second(judged):
    found = judged(rule, with_variables("[{name: A, value: b}, {name: B}, {name: A, value: c}]"))
    assert places(found) == [(DEPLOYMENT, 19, 49)]
    assert (
        "in staging and prod, the container 'app' of Deployment 'payments' comes out with the variable 'A' twice"
        in (found[0].message)
    )


def test_what_a_patch_adds_counts(judged):
    patch = '[{"op": "add", "path": "/spec/template/spec/containers/0/env/-", "value": {"name": "A"}}]'
    (found,) = judged(rule, patched("{kind: Deployment}", patch, with_variables("[{name: A, value: b}]")))
    assert "in prod, " in found.message


@pytest.mark.parametrize("variables", ["[]", "null", "[{name: A}, {name: a}]", "[{value: x}, {value: x}]", "[A, A]"])
def test_near_misses_pass(judged, variables):
    assert judged(rule, with_variables(variables)) == []


def test_another_container_has_variables_of_its_own(judged):
    second = "        - {name: other, image: europe-docker.pkg.dev/acme/payments/app, env: [{name: A}]}\n"
    files = with_variables("[{name: A}]")
    assert judged(rule, with_generated(files | {DEPLOYMENT: files[DEPLOYMENT] + second})) == []


def test_a_good_repo_passes(judged):
    assert judged(rule, with_generated(good())) == []

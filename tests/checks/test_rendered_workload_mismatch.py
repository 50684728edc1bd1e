import pytest

from onboarding_tool.checks import container_undeclared, patch_changes_image
from onboarding_tool.checks import rendered_workload_mismatch as rule
from tests.support.repos import edited, findings, good, patched, places, second_api, with_generated

DEPLOYMENT = "apps/payments/base/deployment.yaml"
METADATA = "apps/payments/metadata.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
TARGET = "{kind: Deployment, name: payments}"
CONTAINERS = "/spec/template/spec/containers"
# The rule for patches as written would speak first; an exception from it must not open a way.
EXCEPTION = f"""\
apiVersion: onboarding/v1
kind: RuleExceptions
exceptions:
  - {{rule: patch-changes-image, path: {PROD}, reason: because, owner: kim, expiry: "2030-01-01"}}
"""


def excepted(patch):
    return patched(TARGET, patch) | {"exceptions.yaml": EXCEPTION}


def test_what_is_declared_passes(judged):
    assert judged(rule, good() | second_api()) == []


@pytest.mark.parametrize(
    ("patch", "place", "problem"),
    [
        (
            f'[{{"op": "add", "path": "{CONTAINERS}/-", "value": {{"name": "miner", "image": "evil/miner:v1"}}}}]',
            (DEPLOYMENT, 17, 9),
            "an undeclared container 'miner' in 'payments'",
        ),
        (
            f'[{{"op": "replace", "path": "{CONTAINERS}/0/name", "value": "other"}}]',
            (DEPLOYMENT, 1, 1),
            "no container 'app' in 'payments'",
        ),
        (
            f'[{{"op": "replace", "path": "{CONTAINERS}/0/image", "value": "europe-docker.pkg.dev/acme/x:v1"}}]',
            (DEPLOYMENT, 18, 18),
            "an image of 'europe-docker.pkg.dev/acme/x' in the container 'app'",
        ),
        (
            '[{"op": "add", "path": "/spec/template/spec/volumes", "value": [{"name": "tools", "image": {}}]}]',
            (DEPLOYMENT, 16, 7),
            "a volume 'tools' in 'payments' that is filled from an image",
        ),
    ],
)
def test_what_an_excepted_patch_makes_is_found_in_the_render(judged, patch, place, problem):
    found = [one for one in judged(rule, excepted(patch)) if problem in one.message]
    assert [one.rule for one in found] == ["rendered-workload-mismatch"]
    assert places(found) == [place]
    assert "in prod, the overlay" in found[0].message


def test_a_deployment_that_a_patch_removes_is_missing(judged):
    patch = "{$patch: delete, apiVersion: apps/v1, kind: Deployment, metadata: {name: payments}}"
    found = judged(rule, excepted(patch))
    assert places(found) == [(METADATA, 11, 17)]
    assert "no Deployment 'payments'" in found[0].message


def test_a_tag_that_only_a_patch_says_is_found(judged):
    """A name that no entry of `images:` moves keeps the tag that the patch gives it."""
    image = "europe-docker.pkg.dev/acme/payments/app"
    overlay = edited(PROD, f"- name: {image}\n", "- name: nothing\n", good())
    patch = f'[{{"op": "replace", "path": "{CONTAINERS}/0/image", "value": "{image}:v3"}}]'
    found = judged(rule, patched(TARGET, patch, overlay) | {"exceptions.yaml": EXCEPTION})
    assert [f"the image '{image}:v3'" in one.message for one in found] == [True]


def test_what_another_rule_says_of_the_files_is_not_said_again(judged):
    patch = f'[{{"op": "add", "path": "{CONTAINERS}/-", "value": {{"name": "miner", "image": "evil/miner:v1"}}}}]'
    files = patched(TARGET, patch)
    assert findings(patch_changes_image, files) != []
    assert judged(rule, files) == []
    files = edited(DEPLOYMENT, "- name: app", "- name: miner\n          image: x:v1\n        - name: app")
    assert findings(container_undeclared, files) != []
    assert judged(rule, files) == []


def test_containers_of_components_are_the_platforms(judged):
    component = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: Deployment}
    patch: '[{"op": "add", "path": "/spec/template/spec/containers/-", "value": {"name": "agent", "image": "a:v1"}}]'
"""
    files = edited("platform.yaml", "registries:", "components: [agent]\nregistries:")
    files = with_generated(files | {"components/agent/kustomization.yaml": component})
    assert judged(rule, files) == []

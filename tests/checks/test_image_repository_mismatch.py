from onboarding_tool.checks import image_repository_mismatch as rule
from tests.support.repos import edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"


def test_the_declared_repository_passes():
    assert findings(rule, good()) == []


def test_short_names_of_docker_hub_are_compared_written_out():
    files = edited(METADATA, APP, "docker.io/library/redis")
    assert findings(rule, edited(DEPLOYMENT, APP, "redis:7", files)) == []


def test_another_repository_in_the_manifest_is_found_once_for_all_environments():
    found = findings(rule, edited(DEPLOYMENT, APP, "europe-docker.pkg.dev/acme/orders/app"))
    assert places(found) == [(DEPLOYMENT, 18, 18)]
    assert found[0].rule == "image-repository-mismatch"
    assert "in staging and prod" in found[0].message
    assert "'europe-docker.pkg.dev/acme/orders/app'" in found[0].message
    assert f"{APP!r}" in found[0].message
    assert APP in found[0].hint


def test_another_repository_in_an_overlay_is_found_there():
    found = findings(rule, edited(PROD, "newTag:", "newName: europe-docker.pkg.dev/acme/orders/app\n    newTag:"))
    assert places(found) == [(PROD, 8, 14)]
    assert "in prod, " in found[0].message


def test_a_logical_name_that_every_overlay_resolves_passes():
    files = edited(DEPLOYMENT, APP, "payments-app")
    for overlay in (PROD, PROD.replace("prod", "staging")):
        files = edited(overlay, f"name: {APP}", f"name: payments-app\n    newName: {APP}", files)
    assert findings(rule, files) == []


def test_a_logical_name_that_one_overlay_forgets_is_found():
    files = edited(DEPLOYMENT, APP, "payments-app")
    files = edited(PROD, f"name: {APP}", f"name: payments-app\n    newName: {APP}", files)
    found = findings(rule, files)
    assert places(found) == [(DEPLOYMENT, 18, 18)]
    assert "in staging, " in found[0].message


def test_an_image_that_is_none_is_left_to_its_own_rule():
    assert findings(rule, edited(DEPLOYMENT, APP, "Not/An/Image")) == []

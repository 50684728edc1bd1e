import pytest

from onboarding_tool.checks import image_invalid as rule
from tests.support.repos import edited, findings, places

DEPLOYMENT = "apps/payments/base/deployment.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"
DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    "image", [APP, f"{APP}:v1", f"{APP}@{DIGEST}", f"{APP}:v1@{DIGEST}", "localhost:5000/a", "redis"]
)
def test_images_that_can_be_pulled_pass(image):
    assert findings(rule, edited(DEPLOYMENT, APP, image)) == []


@pytest.mark.parametrize(
    "image",
    [
        f"{APP}:${{TAG}}",
        f"{APP}:",
        f"{APP}@sha256:0",
        "europe-docker.pkg.dev/acme/Payments",
        "https://europe-docker.pkg.dev/acme/app",
        "a b",
        f"{APP}:{'x' * 129}",
    ],
)
def test_what_cannot_be_pulled_is_found_in_the_manifest(image):
    found = findings(rule, edited(DEPLOYMENT, f"image: {APP}", f"image: '{image}'"))
    assert places(found) == [(DEPLOYMENT, 18, 18)]
    assert found[0].rule == "image-invalid"
    assert "in staging and prod" in found[0].message
    assert repr(image) in found[0].message
    assert "repository:tag" in found[0].hint


@pytest.mark.parametrize("line", ["", "image:", "image: 12"])
def test_no_image_is_found(line):
    found = findings(rule, edited(DEPLOYMENT, f"image: {APP}", line))
    assert [finding.path for finding in found] == [DEPLOYMENT]
    assert "container 'app' of 'payments' has no image" in found[0].message


@pytest.mark.parametrize(
    ("field", "column"), [("newTag: 'v1:2'", 13), ("digest: sha256:12", 13), ("newName: reg/app:9", 14)]
)
def test_what_an_overlay_makes_of_it_is_found_there(field, column):
    found = findings(rule, edited(PROD, "newTag: v1.9.3", field))
    assert places(found) == [(PROD, 8, column)]
    assert "in prod, " in found[0].message

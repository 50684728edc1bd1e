import pytest

from onboarding_tool.checks import image_registry_not_allowed as rule
from tests.support.repos import edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"


def with_image(image: str, registries: str) -> dict[str, str]:
    files = edited("platform.yaml", "[europe-docker.pkg.dev/acme]", registries)
    return edited(DEPLOYMENT, APP, image, edited(METADATA, APP, image, files))


def test_an_image_below_a_registry_passes():
    assert findings(rule, good()) == []


@pytest.mark.parametrize(
    ("image", "registries"),
    [
        ("redis", "[docker.io/library]"),
        ("redis", "[docker.io/redis]"),
        ("redis", "[docker.io]"),
        ("redis", "[index.docker.io/library]"),
        ("acme/app", "[docker.io/acme]"),
        ("docker.io/acme/app", "[index.docker.io]"),
        ("registry:5000/app", "['registry:5000']"),
        (APP, f"[{APP}]"),
    ],
)
def test_names_are_compared_written_out(image, registries):
    assert findings(rule, with_image(image, registries)) == []


@pytest.mark.parametrize(
    ("image", "registries"),
    [
        ("europe-docker.pkg.dev/acme-evil/app", "[europe-docker.pkg.dev/acme]"),
        ("europe-docker.pkg.dev/acm", "[europe-docker.pkg.dev/acme]"),
        ("redis", "[docker.io/acme]"),
        ("acme/app", "[docker.io/library]"),
        ("quay.io", "[quay.io]"),
    ],
)
def test_an_image_from_elsewhere_is_found_where_it_is_declared(image, registries):
    found = findings(rule, with_image(image, registries))
    assert places(found) == [(METADATA, 13, 28)]
    assert found[0].rule == "image-registry-not-allowed"
    assert repr(image) in found[0].message
    assert registries.strip("[]") in found[0].message
    assert "`registries:` in platform.yaml" in found[0].hint


def test_no_registries_allow_no_image():
    found = findings(rule, edited("platform.yaml", "[europe-docker.pkg.dev/acme]", "[]"))
    assert places(found) == [(METADATA, 13, 28)]
    assert "`registries:` in platform.yaml is empty" in found[0].message
    assert "`europe-docker.pkg.dev/acme/payments`" in found[0].hint


def test_an_undeclared_image_in_the_manifest_is_found_there():
    found = findings(rule, edited(DEPLOYMENT, APP, "ghcr.io/somebody/app:v1"))
    assert places(found) == [(DEPLOYMENT, 18, 18)]
    assert "in staging and prod" in found[0].message
    assert "'ghcr.io/somebody/app'" in found[0].message


def test_an_undeclared_image_in_an_overlay_is_found_there():
    found = findings(rule, edited(PROD, "newTag:", "newName: ghcr.io/somebody/app\n    newTag:"))
    assert places(found) == [(PROD, 8, 14)]
    assert "in prod, " in found[0].message

import pytest

from onboarding_tool.checks import request_image_forbidden as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, places

FILES = good() | {REQUEST_PATH: REQUEST}
TARGET = "target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0"
DIGEST = "@sha256:" + "ab" * 32


def test_an_allowed_image_passes():
    assert findings(rule, FILES) == []


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("ghcr.io/acme/app:v2", "is not below a registry that platform.yaml allows: europe-docker.pkg.dev/acme"),
        ("europe-docker.pkg.dev/acme-evil/app:v2", "is not below a registry"),
        ("europe-docker.pkg.dev/acme/payments/app:latest", "the tag 'latest' moves"),
        (f"europe-docker.pkg.dev/acme/payments/app:main{DIGEST}", "the tag 'main' moves"),
        ("europe-docker.pkg.dev/acme/payments/app", "has neither tag nor digest"),
    ],
)
def test_what_the_policy_forbids_is_found(image, message):
    found = findings(rule, edited(REQUEST_PATH, TARGET, f"target_image: {image}", FILES))
    assert places(found) == [(REQUEST_PATH, 9, 15)]
    assert (found[0].rule, found[0].who) == ("request-image-forbidden", Who.APP_TEAM)
    assert message in found[0].message


@pytest.mark.parametrize(("version", "number"), [("", 1), (":v2.0.0", 1), (DIGEST, 0), (f":v2.0.0{DIGEST}", 0)])
def test_a_digest_is_required_where_platform_yaml_says_so(version, number):
    files = edited("platform.yaml", "registries:", "images: {require: digest}\nregistries:", FILES)
    found = findings(rule, edited(REQUEST_PATH, "app:v2.0.0", f"app{version}", files))
    assert len(found) == number
    assert all("platform.yaml requires one" in finding.message for finding in found)


def test_what_is_no_image_is_left_to_the_schema():
    assert findings(rule, edited(REQUEST_PATH, TARGET, "target_image: not an image:latest", FILES)) == []
    assert findings(rule, FILES | {REQUEST_PATH: "a: b\n"}) == []

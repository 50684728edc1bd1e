from onboarding_tool.checks import image_digest_required as rule
from tests.support.repos import edited, findings, good, places

DEPLOYMENT = "apps/payments/base/deployment.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
STAGING = "apps/payments/overlays/staging/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"
DIGEST = f"sha256:{'0' * 64}"


def strict() -> dict[str, str]:
    files = edited("platform.yaml", "clusters:", "images: {require: digest}\nclusters:")
    return edited(STAGING, "newTag: v1.9.3", f"newTag: v1.9.3\n    digest: {DIGEST}", files)


def test_a_tag_is_enough_by_default():
    assert findings(rule, good()) == []


def test_a_digest_passes_with_and_without_a_tag():
    assert findings(rule, edited(PROD, "newTag: v1.9.3", f"digest: {DIGEST}", strict())) == []


def test_a_tag_alone_is_found_where_it_is_said():
    found = findings(rule, strict())
    assert places(found) == [(PROD, 8, 13)]
    assert found[0].rule == "image-digest-required"
    assert "in prod, " in found[0].message
    assert f"'{APP}:v1.9.3'" in found[0].message
    assert f"{APP}:v1.9.3@sha256:" in found[0].hint


def test_a_digest_of_the_manifest_is_lost_to_a_tag_of_the_overlay():
    assert len(findings(rule, edited(DEPLOYMENT, APP, f"{APP}@{DIGEST}", strict()))) == 1

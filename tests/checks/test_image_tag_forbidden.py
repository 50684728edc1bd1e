import pytest

from onboarding_tool.checks import image_tag_forbidden as rule
from tests.support.repos import edited, findings, places

DEPLOYMENT = "apps/payments/base/deployment.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"


@pytest.mark.parametrize("tag", ["v1.9.3", "latest-1", "Latest", "main-20261120"])
def test_the_tag_of_a_version_passes(tag):
    assert findings(rule, edited(PROD, "v1.9.3", tag)) == []


@pytest.mark.parametrize("tag", ["latest", "main", "master", "dev"])
def test_a_tag_that_moves_is_found_where_it_is_said(tag):
    found = findings(rule, edited(PROD, "v1.9.3", tag))
    assert places(found) == [(PROD, 8, 13)]
    assert found[0].rule == "image-tag-forbidden"
    assert "in prod, " in found[0].message
    assert repr(tag) in found[0].message
    assert "latest, main, master and dev" in found[0].hint


def test_the_platform_says_which_tags():
    files = edited("platform.yaml", "clusters:", "images: {forbidden_tags: [edge]}\nclusters:")
    assert findings(rule, edited(PROD, "v1.9.3", "latest", files)) == []
    assert len(findings(rule, edited(PROD, "v1.9.3", "edge", files))) == 1


def test_a_tag_of_the_manifest_that_runs_is_found_there():
    files = edited(DEPLOYMENT, APP, f"{APP}:latest")
    assert findings(rule, files) == []
    found = findings(rule, edited(PROD, f"name: {APP}", "name: other", files))
    assert places(found) == [(DEPLOYMENT, 18, 18)]


def test_a_digest_beside_it_does_not_help():
    files = edited(PROD, "newTag: v1.9.3", f"newTag: latest\n    digest: sha256:{'0' * 64}")
    assert places(findings(rule, files)) == [(PROD, 8, 13)]

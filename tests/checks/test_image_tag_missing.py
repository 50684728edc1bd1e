from onboarding_tool.checks import image_tag_missing as rule
from tests.support.repos import edited, findings, good, places

DEPLOYMENT = "apps/payments/base/deployment.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"


def without_tag(*environments: str) -> dict[str, str]:
    files = good()
    for name in environments:
        path = PROD.replace("prod", name)
        files = edited(path, "    newTag: v1.9.3 # the last good one\n", "", files)
    return files


def test_a_tag_in_the_overlay_passes():
    assert findings(rule, good()) == []


def test_a_tag_in_the_manifest_passes():
    assert findings(rule, edited(DEPLOYMENT, APP, f"{APP}:v1", without_tag("prod", "staging"))) == []


def test_a_digest_passes():
    files = edited(PROD, "newTag: v1.9.3", f"digest: sha256:{'0' * 64}")
    assert findings(rule, files) == []


def test_no_tag_anywhere_is_found_once_for_all_environments():
    found = findings(rule, without_tag("prod", "staging"))
    assert places(found) == [(DEPLOYMENT, 18, 18)]
    assert found[0].rule == "image-tag-missing"
    assert "in staging and prod" in found[0].message
    assert repr(APP) in found[0].message
    assert f"onboard bump payments staging {APP}:TAG --deployment payments --container app" in found[0].hint


def test_no_tag_in_one_environment_is_found_with_it():
    found = findings(rule, without_tag("prod"))
    assert places(found) == [(DEPLOYMENT, 18, 18)]
    assert "in prod, " in found[0].message


def test_an_entry_that_does_not_match_helps_nothing():
    assert len(findings(rule, edited(PROD, f"name: {APP}", f"name: {APP}s"))) == 1

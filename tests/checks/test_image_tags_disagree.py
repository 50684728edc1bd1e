from onboarding_tool.checks import image_tags_disagree as rule
from tests.support.repos import edited, findings, good, places

DEPLOYMENT = "apps/payments/base/deployment.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"


def with_second(first: str, second: str) -> dict[str, str]:
    files = edited(DEPLOYMENT, f"image: {APP}", f"image: {first}")
    return edited(DEPLOYMENT, "- containerPort: 8080\n", SECOND.format(second), files)


SECOND = "- containerPort: 8080\n        - name: migrate\n          image: {}\n"


def test_one_container_passes():
    assert findings(rule, good()) == []


def test_the_same_tag_and_other_repositories_pass():
    assert findings(rule, with_second(f"{APP}:v1", f"{APP}:v1")) == []
    assert findings(rule, with_second(f"{APP}:v1", f"{APP}-migrate:v2")) == []


def test_two_tags_of_one_repository_are_found_once_for_all_environments():
    found = findings(rule, with_second(f"{APP}:v1", f"{APP}:v2"))
    assert places(found) == [(DEPLOYMENT, 22, 18)]
    assert found[0].rule == "image-tags-disagree"
    assert "in staging and prod" in found[0].message
    assert f"'{APP}:v1'" in found[0].message
    assert f"'{APP}:v2'" in found[0].message
    assert "newName" in found[0].hint


def test_a_tag_beside_none_and_a_digest_beside_a_tag_are_found():
    assert len(findings(rule, with_second(APP, f"{APP}:v2"))) == 1
    assert len(findings(rule, with_second(f"{APP}:v1", f"{APP}@sha256:{'0' * 64}"))) == 1


def test_names_of_their_own_pass():
    files = with_second(APP, "payments-migrate:v2")
    files = edited(PROD, "images:", f"images:\n  - name: payments-migrate\n    newName: {APP}\n    newTag: v1", files)
    assert findings(rule, files) == []

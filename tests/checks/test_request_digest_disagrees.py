import pytest

from onboarding_tool.checks import request_digest_disagrees as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST_PATH, edited, findings, good, places
from tests.test_releases import APP, released, request_to

ONE, OTHER = ("@sha256:" + pair * 32 for pair in ("ab", "cd"))
STAGING = "apps/payments/overlays/staging/kustomization.yaml"
LINE = 8  # of `target_image`


def wish(files: dict[str, str], image: str, undone: str = "") -> dict[str, str]:
    rollback = f'"{undone}"' if undone else None
    return files | {REQUEST_PATH: request_to(target_image=image, expected_current=None, rollback_of=rollback)}


def declared(digest: str) -> dict[str, str]:
    """Staging runs v2.0.0 by this digest."""
    return edited(STAGING, "newTag: v1.9.3", f"newTag: v2.0.0\n    digest: {digest.removeprefix('@')}")


@pytest.mark.parametrize("image", [f"{APP}:v2.0.0{ONE}", f"{APP}:v2.0.0", f"{APP}:v2.0.1{OTHER}", f"{APP}{OTHER}"])
def test_what_staging_ran_and_what_has_another_name_passes(image):
    assert findings(rule, wish(declared(ONE), image)) == []


def test_a_tag_of_which_no_digest_is_known_passes():
    assert findings(rule, wish(good(), f"{APP}:v2.0.0{OTHER}")) == []


def test_another_digest_than_the_one_that_staging_declares_is_found():
    found = findings(rule, wish(declared(ONE), f"{APP}:v2.0.0{OTHER}"))
    assert places(found) == [(REQUEST_PATH, LINE, 15)]
    assert (found[0].rule, found[0].who) == ("request-digest-disagrees", Who.APP_TEAM)
    assert found[0].message == "v2.0.0 is sha256:cdcdcdcdcdcd... here, and sha256:abababababab... in staging"
    assert f"Ask for the image that ran: {APP}:v2.0.0{ONE}." in found[0].hint


def test_another_digest_than_the_one_of_a_record_is_found():
    files, ids = released([f"v2{ONE}", "v3"])
    found = findings(rule, wish(files, f"{APP}:v2{OTHER}"))
    assert f"in the release {ids[0][:16]} to prod" in found[0].message
    assert findings(rule, wish(files, f"{APP}:v2{ONE}")) == []


def test_a_rollback_may_go_back_to_whatever_ran():
    files, ids = released([f"v2{ONE}", "v3"])
    assert findings(rule, wish(files, f"{APP}:v2{OTHER}", ids[1])) == []

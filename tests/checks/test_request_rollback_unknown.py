import pytest

from onboarding_tool.checks import request_rollback_unknown as rule
from onboarding_tool.findings import Who
from tests.support.repos import findings, good, places
from tests.test_releases import APP, REQUEST_PATH, released, request_to

LINE = 10  # of `rollback_of`; `target_image` stands two lines above


def wish(files: dict[str, str], tag: str, undone: str) -> dict[str, str]:
    text = request_to(target_image=f"{APP}:{tag}", rollback_of=f'"{undone}"', expected_current=None)
    return files | {REQUEST_PATH: text}


def test_a_request_that_is_no_rollback_passes():
    assert findings(rule, good() | {REQUEST_PATH: request_to()}) == []


@pytest.mark.parametrize("length", [16, 40, 64])
def test_a_rollback_of_a_known_release_passes(length):
    files, ids = released(["v2", "v3"])
    assert findings(rule, wish(files, "v2", ids[1][:length])) == []


@pytest.mark.parametrize("undone", ["0123456789abcdef", "short"])
def test_an_unknown_release_is_found(undone):
    files, _ = released(["v2", "v3"])
    found = findings(rule, wish(files, "v2", undone))
    assert places(found) == [(REQUEST_PATH, LINE, 14)]
    assert (found[0].rule, found[0].who) == ("request-rollback-unknown", Who.APP_TEAM)
    assert f"{undone} is no release of payments/app" in found[0].message


def test_less_than_sixteen_digits_of_an_id_name_nothing():
    files, ids = released(["v2"])
    assert len(findings(rule, wish(files, "v1.9.3", ids[0][:15]))) == 1


def test_an_image_that_never_ran_is_found_with_those_that_did():
    files, ids = released(["v2", "v3"])
    found = findings(rule, wish(files, "v9", ids[1]))
    assert places(found) == [(REQUEST_PATH, LINE - 2, 15)]
    assert f"{APP}:v9 did not run in prod before" in found[0].message
    assert f"It ran {APP}:v2 and {APP}:v1.9.3." in found[0].hint


def test_a_release_of_another_slot_is_not_taken_back():
    files, ids = released(["v2"])
    files = {path: text.replace("container: app", "container: web") for path, text in files.items()}
    assert len(findings(rule, wish(files, "v1.9.3", ids[0]))) == 1

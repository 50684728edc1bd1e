from onboarding_tool.checks import request_decided_already as rule
from onboarding_tool.findings import Who
from onboarding_tool.load import request_id
from tests.support.repos import REQUEST, REQUEST_PATH, findings, good, places
from tests.test_releases import APP, released, request_to

ID = request_id(REQUEST_PATH, REQUEST.encode())
RECORD = f"apps/payments/releases/prod/000001-{ID[:16]}.yaml"
FILES = good() | {REQUEST_PATH: REQUEST}


def test_a_request_without_a_record_passes():
    assert findings(rule, FILES) == []
    assert findings(rule, FILES | {RECORD.replace(ID[:16], "0" * 16): "kind: ReleaseRecord\n"}) == []


def test_a_request_that_has_a_record_is_found():
    files, _ = released(["v2"])
    decided = next(path for path in files if "/releases/" in path)
    path = "apps/payments/requests/prod/r0.yaml"
    wish = request_to(target_image=f"{APP}:v2", expected_current=None)
    found = findings(rule, files | {path: wish})
    assert places(found) == [(path, 1, 1)]
    assert found[0].message == f"this request was decided already (applied): {decided} is its record"


def test_a_record_that_cannot_be_read_counts():
    found = findings(rule, FILES | {RECORD: "a: ["})
    assert places(found) == [(REQUEST_PATH, 1, 1)]
    assert (found[0].rule, found[0].who) == ("request-decided-already", Who.APP_TEAM)
    assert RECORD in found[0].message
    assert "onboard request payments prod IMAGE" in found[0].hint


def test_the_same_wish_in_another_file_passes():
    files = good() | {REQUEST_PATH.replace("3f9c", "aaaa"): REQUEST, RECORD: f"id: {ID}\ndecision: applied\n"}
    assert findings(rule, files) == []

import pytest

from onboarding_tool.checks import environment_unknown as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, edited, findings, good, places
from tests.test_releases import released

METADATA = "apps/payments/metadata.yaml"
BOTH_PHASES = "phase: {staging: path, prod: dual}"
RECORD = "apps/payments/releases/qa/000001-0123456789abcdef.yaml"


def test_known_environments_pass():
    files = good() | {
        "apps/payments/requests/prod/2026-11-20-a.yaml": REQUEST,
        "apps/payments/releases/staging/.gitkeep": "",
        "apps/payments/requests/.gitkeep": "",
    }
    assert findings(rule, files) == []


def test_api_in_one_environment_passes():
    files = edited(METADATA, "  staging: {namespace: payments-staging, manage: full}\n", "")
    assert findings(rule, edited(METADATA, BOTH_PHASES, "phase: {prod: dual}", files)) == []


def test_environment_of_the_api_is_found_at_its_key():
    files = edited(METADATA, "prod: {namespace", "prdo: {namespace")
    found = findings(rule, edited(METADATA, BOTH_PHASES, "phase: {staging: path}", files))
    assert places(found) == [(METADATA, 16, 3)]
    assert found[0].rule == "environment-unknown"
    assert "'prdo'" in found[0].message
    assert "'prod'" in found[0].hint
    assert "staging and prod" in found[0].hint


def test_phase_for_an_unknown_environment_is_found_at_its_key():
    found = findings(rule, edited(METADATA, BOTH_PHASES, "phase: {staging: path, prod: dual, qa: legacy}"))
    assert places(found) == [(METADATA, 22, 40)]
    assert "'qa'" in found[0].message
    assert "staging and prod" in found[0].hint


def test_phase_where_the_api_does_not_live_is_found():
    found = findings(rule, edited(METADATA, "  staging: {namespace: payments-staging, manage: full}\n", ""))
    assert places(found) == [(METADATA, 21, 13)]
    assert "'staging'" in found[0].message
    assert "It lives in prod." in found[0].hint


def test_missing_phase_is_found_at_the_phases():
    found = findings(rule, edited(METADATA, BOTH_PHASES, "phase: {staging: path}"))
    assert places(found) == [(METADATA, 22, 5)]
    assert "'prod'" in found[0].message
    assert "/customer-a/payments" in found[0].message
    assert "`prod: legacy`" in found[0].hint


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("apps/payments/overlays/prdo/kustomization.yaml", Who.PLATFORM),
        ("apps/payments/requests/prdo/2026-11-20-a.yaml", Who.APP_TEAM),
        ("apps/payments/releases/prdo/.gitkeep", Who.PLATFORM),
    ],
)
def test_folder_of_an_unknown_environment_is_found_once(path, who):
    found = findings(rule, good() | {path: "", f"{path}2": ""})
    assert places(found) == [(path, 1, 1)]
    assert "'prdo'" in found[0].message
    assert "'prod'" in found[0].hint
    assert found[0].who is who


def record_of(environment: str) -> str:
    """A record of the interface, of a request that lay in this environment's folder."""
    files, _ = released(["v2"])
    text = next(text for path, text in files.items() if "/releases/" in path)
    return text.replace("requests/prod/", f"requests/{environment}/")


def test_records_outlive_their_environment():
    assert findings(rule, good() | {RECORD: record_of("qa").replace("environment: prod", "environment: qa")}) == []


def test_a_refusal_of_what_lay_in_a_wrong_folder_stays():
    assert "environment: prod" in record_of("qa")
    assert findings(rule, good() | {RECORD: record_of("qa")}) == []


@pytest.mark.parametrize(
    "text",
    [
        record_of("prod"),
        record_of("qa").replace("decision: applied", "decision: perhaps"),
        "request: {environment: qa}\nrequest_path: apps/payments/requests/qa/a.yaml\n",
        "request: null\n",
        "request: [",
        "",
    ],
)
def test_records_of_another_environment_do_not_make_one(text):
    assert places(findings(rule, good() | {RECORD: text})) == [(RECORD, 1, 1)]


def test_removed_api_is_a_record():
    files = edited(METADATA, "lifecycle: active", "lifecycle: removed")
    assert findings(rule, edited(METADATA, "prod: {namespace", "qa: {namespace", files)) == []

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool.checks import record_chain_broken as rule
from onboarding_tool.findings import Who
from tests.support.repos import findings, places
from tests.test_releases import released

FILES, IDS = released(["v2", "v3", "v4"])
PATHS = sorted(path for path in FILES if "/releases/" in path)
OUTCOME = PATHS[1].replace(".yaml", ".outcome.yaml")
HEALTHY = f"apiVersion: onboarding/v1\nkind: ReleaseOutcome\nid: {IDS[1]}\nseq: 2\nresult: healthy\n"


def without(path: str) -> dict[str, str]:
    return {name: text for name, text in FILES.items() if name != path}


def test_an_unbroken_chain_passes():
    assert findings(rule, FILES) == []
    assert findings(rule, FILES | {OUTCOME: HEALTHY}) == []


@pytest.mark.parametrize(
    ("gone", "place", "message"),
    [
        (0, (PATHS[1], 1, 1), "the first record there is number 2: what came before is gone"),
        (1, (PATHS[2], 1, 1), "number 3 comes after number 1: what was between is gone"),
    ],
)
def test_a_missing_record_is_found(gone, place, message):
    found = findings(rule, without(PATHS[gone]))
    assert places(found) == [place]
    assert (found[0].rule, found[0].who) == ("record-chain-broken", Who.PLATFORM)
    assert message in found[0].message
    assert "git log -p -- apps/payments/releases/prod" in found[0].hint


@given(st.sampled_from(PATHS[:2]), st.data())
def test_one_changed_byte_is_found(path, data):
    text = FILES[path].encode()
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + bytes([text[at] ^ data.draw(st.integers(1, 255))]) + text[at + 1 :]
    assert findings(rule, FILES | {path: changed}) != []


def test_a_changed_record_is_found_at_the_next_ones_seal():
    found = findings(rule, FILES | {PATHS[0]: FILES[PATHS[0]] + "# more\n"})
    assert [(finding.path, finding.column) for finding in found] == [(PATHS[1], 11)]
    assert f"`previous` is not the SHA-256 of {PATHS[0]}" in found[0].message


def test_two_records_of_one_number_are_found():
    twin = PATHS[2].replace(IDS[2][:16], "0" * 16)
    text = FILES[PATHS[2]].replace(IDS[2], "0" * 64)
    found = findings(rule, FILES | {twin: text})
    assert places(found) == [(PATHS[2], 1, 1)]
    assert f"two records are number 3; the other is {twin}" in found[0].message


def test_a_name_that_disagrees_is_found():
    moved = PATHS[2].replace("000003", "000004")
    messages = [f.message for f in findings(rule, without(PATHS[2]) | {moved: FILES[PATHS[2]]})]
    assert any("`seq` is 3, and the file's name says 4" in message for message in messages)
    renamed = PATHS[2].replace(IDS[2][:16], "0" * 16)
    found = findings(rule, without(PATHS[2]) | {renamed: FILES[PATHS[2]]})
    assert [finding.path for finding in found] == [renamed]
    assert "the file's name says 0000000000000000" in found[0].message


def test_an_outcome_without_its_record_is_found():
    path = "apps/payments/releases/prod/000009-0123456789abcdef.outcome.yaml"
    found = findings(rule, FILES | {path: HEALTHY})
    assert places(found) == [(path, 1, 1)]
    assert "record is not there" in found[0].message


def test_an_outcome_of_another_release_is_found():
    found = findings(rule, FILES | {OUTCOME: HEALTHY.replace("seq: 2", "seq: 1")})
    assert places(found) == [(OUTCOME, 3, 5)]
    assert f"`id` and `seq` are not those of {PATHS[1]}" in found[0].message


def test_an_outcome_of_a_refusal_is_found():
    text = FILES[PATHS[2]].replace("decision: applied", "decision: refused")
    outcome = PATHS[2].replace(".yaml", ".outcome.yaml")
    files = FILES | {PATHS[2]: text, outcome: HEALTHY.replace(IDS[1], IDS[2]).replace("seq: 2", "seq: 3")}
    assert "a request that was refused" in findings(rule, files)[0].message


def test_a_record_that_cannot_be_read_is_found_by_its_seal():
    found = findings(rule, FILES | {PATHS[1]: "a: ["})
    assert [finding.path for finding in found] == [PATHS[2]]


def test_environments_have_chains_of_their_own():
    seal = hashlib.sha256(FILES[PATHS[0]].encode()).hexdigest()
    assert seal in FILES[PATHS[1]]
    other = {path.replace("/prod/", "/staging/"): FILES[path] for path in PATHS[:1]}
    assert findings(rule, FILES | other) == []

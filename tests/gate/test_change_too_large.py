"""An API stays small enough to be judged, however its team's changes add up."""

import pytest

from onboarding_tool.gate.case import Case
from onboarding_tool.gate.change import Change
from onboarding_tool.gate.rules import change_too_large
from onboarding_tool.gate.rules.change_too_large import MOST_BYTES, MOST_OF_API
from tests.support.repos import repo_of

BASE = "apps/payments/base"


def found(before: list[str], after: list[str]) -> list[str]:
    """For an API of files with these contents."""
    sides = [repo_of({f"{BASE}/{number}": text for number, text in enumerate(texts)}) for texts in (before, after)]
    case = Case(*sides, (Change(f"{BASE}/0", 0, 0o100644),), None)
    return [finding.message for finding in change_too_large.of_api(case, "payments")]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (["x"] * 3, ["x"] * MOST_OF_API, ""),
        (["x"] * 3, ["x"] * (MOST_OF_API + 1), "201 files; an API has at most 200"),
        (["x"], ["x" * MOST_BYTES], ""),
        (["x"], ["x" * MOST_BYTES, "x"], "1,048,577 bytes; an API has at most 1,048,576"),
    ],
)
def test_what_an_api_is_made_of_is_bounded(before, after, said):
    messages = found(before, after)
    assert bool(messages) == bool(said)
    assert all(said in message for message in messages)


def test_what_is_too_large_already_may_become_smaller():
    assert found(["x"] * 300, ["x"] * 299) == []
    assert found(["x"] * 300, ["y"] * 300) == []
    assert found(["x"] * 300, ["x"] * 301) != []

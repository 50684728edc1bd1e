"""Whatever is broken in the files of an API, or generated for it, gets the verdict of the whole."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.adapters.test_platform_change import as_a_whole, fleet
from tests.support.broken import other_bytes, other_value
from tests.support.pulls import KIM, Pulls

OURS = [path for path in sorted(fleet()) if "/payments" in path or "/customer-a" in path]


@st.composite
def changes(draw: st.DrawFn) -> dict[str, bytes | None]:
    return {path: draw(contents(path)) for path in draw(st.lists(st.sampled_from(OURS), min_size=1, max_size=3))}


def contents(path: str) -> st.SearchStrategy[bytes | None]:
    text = fleet()[path]
    spoilt = st.none() | other_bytes(text)
    return spoilt | other_value(text) if path.endswith(".yaml") else spoilt


@pytest.fixture(scope="module")
def pulls(tmp_path_factory) -> Pulls:
    return Pulls(tmp_path_factory.mktemp("pulls") / "config.git", fleet())


@settings(max_examples=80)
@given(changed=changes())
def test_a_broken_change_gets_the_verdict_of_the_whole(pulls, changed):
    verdict = pulls.judged(changed, KIM)
    assume(verdict.tree)
    assert verdict == as_a_whole(pulls, verdict)

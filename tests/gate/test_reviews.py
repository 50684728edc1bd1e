"""Which reviews are approvals: of whom, at which commit, and what takes them back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool.gate.author import Author
from onboarding_tool.gate.case import Kind
from onboarding_tool.gate.reviews import Review, approving, of_team
from onboarding_tool.gate.verdict import Approval, Verdict
from onboarding_tool.model import Member

HEAD, OLD = "a" * 40, "b" * 40
ALICE, BOB, CAROL = Author("alice", 1), Author("bob", 2), Author("carol", 3)
VERDICT = Verdict(Kind.REQUEST, OLD, HEAD, author="alice")
STATES = ("APPROVED", "CHANGES_REQUESTED", "DISMISSED", "COMMENTED", "PENDING", "approved", "")
REVIEWS = st.lists(
    st.builds(
        Review, st.sampled_from([ALICE, BOB, CAROL]), st.sampled_from(STATES), st.sampled_from([HEAD, OLD, "None"])
    )
)


def who(*said: tuple[Author, str, str], asker: Author = ALICE, author: str = "alice") -> list[str]:
    verdict = Verdict(Kind.REQUEST, OLD, HEAD, author=author)
    return [one.login for one in approving(verdict, [Review(*one) for one in said], asker)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], []),
        ([(BOB, "APPROVED", HEAD)], ["bob"]),
        ([(BOB, "APPROVED", HEAD), (CAROL, "APPROVED", HEAD)], ["bob", "carol"]),
        ([(BOB, "APPROVED", HEAD), (BOB, "APPROVED", HEAD)], ["bob"]),
        ([(BOB, "APPROVED", OLD)], []),
        ([(BOB, "COMMENTED", HEAD)], []),
        ([(BOB, "PENDING", HEAD)], []),
        ([(BOB, "APPROVED", HEAD), (BOB, "COMMENTED", HEAD)], ["bob"]),
        ([(BOB, "APPROVED", HEAD), (BOB, "CHANGES_REQUESTED", HEAD)], []),
        ([(BOB, "APPROVED", HEAD), (BOB, "CHANGES_REQUESTED", OLD)], []),
        ([(BOB, "APPROVED", HEAD), (BOB, "DISMISSED", HEAD)], []),
        ([(BOB, "CHANGES_REQUESTED", OLD), (BOB, "APPROVED", HEAD)], ["bob"]),
        ([(BOB, "DISMISSED", OLD), (BOB, "APPROVED", HEAD)], ["bob"]),
        ([(BOB, "APPROVED", HEAD), (BOB, "APPROVED", OLD)], ["bob"]),
        ([(BOB, "APPROVED", HEAD), (Author("renamed", 2), "CHANGES_REQUESTED", HEAD)], []),
        ([(Author("bob"), "APPROVED", HEAD), (Author("Bob"), "DISMISSED", HEAD)], []),
    ],
)
def test_the_newest_that_decides_counts_at_the_judged_commit(said, expected):
    assert who(*said) == expected


@pytest.mark.parametrize(
    ("reviewer", "asker", "author"),
    [
        (Author("alice", 1), Author("alice", 1), ""),
        (Author("renamed", 1), Author("alice", 1), "alice"),
        (Author("alice", 9), Author("somebody", 1), "alice"),
        (Author("Alice", 9), Author("somebody", 1), "alice"),
        (Author("alice"), Author("Alice", 1), ""),
    ],
)
def test_nobody_approves_of_what_is_theirs(reviewer, asker, author):
    assert who((reviewer, "APPROVED", HEAD), asker=asker, author=author) == []


@pytest.mark.parametrize(
    ("member", "counts"),
    [
        (Member("bob", 2), True),
        (Member("formerly", 2), True),
        (Member("bob", 9), False),
        (Member("BOB"), True),
        (Member("carol", 3), False),
    ],
)
def test_only_members_count_and_a_login_only_where_there_is_no_id(member, counts):
    approval = Approval("payments-team", 1, members=(member,))
    assert of_team(approval, [BOB]) == (("bob",) if counts else ())


@given(REVIEWS)
def test_who_counts_has_approved_of_the_head_and_is_not_the_author(reviews):
    found = approving(VERDICT, reviews, ALICE)
    assert len(set(found)) == len(found)
    assert ALICE not in found
    for one in found:
        own = [review for review in reviews if review.reviewer == one]
        agreed = max(number for number, review in enumerate(own) if (review.state, review.commit) == ("APPROVED", HEAD))
        assert not [review for review in own[agreed:] if review.state in ("CHANGES_REQUESTED", "DISMISSED")]


@given(REVIEWS, st.sampled_from([BOB, CAROL]))
def test_what_somebody_says_changes_nothing_for_others(reviews, one):
    without = [review for review in reviews if review.reviewer != one]
    found = approving(VERDICT, reviews, ALICE)
    assert [other for other in found if other != one] == list(approving(VERDICT, without, ALICE))

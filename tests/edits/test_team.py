from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding_tool import load
from onboarding_tool.edits.team import add_team, parse_member
from onboarding_tool.errors import UsageError
from onboarding_tool.model import Member, Repo, Team
from onboarding_tool.tree import changed
from tests.support.repos import TEAMS, good, repo_of

ALICE, BOB = Member("alice", 1001), Member("bob", 7)


HEAD = TEAMS.partition("  payments-team:")[0]


def with_team(text: str = " {}\n") -> dict[str, str]:
    """A good repo in which payments-team says this instead of its own."""
    return good() | {"teams.yaml": f"{HEAD}  payments-team:{text}"}


def added(
    repo: Repo, name: str, github: str | None = None, tenants: Sequence[str] = (), members: Sequence[Member] = ()
) -> tuple[str, Mapping[str, Team]]:
    """teams.yaml afterwards, and the teams that it declares: nothing is wrong with it."""
    after = changed(repo.tree, add_team(repo, name, github, tenants, members))
    loaded, findings = load.load(after)
    assert findings == []
    return after.read("teams.yaml").decode(), loaded.teams


def refused(name: str, files: dict[str, str] | None = None, **words) -> UsageError:
    with pytest.raises(UsageError) as raised:
        added(repo_of(files or good()), name, **words)
    assert raised.value.hint
    return raised.value


def test_a_new_team():
    text, teams = added(
        repo_of(good()), "orders-team", github="acme/orders", tenants=["b", "c"], members=[BOB, Member("eve")]
    )
    assert text == TEAMS + (
        "  orders-team:\n"
        "    github: acme/orders\n"
        "    tenants: [b, c]\n"
        "    members:\n"
        "      - {login: bob, id: 7}\n"
        "      - {login: eve, id: null}\n"
    )
    assert teams["orders-team"] == Team("orders-team", "acme/orders", ("b", "c"), (BOB, Member("eve")))


def test_a_name_alone_is_a_team():
    assert added(repo_of(good()), "orders-team")[1]["orders-team"] == Team("orders-team")


def test_a_known_team_is_extended_and_every_other_byte_stays():
    text, teams = added(
        repo_of(good()), "payments-team", github="acme/pay", tenants=["customer-b"], members=[ALICE, BOB]
    )
    assert text == TEAMS.replace("acme/payments", "acme/pay").replace(
        "[customer-a]", "[customer-a, customer-b]"
    ).replace("{login: alice, id: 1001}", "{login: alice, id: 1001}, {login: bob, id: 7}")
    assert teams["payments-team"].members == (ALICE, BOB)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"github": "acme/payments", "tenants": ["customer-a"], "members": [ALICE]},
        {"members": [Member("alice")]},
        {"members": [Member("ALICE", 1001)]},
        {"tenants": ["customer-a", "customer-a"]},
    ],
)
def test_what_is_said_already_changes_nothing(words):
    repo = repo_of(good())
    fixed = {"github": None, "tenants": [], "members": []} | words
    assert add_team(repo, "payments-team", **fixed) == {}


def test_an_id_that_was_missing_is_added():
    files = with_team("\n    members:\n      - {login: alice, id: null} # on leave\n      - login: bob\n")
    text, teams = added(repo_of(files), "payments-team", members=[ALICE, BOB])
    assert teams["payments-team"].members == (ALICE, BOB)
    assert "      - {login: alice, id: 1001} # on leave\n" in text


def test_lists_that_are_not_there_are_made():
    text, teams = added(repo_of(with_team()), "payments-team", github="a/b", tenants=["t", "u"], members=[ALICE, BOB])
    assert teams["payments-team"] == Team("payments-team", "a/b", ("t", "u"), (ALICE, BOB))
    assert text.startswith(HEAD)


def test_members_in_block_style_stay_so():
    files = with_team("\n    members:\n    - login: alice # since 2019\n      id: 1001\n")
    text, teams = added(repo_of(files), "payments-team", members=[BOB])
    assert teams["payments-team"].members == (ALICE, BOB)
    assert text.startswith(files["teams.yaml"])


def test_a_word_given_twice_counts_once():
    words = {"tenants": ["t", "t"], "members": [Member("bob"), BOB, Member("Bob")]}
    for name in ("orders-team", "payments-team"):
        team = added(repo_of(good()), name, **words)[1][name]
        assert team.tenants[-1:] == ("t",)
        assert [member for member in team.members if member.login == "bob"] == [BOB]
        assert team.tenants.count("t") == 1


def test_another_id_is_somebody_else():
    error = refused("payments-team", members=[Member("alice", 5)])
    assert "alice has the id 1001 in teams.yaml, not 5" in error.message
    for name in ("orders-team", "payments-team"):
        assert "two ids, 7 and 8" in refused(name, members=[BOB, Member("bob", 8)]).message


@pytest.mark.parametrize(
    ("name", "words", "message"),
    [
        ("Bad Name", {}, "the name 'Bad Name' is not allowed here"),
        ("", {}, "the name '' is not allowed here"),
        ("x", {"tenants": ["Bad Tenant"]}, 'cannot be "Bad Tenant"'),
        ("payments-team", {"tenants": ["Bad Tenant"]}, 'cannot be "Bad Tenant"'),
        ("x", {"github": "acme"}, 'cannot be "acme"'),
        ("x", {"github": "@acme/pay"}, 'cannot be "@acme/pay"'),
        ("x", {"members": [Member("a b")]}, 'cannot be "a b"'),
        ("x", {"members": [Member("")]}, 'cannot be ""'),
        ("x", {"members": [Member("a", 0)]}, "is 0: at least 1"),
    ],
)
def test_what_does_not_fit_is_refused(name, words, message):
    assert message in refused(name, **words).message


@pytest.mark.parametrize(
    ("text", "member"),
    [
        ("alice", Member("alice")),
        ("alice=1001", ALICE),
        ("acme-bot[bot]=1", Member("acme-bot[bot]", 1)),
    ],
)
def test_parse_member(text, member):
    assert parse_member(text) == member


@pytest.mark.parametrize(
    "text", ["alice=", "alice=x", "alice=-1", "alice=1=2", "alice=²", "alice=1.0", "alice=" + "9" * 5000]
)
def test_an_id_that_is_no_number_is_refused(text):
    with pytest.raises(UsageError) as raised:
        parse_member(text)
    assert text in raised.value.message
    assert "LOGIN=ID" in raised.value.hint


names = st.from_regex(r"[a-z]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
members = st.builds(
    Member, st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,5}", fullmatch=True), st.none() | st.integers(1, 9)
)


@settings(max_examples=40)
@given(names, st.lists(names, max_size=3), st.lists(members, max_size=4, unique_by=lambda one: one.login.lower()))
def test_whatever_is_added_is_there_and_adding_it_again_changes_nothing(name, tenants, people):
    repo = repo_of(good())
    after = changed(repo.tree, add_team(repo, name, "acme/on", tenants, people))
    repo, findings = load.load(after)
    assert findings == []
    assert repo.teams[name] == Team(name, "acme/on", tuple(dict.fromkeys(tenants)), tuple(people))
    assert add_team(repo, name, "acme/on", tenants, people) == {}

import pytest

from onboarding_tool.wording import counted, did_you_mean, listed, nearest

ENVIRONMENTS = ("staging", "prod", "prod-eu")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("prdo", "prod"),
        ("prod", "prod"),
        ("stagin", "staging"),
        ("prod_eu", "prod-eu"),
        ("PROD-EU", "prod-eu"),
        ("qa", None),
        ("", None),
    ],
)
def test_nearest(name, found):
    assert nearest(name, ENVIRONMENTS) == found


def test_nothing_is_near_where_nothing_is():
    assert nearest("prod", iter(())) is None


def test_did_you_mean_says_what_else_to_do_in_any_case():
    assert did_you_mean("prdo", ENVIRONMENTS, "There are two.") == "Did you mean 'prod'? There are two."
    assert did_you_mean("qa", iter(ENVIRONMENTS), "There are two.") == "There are two."


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("pro", "Did you mean 'prod' or 'prod-eu'? "),
        ("PROD", "Did you mean 'prod'? "),
        ("stag", "Did you mean 'staging'? "),
        ("s", "Did you mean 'staging'? "),
        ("prd", "Did you mean 'prod'? "),
        ("", ""),
    ],
)
def test_did_you_mean_names_all_that_begin_so(name, hint):
    assert did_you_mean(name, ENVIRONMENTS, "There are three.") == f"{hint}There are three."


def test_did_you_mean_names_no_crowd():
    assert did_you_mean("api", [f"api-{number}-of-a-fleet" for number in range(100)], "Look.") == "Look."


@pytest.mark.parametrize(
    ("names", "sentence"),
    [((), "none"), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c"), (iter("ab"), "a and b")],
)
def test_listed(names, sentence):
    assert listed(names) == sentence


def test_listed_says_nothing_in_the_callers_words():
    assert listed([], "no host") == "no host"


@pytest.mark.parametrize(
    ("number", "words", "expected"),
    [
        (0, ("finding",), "0 findings"),
        (1, ("finding",), "1 finding"),
        (2, ("finding",), "2 findings"),
        (1, ("entry", "entries"), "1 entry"),
        (2, ("entry", "entries"), "2 entries"),
        (30000, ("API",), "30,000 APIs"),
    ],
)
def test_counted(number, words, expected):
    assert counted(number, *words) == expected

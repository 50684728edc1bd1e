"""What does not fit is said in sentences, at its place, with what would fit."""

import copy
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from onboarding_tool import resources
from onboarding_tool.schema import FORBIDDEN, INVALID, Misfit, fits_field, fitting, judge
from onboarding_tool.yamltext import Path
from tests.support.broken import places_in, replaced, values

EXAMPLES: dict[str, Any] = {
    name: json.loads(resources.schema_text(name))["examples"][0] for name in resources.schema_names()
}
EXPLAINING = {name: Draft202012Validator(json.loads(resources.schema_text(name))) for name in EXAMPLES}
GONE = object()
# How validators speak.
JARGON = re.compile(
    r"is not valid under|does not match|required property|is not of type|is not one of|was expected|non-unique"
    r"|Additional properties|should be non-empty|too short|greater than|less than|\(\?|\]\{|\^|\bschema\b|\$ref"
    r"|\b(is|For example:) (None|True|False)\b|\binteger\b|\bboolean\b"
)


def with_value(kind: str, at: Path, value: object) -> Any:
    """The schema's example with one value set; GONE takes it out."""
    example = copy.deepcopy(EXAMPLES[kind])
    holder = example
    for step in at[:-1]:
        holder = holder[step]
    if value is GONE:
        del holder[at[-1]]
    elif isinstance(holder, list) and at[-1] == len(holder):
        holder.append(value)
    else:
        holder[at[-1]] = value
    return example


def only(kind: str, at: Path, value: object) -> Misfit:
    """The one misfit."""
    (misfit,) = judge(kind, with_value(kind, at, value))
    return misfit


@pytest.mark.parametrize("kind", resources.schema_names())
def test_the_example_fits(kind):
    assert judge(kind, EXAMPLES[kind]) == []


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (("team",), "`team` is missing"),
        (("environments", "prod", "namespace"), "`namespace` is missing in `environments.prod`"),
        (("workloads", 0, "containers", 0, "image"), "`image` is missing in `workloads[0].containers[0]`"),
    ],
)
def test_missing(at, message):
    misfit = only("api", at, GONE)
    assert (misfit.rule, misfit.path, misfit.key, misfit.message) == (INVALID, at, False, message)
    assert re.fullmatch(rf"Add `{at[-1]}:`\. [A-Z].*\.", misfit.hint)


def test_everything_missing_is_said_at_once():
    assert [misfit.path for misfit in judge("teams", {})] == [("apiVersion",), ("kind",), ("platform",), ("teams",)]


@pytest.mark.parametrize(
    ("at", "hint"),
    [
        (("lifecycel",), "Did you mean `lifecycle`?"),
        (("routes", 0, "legacy_host"), "Did you mean `legacy_hosts`?"),
        (("environments", "prod", "colour"), "Allowed here: namespace, manage."),
    ],
)
def test_unknown_field(at, hint):
    misfit = only("api", at, "x")
    assert (misfit.rule, misfit.path, misfit.key) == (INVALID, at, True)
    assert (misfit.message, misfit.hint) == (f"there is no field `{at[-1]}`", hint)


FORBIDDEN_FIELDS = json.loads(resources.schema_text("release-request"))["x-forbidden"]


@pytest.mark.parametrize("field", FORBIDDEN_FIELDS)
def test_a_forbidden_field_says_why_it_is_the_platforms(field):
    misfit = only("release-request", (field,), 3)
    assert (misfit.rule, misfit.path, misfit.key) == (FORBIDDEN, (field,), True)
    assert misfit.message == f"`{field}` has no place in a release request"
    assert misfit.hint == FORBIDDEN_FIELDS[field]


def test_the_five_banned_fields_are_forbidden():
    assert {"replicas", "resources", "env", "command", "strategy"} <= FORBIDDEN_FIELDS.keys()
    assert "HPA" in FORBIDDEN_FIELDS["replicas"]
    assert "audited" in FORBIDDEN_FIELDS["env"]


def test_elsewhere_they_are_fields_like_any_other():
    assert only("api", ("replicas",), 3).rule == INVALID


@pytest.mark.parametrize(
    ("kind", "at", "value", "message", "hint"),
    [
        # text without quotes
        ("platform", ("kustomize",), 5.8, "`kustomize` is 5.8", 'Text is expected: put it in quotes, "5.8".'),
        ("platform", ("quota", "pods"), 40, "`quota.pods` is 40", 'Text is expected: put it in quotes, "40".'),
        ("api", ("team",), True, "`team` is true", 'Text is expected: put it in quotes, "true".'),
        ("teams", ("teams", "payments-team", "github"), 7, "is 7", 'put it in quotes, "7".'),
        # a number in quotes
        ("api", ("routes", 0, "port"), "80", '`routes[0].port` is "80"', "take the quotes off, 80."),
        ("platform", ("bot", "id"), "42", '`bot.id` is "42"', "take the quotes off, 42."),
        # anything else
        ("api", ("routes", 0, "port"), "http", '`routes[0].port` is "http"', "Expected: a whole number. The port"),
        ("api", ("routes", 0, "port"), 80.5, "`routes[0].port` is 80.5", "Expected: a whole number."),
        ("api", ("routes", 0, "port"), None, "`routes[0].port` is empty", "Expected: a whole number."),
        ("api", ("routes", 0, "strip_prefix"), "yes", '`routes[0].strip_prefix` is "yes"', "Expected: true or false."),
        ("api", ("routes",), {}, "`routes` is a mapping", "Expected: a list. How traffic reaches the API."),
        ("api", ("environments",), [], "`environments` is a list", "Expected: a mapping."),
        ("api", ("tenant",), [], "`tenant` is a list", "Expected: text. Lower-case letters"),
        ("teams", ("teams", "payments-team", "members", 0), "alice", 'members[0]` is "alice"', "Expected: a mapping."),
        # or nothing
        ("platform", ("bot",), "x", '`bot` is "x"', "Expected: a mapping or nothing."),
        ("teams", ("teams", "payments-team", "github"), [], "is a list", "Expected: text or nothing."),
        ("platform", ("bot", "id"), "x", '`bot.id` is "x"', "Expected: a whole number or nothing."),
    ],
)
def test_wrong_type(kind, at, value, message, hint):
    misfit = only(kind, at, value)
    assert (misfit.rule, misfit.path, misfit.key) == (INVALID, at, False)
    assert misfit.message.endswith(message)
    assert hint in misfit.hint


@pytest.mark.parametrize(
    ("at", "value", "message", "hint"),
    [
        (("lifecycle",), "retired", '`lifecycle` is "retired"', "active, retiring, removed. Did you mean `retiring`?"),
        (("lifecycle",), "gone", '`lifecycle` is "gone"', "Allowed: active, retiring, removed."),
        (("lifecycle",), 3, "`lifecycle` is 3", "Allowed: active, retiring, removed."),
        (("lifecycle",), None, "`lifecycle` is empty", "Allowed: active, retiring, removed."),
        (("routes", 0, "phase", "prod"), "duall", '`routes[0].phase.prod` is "duall"', "Did you mean `dual`?"),
        (("kind",), "APi", '`kind` is "APi"', "Allowed: Api."),
        (("apiVersion",), "v1", '`apiVersion` is "v1"', "Allowed: onboarding/v1."),
    ],
)
def test_one_of_a_list(at, value, message, hint):
    misfit = only("api", at, value)
    assert (misfit.path, misfit.message) == (at, message)
    assert misfit.hint.endswith(hint)


@pytest.mark.parametrize(
    ("kind", "at", "value", "message", "hint"),
    [
        ("api", ("tenant",), "Customer A", '`tenant` cannot be "Customer A"', "Lower-case letters, digits and hyphens"),
        ("api", ("tenant",), "x" * 99, f'`tenant` cannot be "{"x" * 77}..."', "at most 40 characters."),
        ("api", ("routes", 0, "port"), 70000, "`routes[0].port` is 70000: at most 65535", "For example: 8080."),
        ("api", ("routes", 0, "port"), 0, "`routes[0].port` is 0: at least 1", "For example: 8080."),
        ("api", ("workloads",), [], "`workloads` is empty", "Every Deployment of the API"),
        ("api", ("environments",), {}, "`environments` is empty", "The environments in which the API runs"),
        ("rule-exceptions", ("exceptions", 0, "reason"), "", "`exceptions[0].reason` is empty", "Why the finding"),
        (
            "rule-exceptions",
            ("exceptions", 0, "reason"),
            "x" * 501,
            "`exceptions[0].reason` is too long: at most 500",
            "For example: The vendor ships no tags before January.",
        ),
    ],
)
def test_what_a_value_may_be(kind, at, value, message, hint):
    misfit = only(kind, at, value)
    assert (misfit.path, misfit.key, misfit.message) == (at, False, message)
    assert hint in misfit.hint
    assert misfit.hint.endswith(".")
    assert not misfit.hint.endswith("..")


@pytest.mark.parametrize(
    ("kind", "at", "hint"),
    [
        ("api", ("environments", "Prod"), "Lower-case letters, digits and hyphens"),
        ("api", ("routes", 0, "phase", "a_b"), "Lower-case letters, digits and hyphens"),
        ("platform", ("capabilities", "L10"), "L and one digit."),
        ("teams", ("teams", ""), "Lower-case letters, digits and hyphens"),
    ],
)
def test_the_names_in_a_mapping(kind, at, hint):
    good = with_value(kind, at, None)
    holder = good
    for step in at[:-1]:
        holder = holder[step]
    holder[at[-1]] = next(iter(holder.values()))
    (misfit,) = judge(kind, good)
    assert (misfit.path, misfit.key) == (at, True)
    assert misfit.message == f"the name {at[-1]!r} is not allowed here"
    assert hint in misfit.hint


def test_an_item_that_stands_twice_is_found_at_the_second():
    registries = ["a.io", "b.io", "a.io", "a.io"]
    found = judge("platform", with_value("platform", ("registries",), registries))
    assert [misfit.path for misfit in found] == [("registries", 2), ("registries", 3)]
    assert {misfit.message for misfit in found} == {"`registries` holds an item twice"}


@pytest.mark.parametrize(
    ("value", "message"),
    [([], "the document is a list"), ("x", 'the document is "x"'), (None, "the document is empty"), (1, "is 1")],
)
def test_a_document_that_is_no_mapping(value, message):
    (misfit,) = judge("api", value)
    assert misfit.path == ()
    assert misfit.message.endswith(message)
    assert misfit.hint.startswith("Expected: a mapping. The declaration of one API")


def test_a_condition_speaks_like_the_rest():
    applied = with_value("release-record", ("slot",), None)
    assert [(misfit.path, misfit.message) for misfit in judge("release-record", applied)] == [
        (("slot",), "`slot` is empty")
    ]


@pytest.mark.parametrize(
    ("path", "fits"),
    [
        ("apps/payments/requests/prod/a.yaml", True),
        ("apps/payments/requests/prod/a.yaml\n", False),
        ("apps/Payments/requests/prod/a.yaml", False),
        (f"apps/payments/requests/prod/{'a' * 400}", False),
        (None, False),
        ("apps/payments/requests/prod/\ud800", False),
    ],
)
def test_a_field_alone(path, fits):
    assert fits_field("release-record", "request_path", path) is fits


def test_a_field_that_refers_to_a_definition():
    assert fits_field("release-record", "requested_by", EXAMPLES["release-record"]["requested_by"])
    assert not fits_field("release-record", "requested_by", "Kim")


# What is left


def test_fitting_takes_out_what_does_not_fit_and_nothing_else():
    value = with_value("api", ("lifecycle",), "gone")
    value["colour"] = "red"
    value["routes"].insert(0, "x")
    value["environments"]["Prod"] = {"namespace": "x"}
    value["environments"]["prod"]["manage"] = "half"
    expected = with_value("api", ("lifecycle",), GONE)
    del expected["environments"]["prod"]["manage"]
    before = copy.deepcopy(value)
    assert fitting(value, judge("api", value)) == expected
    assert value == before


def test_fitting_of_a_document_that_is_no_mapping_is_nothing():
    assert fitting([1], judge("api", [1])) is None


kinds = st.sampled_from(resources.schema_names())


@st.composite
def wrong(draw: st.DrawFn) -> tuple[str, Any]:
    """A schema, and its example with something else in up to three places."""
    kind = draw(kinds)
    value = EXAMPLES[kind]
    for _ in range(draw(st.integers(1, 3))):
        value = replaced(value, draw(st.sampled_from(list(places_in(value)) or [()])), draw(values))
    return kind, value


# Where two validators might differ: numbers beyond 64 bits, no numbers at all, ends of lines, digits and blanks of
# other scripts, half a character, keys that JSON does not have.
NUMBERS = (10**30, -(10**30), 1e400, float("nan"), 1.0, True)
ODD = (*NUMBERS, "prod\n", "L1\n", "\u0663", "a\u00a0b", "a\u200bb", "\ud800", {1: "x"})


@settings(max_examples=300)
@given(wrong(), st.one_of(st.none(), st.sampled_from(ODD)), st.randoms(use_true_random=False))
def test_what_is_told_quickly_is_what_is_explained(case, odd, random):
    kind, value = case
    if odd is not None and (places := list(places_in(value))):
        value = replaced(value, random.choice(places), odd)
    assert (judge(kind, value) == []) is EXPLAINING[kind].is_valid(value)


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize("kind", resources.schema_names())
def test_odd_values_are_judged_alike_at_every_place(kind, odd):
    for place in places_in(EXAMPLES[kind]):
        value = replaced(EXAMPLES[kind], place, odd)
        assert (judge(kind, value) == []) is EXPLAINING[kind].is_valid(value), place


@settings(max_examples=60)
@given(wrong())
def test_every_misfit_is_a_sentence(case):
    kind, value = case
    for misfit in judge(kind, value):
        ours = re.sub(r'"[^"]*"|`[^`]*`|\'.*\' is not allowed', "", misfit.message)
        assert not JARGON.search(ours)
        assert not JARGON.search(re.sub(r'"[^"]*"|`[^`]*`', "", misfit.hint))
        assert re.search(r"[.?]$", misfit.hint)
        assert not re.search(r"[.?]$|^$", ours)


@settings(max_examples=60)
@given(wrong())
def test_what_fits_needs_only_what_is_missing(case):
    kind, value = case
    left = judge(kind, fitting(value, judge(kind, value)))
    said = ("is missing", "is empty", "holds an item twice")  # what went may leave two of a kind
    assert all(any(words in misfit.message for words in said) for misfit in left)

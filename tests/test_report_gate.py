"""Verdicts as people, programs and GitHub read them."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import onboarding_tool
from onboarding_tool import report_gate
from onboarding_tool.findings import Finding, Severity, Skipped, Who
from onboarding_tool.gate.case import Kind
from onboarding_tool.gate.verdict import Approval, Verdict

SCHEMA = json.loads((Path(onboarding_tool.__file__).parent / "gate_schemas/verdict.json").read_text(encoding="utf-8"))
COMMIT = "0123456789" * 4
EVIL = "a`b\n```\n<img src=x onerror=alert(1)> @everyone ](javascript:x) ::error::x \x1b[31m\u202e"
FINDING = Finding("apps/a/x.yaml", 2, 3, "change-mixed", "it is mixed", "Take it apart.", who=Who.APP_TEAM)
GOOD = Verdict(
    Kind.REQUEST,
    COMMIT,
    COMMIT,
    COMMIT,
    ("payments",),
    author="alice",
    effects=("payments prod: image app v1 -> v2",),
    approvals=(Approval("payments-team", 1, "prod"),),
    notes=("x supersedes y",),
)
BAD = Verdict(Kind.MIXED, COMMIT, COMMIT, findings=(FINDING,), skipped=(Skipped("render-failed", "no renderer"),))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.just(EVIL)
VERDICTS = st.builds(
    Verdict,
    kind=st.sampled_from(Kind),
    base=st.just(COMMIT),
    head=st.just(COMMIT),
    tree=st.sampled_from(["", COMMIT]),
    apis=st.tuples(TEXTS),
    level=TEXTS,
    author=TEXTS,
    effects=st.tuples(TEXTS),
    approvals=st.tuples(st.builds(Approval, TEXTS, st.integers(0, 9), TEXTS)),
    notes=st.tuples(TEXTS),
    findings=st.lists(
        st.builds(
            Finding,
            TEXTS,
            st.integers(1, 9),
            st.integers(1, 9),
            st.just("change-mixed"),
            TEXTS,
            TEXTS,
            st.sampled_from(Severity),
            st.sampled_from(Who),
        ),
        max_size=4,
    ).map(tuple),
    skipped=st.tuples(st.builds(Skipped, TEXTS, TEXTS)),
)


def test_a_good_verdict_as_text():
    assert list(report_gate.text(GOOD)) == [
        "release request of payments: accepted",
        "  payments prod: image app v1 -> v2",
        "  approval: 1 of payments-team, not alice, for prod",
        "  note: x supersedes y",
    ]


def test_a_bad_verdict_as_text():
    assert list(report_gate.text(BAD)) == [
        "mixed change: refused",
        "apps/a/x.yaml:2:3: error change-mixed: it is mixed",
        "    Take it apart. (app team)",
        "not judged: render-failed: no renderer",
    ]


def test_what_could_not_be_judged_is_not_accepted():
    assert not Verdict(Kind.PLATFORM, COMMIT, COMMIT, skipped=BAD.skipped).passes


@given(VERDICTS)
def test_json_is_as_its_schema_says(verdict):
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(json.loads(report_gate.json(verdict)))
    assert report_gate.json(verdict).isascii()


@pytest.mark.parametrize("field", SCHEMA["required"])
def test_the_schema_misses_each_field(field):
    value = json.loads(report_gate.json(GOOD))
    del value[field]
    assert not jsonschema_rs.is_valid(SCHEMA, value)


def test_the_schema_is_closed_and_explained():
    value = json.loads(report_gate.json(BAD))
    assert jsonschema_rs.is_valid(SCHEMA, value)
    assert not jsonschema_rs.is_valid(SCHEMA, value | {"more": 1})
    assert not jsonschema_rs.is_valid(SCHEMA, value | {"head": f"{COMMIT}\n"})
    assert SCHEMA["properties"].keys() == set(SCHEMA["required"])
    assert all(about["description"].endswith(".") for about in SCHEMA["properties"].values())


@given(VERDICTS)
def test_no_text_breaks_out_of_markdown(verdict):
    """What is not ours stands in code: no HTML but our line breaks, no links, no mentions."""
    tokens = MarkdownIt("commonmark").parse(report_gate.markdown(verdict))
    inner = [child for token in tokens for child in token.children or ()]
    assert {child.content for child in inner if child.type == "html_inline"} <= {"<br>"}
    assert not [token for token in (*tokens, *inner) if token.type in ("html_block", "link_open", "image", "fence")]
    plain = "".join(child.content for child in inner if child.type == "text")
    assert "@" not in plain
    assert "\x1b" not in report_gate.markdown(verdict)


def test_markdown_stays_short_and_says_what_it_leaves_out():
    many = tuple(Finding(f"apps/a/{number}", 1, 1, "change-mixed", EVIL * 20) for number in range(1000))
    text = report_gate.markdown(Verdict(Kind.MIXED, COMMIT, COMMIT, findings=many))
    assert len(text) <= report_gate.MARKDOWN_LIMIT
    assert "more findings, which the job's log shows" in text


def test_annotations_stop_at_what_github_shows():
    many = tuple(Finding(f"apps/a/{number}", 1, 1, "change-mixed", "x\n::error::y") for number in range(30))
    lines = list(report_gate.github(Verdict(Kind.MIXED, COMMIT, COMMIT, findings=many)))
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert "20 more errors in the summary." in lines
    assert not any("\n" in line for line in lines)

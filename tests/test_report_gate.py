"""Verdicts as people, programs and GitHub read them."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import onboarding_tool
from onboarding_tool import report_gate
from onboarding_tool.errors import WorldError
from onboarding_tool.findings import Finding, Severity, Skipped, Who
from onboarding_tool.gate.author import Author
from onboarding_tool.gate.case import Kind
from onboarding_tool.gate.verdict import Approval, Verdict
from onboarding_tool.model import Member

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
    approvals=(Approval("payments-team", 1, "prod", (Member("bob", 1002), Member("carol"))),),
    notes=("x supersedes y",),
)
BAD = Verdict(Kind.MIXED, COMMIT, COMMIT, findings=(FINDING,), skipped=(Skipped("render-failed", "no renderer"),))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.just(EVIL)
MEMBERS = st.lists(st.builds(Member, TEXTS, st.none() | st.integers(1, 2**63)), max_size=3).map(tuple)
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
    approvals=st.tuples(st.builds(Approval, TEXTS, st.integers(0, 9), TEXTS, MEMBERS)),
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


def test_what_is_not_judged_for_one_reason_is_told_once():
    skipped = tuple(Skipped(f"rule-{number}", "platform.yaml cannot be read") for number in range(5))
    verdict = Verdict(Kind.PLATFORM, COMMIT, COMMIT, skipped=(*skipped, Skipped("render-failed", "no renderer")))
    assert list(report_gate.text(verdict))[1:] == [
        "not judged: rule-0, rule-1, rule-2 and 2 more rules: platform.yaml cannot be read",
        "not judged: render-failed: no renderer",
    ]
    assert report_gate.markdown(verdict).count("platform.yaml cannot be read") == 1


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


def assert_in_code(text: str) -> None:
    """What is not ours stands in code: no HTML but our line breaks, no links, no mentions."""
    tokens = MarkdownIt("commonmark").parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    assert {child.content for child in inner if child.type == "html_inline"} <= {"<br>"}
    assert not [token for token in (*tokens, *inner) if token.type in ("html_block", "link_open", "image", "fence")]
    plain = "".join(child.content for child in inner if child.type == "text")
    assert not {"@", "`"} & set(plain)
    assert "\x1b" not in text


@given(VERDICTS)
def test_no_text_breaks_out_of_markdown(verdict):
    assert_in_code(report_gate.markdown(verdict))
    assert_in_code(report_gate.markdown(verdict, [Author(EVIL, 1)]))


@given(VERDICTS)
def test_what_is_read_is_what_was_written(verdict):
    assert report_gate.read(report_gate.json(verdict).encode()) == verdict


def changed(**fields) -> bytes:
    return json.dumps(json.loads(report_gate.json(GOOD)) | fields).encode()


def in_approval(**fields) -> bytes:
    [approval] = json.loads(report_gate.json(GOOD))["approvals"]
    return changed(approvals=[approval | fields])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"accepted", "Expecting value"),
        (b"\xff\xfe", "can't decode byte 0xff"),
        (b"\xef\xbb\xbf{}", "BOM"),
        (b"[]", "the document is a list"),
        (b"{}", "`apis` is missing"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (report_gate.LIMIT + 1), "larger than 8 MiB"),
        (changed(version=2), "of version 2, and this onboard knows version 1"),
        (changed(version=True), "`version` is true"),
        (changed(version="1"), '`version` is "1"'),
        (changed(head="main"), '`head` cannot be "main"'),
        (changed(head=f"{COMMIT}\n"), "`head` cannot be"),
        (changed(more=1), "there is no field `more`"),
        (changed(apis=["orders"]), "contradicts itself"),
        (changed(passes=False), "contradicts itself"),
        (changed(headline="release request of payments: accepted, merge it"), "contradicts itself"),
        (changed(level=""), "contradicts itself"),
        (changed(skipped=[{"rule": "render-failed", "reason": "x"}]), "contradicts itself"),
        (in_approval(count=-1), "`approvals[0].count` is "),
        (in_approval(count=10**30), "`approvals[0].count` is "),
        (in_approval(members=[{"login": "bob"}]), "`id` is missing in `approvals[0].members[0]`"),
        (in_approval(members=[{"login": "bob", "id": 0}]), "`approvals[0].members[0].id` "),
        (in_approval(members=[{"login": "bob", "id": 1.0}]), "1.0 is no number of the format"),
        (changed(findings=[1] * 10_000), "does not fit the format"),  # to tell why would take long
        (changed(version=float("nan")), "NaN is no number of the format"),
        (changed(version=float("inf")), "Infinity is no number of the format"),
        (b'{"version": 1, "version": 1}', "a key is there twice"),
        (changed().replace(b"1002", b"1" * 5000), "integer string conversion"),
    ],
)
def test_what_the_gate_did_not_write_is_refused(data, said):
    with pytest.raises(WorldError) as caught:
        report_gate.read(data)
    assert said in caught.value.message
    assert len(caught.value.message) < 300


def test_half_a_character_does_not_keep_a_verdict_from_being_told():
    """Git takes paths that are no UTF-8, and who writes one must not silence the comment."""
    finding = Finding("apps/a/\udcff.yaml", 1, 1, "path-not-ascii", "m")
    verdict = report_gate.read(report_gate.json(Verdict(Kind.MIXED, COMMIT, COMMIT, findings=(finding,))).encode())
    assert verdict.findings[0].path == "apps/a/?.yaml"


def test_what_speaks_against_it_comes_first():
    told = Verdict(Kind.MIXED, COMMIT, COMMIT, effects=("effect",), notes=("note",), findings=BAD.findings)
    text = report_gate.markdown(told)
    assert text.startswith("### ❌ `mixed change: refused`\n")
    assert text.index("it is mixed") < text.index("effect") < text.index("note")


@pytest.mark.parametrize("character", ["a", "`", "€", "\U0001f600", "\u202e"])
def test_markdown_stays_short_and_says_what_it_leaves_out(character):
    long = character * 20_000
    many = tuple(Finding(f"apps/a/{number}", 1, 1, "change-mixed", long) for number in range(50))
    verdict = Verdict(
        Kind.MIXED,
        COMMIT,
        COMMIT,
        apis=(long,),
        author=long,
        effects=(long,) * 50,
        approvals=(Approval(long, 1, long, (Member(long),)),) * 50,
        notes=(long,) * 50,
        findings=many,
        skipped=(Skipped(long, long),) * 50,
    )
    text = report_gate.markdown(verdict, [Author(long)])
    assert len(text.encode()) <= report_gate.MARKDOWN_LIMIT
    for what in ("findings", "effects", "approvals", "notes"):
        assert re.search(rf"\nAnd [\d,]+ more {what}, which the job's log shows", text)
    assert_in_code(text)


def test_warnings_that_are_left_out_are_counted():
    many = tuple(Finding("a", 1, n + 1, "change-mixed", EVIL * 20, severity=Severity.WARNING) for n in range(1000))
    assert "more warnings, which the job's log shows" in report_gate.markdown(
        Verdict(Kind.MIXED, COMMIT, COMMIT, findings=many)
    )


BOB, EVE = Author("bob", 1002), Author("eve", 666)


@pytest.mark.parametrize(
    ("approval", "said"),
    [
        (Approval("payments-team", 1, "", (Member("bob", 1002),)), "1 of 1 of payments-team: bob"),
        (Approval("payments-team", 1, "prod", (Member("Bob"),)), "1 of 1 of payments-team, for prod: bob"),
        (Approval("payments-team", 2, "", (Member("bob"),)), "1 of 2 of payments-team, not alice, so far bob"),
        (Approval("payments-team", 1, "prod", (Member("carol"),)), "0 of 1 of payments-team, not alice, for prod"),
        (Approval("payments-team", 0, "", (Member("carol"),)), "0 of 0 of payments-team"),
        (Approval("acme", 1), "1 of acme, not alice; not counted, as teams.yaml names no members"),
    ],
)
def test_a_comment_says_how_many_approve_and_who(approval, said):
    verdict = Verdict(Kind.REQUEST, COMMIT, COMMIT, author="alice", approvals=(approval,))
    assert f"- approval: `{said}`\n" in report_gate.markdown(verdict, [BOB, EVE])


def test_annotations_stop_at_what_github_shows():
    many = tuple(Finding(f"apps/a/{number}", 1, 1, "change-mixed", "x\n::error::y") for number in range(30))
    lines = list(report_gate.github(Verdict(Kind.MIXED, COMMIT, COMMIT, findings=many)))
    assert sum(line.startswith("::error ") for line in lines) == 10
    assert "20 more errors in the summary." in lines
    assert not any("\n" in line for line in lines)

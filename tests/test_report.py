"""What people, programs and GitHub read; and that no data can write anything else into it."""

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool import report
from onboarding_tool.checks.judging import Verdict
from onboarding_tool.findings import Finding, Severity, Skipped, Who
from onboarding_tool.report import visible

ERROR = Finding("apps/a/metadata.yaml", 6, 7, "team-unknown", "there is no team 'x'", "Add it.", who=Who.APP_TEAM)
WARNING = Finding("platform.yaml", 1, 2, "yaml-tag", "a tag", severity=Severity.WARNING)
SKIPPED = Skipped("release-reverted", "there is no git history here")
BOTH = Verdict((ERROR, WARNING), (SKIPPED,))
NOTHING = Verdict((), ())

NASTY = "a\u202eb\u200b\x1b[31m\r\n::error::x%0A\t\u2028\udcff\x00"


def text(verdict: Verdict, *, color: bool = False) -> list[str]:
    return list(report.verdict_text(verdict, color=color))


# Text


def test_text():
    assert text(BOTH) == [
        "apps/a/metadata.yaml:6:7: error team-unknown: there is no team 'x'",
        "    Add it. (app team)",
        "platform.yaml:1:2: warning yaml-tag: a tag",
        "skipped release-reverted: there is no git history here",
        "1 error, 1 warning, 1 rule skipped. `onboard explain RULE` says more.",
    ]


@pytest.mark.parametrize(
    ("findings", "skipped", "summary"),
    [
        ((), (), "No findings."),
        ((), (SKIPPED,), "No findings; 1 rule skipped."),
        ((), (SKIPPED, SKIPPED), "No findings; 2 rules skipped."),
        ((ERROR,), (), "1 error, 0 warnings. `onboard explain team-unknown` says more."),
        ((ERROR, ERROR), (), "2 errors, 0 warnings. `onboard explain team-unknown` says more."),
        ((WARNING,), (SKIPPED,), "0 errors, 1 warning, 1 rule skipped. `onboard explain yaml-tag` says more."),
        ((ERROR,) * 1234, (), "1,234 errors, 0 warnings. `onboard explain team-unknown` says more."),
    ],
)
def test_summary(findings, skipped, summary):
    assert report.summary(Verdict(findings, skipped)) == summary


def test_color_is_only_color():
    colored = text(BOTH, color=True)
    assert colored[0].startswith("\033[1mapps/a/metadata.yaml:6:7:\033[0m \033[31merror\033[0m team-unknown")
    assert "\033[33mwarning\033[0m" in colored[2]
    assert [re.sub(r"\033\[\d+m", "", line) for line in colored] == text(BOTH)


def test_no_data_can_begin_a_line_or_move_the_cursor():
    lines = text(Verdict((Finding(NASTY, 1, 1, "r", NASTY, NASTY),), ()))
    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert "a\\u202eb\\u200b\\u001b[31m\\u000d ::error::x%0A\\u0009\\u2028\\udcff\\u0000" in lines[0]


# What is visible


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("Zoë 日本 🙂", "Zoë 日本 🙂"),
        ("a\nb", "a b"),
        ("a\tb", "a\\u0009b"),
        ("\x1b[2J", "\\u001b[2J"),
        ("\x7f\x9b", "\\u007f\\u009b"),
        ("pay\u202etxt.exe", "pay\\u202etxt.exe"),
        ("\u2066a\u2069\u061c", "\\u2066a\\u2069\\u061c"),
        ("a\u200bb\u200d\ufeff\u00ad", "a\\u200bb\\u200d\\ufeff\\u00ad"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("é\n", "é "),
        ("", ""),
    ],
)
def test_visible(raw, shown):
    assert visible(raw) == shown


@given(st.text() | st.text(alphabet="a\u202e\n\r\x1b\u2028\udc80 é"))
def test_what_is_visible_stays_on_its_line_and_can_be_encoded(raw):
    shown = visible(raw)
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in shown)
    assert len(shown.splitlines()) <= 1
    assert shown.encode().decode() == shown
    assert visible(shown) == shown


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_left_alone(raw):
    assert visible(raw) == raw


# JSON


def test_json_has_the_fields_that_scripts_depend_on():
    value = json.loads(report.verdict_json(BOTH))
    assert value == {
        "findings": [
            {
                "rule": "team-unknown",
                "severity": "error",
                "path": "apps/a/metadata.yaml",
                "line": 6,
                "column": 7,
                "message": "there is no team 'x'",
                "hint": "Add it.",
                "who": "app team",
            },
            {
                "rule": "yaml-tag",
                "severity": "warning",
                "path": "platform.yaml",
                "line": 1,
                "column": 2,
                "message": "a tag",
                "hint": "",
                "who": "platform team",
            },
        ],
        "skipped": [{"rule": "release-reverted", "reason": "there is no git history here"}],
    }
    assert [*value] == ["findings", "skipped"]
    assert [*value["findings"][0]] == ["rule", "severity", "path", "line", "column", "message", "hint", "who"]


def test_json_of_nothing():
    assert json.loads(report.verdict_json(NOTHING)) == {"findings": [], "skipped": []}


def test_json_keeps_every_character_and_shows_none():
    written = report.verdict_json(Verdict((Finding(NASTY, 1, 1, "r", NASTY, NASTY),), ()))
    assert written.isascii()
    assert written.replace("\n", "").isprintable()
    assert json.loads(written)["findings"][0]["message"] == NASTY


# GitHub


def test_github():
    assert list(report.verdict_github(BOTH)) == [
        "::error file=apps/a/metadata.yaml,line=6,col=7,title=team-unknown::there is no team 'x'%0AAdd it. (app team)",
        "::warning file=platform.yaml,line=1,col=2,title=yaml-tag::a tag",
        "::notice title=release-reverted::skipped: there is no git history here",
        "1 error, 1 warning, 1 rule skipped. `onboard explain RULE` says more.",
    ]


def test_github_of_nothing():
    assert list(report.verdict_github(NOTHING)) == ["No findings."]


@pytest.mark.parametrize(("count", "rest"), [(9, None), (10, None), (11, "1 more"), (25, "15 more")])
def test_githubs_cap_is_said(count, rest):
    findings = tuple(Finding("x", line, 1, "r", "m") for line in range(1, count + 1))
    lines = list(report.verdict_github(Verdict((*findings, WARNING), ())))
    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == min(count, 10)
    assert [line for line in lines if "not annotated" in line] == (
        [f"{rest} errors are not annotated; `onboard check` lists all."] if rest else []
    )
    assert "::warning" in "".join(lines)  # the cap is one of each severity
    assert lines[-1].startswith(f"{count} error")


def test_github_errors_come_before_warnings():
    lines = list(report.verdict_github(Verdict((WARNING, ERROR), ())))
    assert [line.partition(" ")[0] for line in lines[:2]] == ["::error", "::warning"]


COMMAND = re.compile(r"::error file=([^:,\n\r]*),line=1,col=1,title=r::([^\n\r]*)")


@given(st.text(), st.text(), st.text(min_size=1))
def test_no_data_can_be_a_workflow_command(path, message, hint):
    first, last = report.verdict_github(Verdict((Finding(path, 1, 1, "r", message, hint),), ()))
    found = COMMAND.fullmatch(first)
    assert found is not None
    assert unescaped(found[1].replace("%3A", ":").replace("%2C", ",")) == visible(path)
    assert unescaped(found[2]) == f"{visible(message)}\n{visible(hint)} (platform team)"
    assert not last.startswith("::")


def unescaped(text: str) -> str:
    """What GitHub's runner makes of it."""
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


# Tables


def test_columns_are_as_wide_as_their_widest_cell():
    assert list(report.table(("A", "LONG"), [("xx", "y"), ("", "zzzzzz"), ("x", "")])) == [
        "A   LONG",
        "xx  y",
        "    zzzzzz",
        "x",
    ]


def test_wide_characters_take_two_columns():
    assert list(report.table(("A", "B"), [("日本", "x"), ("abcd", "y"), ("Ｗ", "z")])) == [
        "A     B",
        "日本  x",
        "abcd  y",
        "Ｗ    z",
    ]


def test_a_table_without_rows_is_its_head():
    assert list(report.table(("A", "B"), [])) == ["A  B"]


def test_cells_stay_in_their_row():
    assert list(report.table(("A",), [("a\nb\x1b[2J",)])) == ["A", "a b\\u001b[2J"]


def test_a_row_that_is_too_short_is_a_mistake():
    with pytest.raises(ValueError):
        list(report.table(("A", "B"), [("x",)]))


# One API


def test_about_api():
    there = {
        "namespace": "pay",
        "images": [{"deployment": "pay", "container": "app", "image": "a.io/app:1"}],
        "phase": {"/a/pay": "dual"},
        "pending_requests": ["apps/pay/requests/prod/x\u202e.yaml"],
        "last_release": {"seq": 3, "decision": "applied", "decided_at": "2026-11-20T16:40:02Z", "path": "p.yaml"},
    }
    bare = {"namespace": "qa", "images": [], "phase": {}, "pending_requests": [], "last_release": None}
    about = {"api": "pay", "tenant": "a", "team": "t", "lifecycle": "active", "capability": "L0"}
    assert list(report.about_api({**about, "environments": {"prod": there, "qa": bare}})) == [
        "pay: tenant a, t, active, L0",
        "prod: namespace pay",
        "  image    pay/app  a.io/app:1",
        "  route    /a/pay  dual",
        "  pending  apps/pay/requests/prod/x\\u202e.yaml",
        "  last     #3 applied 2026-11-20T16:40:02Z  p.yaml",
        "qa: namespace qa",
    ]

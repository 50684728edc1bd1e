import pytest

from onboarding_tool.checks import path_not_ascii as rule
from onboarding_tool.findings import Who
from tests.support.repos import findings, good, places


@pytest.mark.parametrize(
    "path",
    [
        "apps/payments/overlays/prod/config/settings/application-2.prod_EU.yaml",
        "apps/payments/base/a+b@c=d.yaml",
        "docs/how to (quickly) release.md",
        "docs/100% 'quoted'.md",
        ".github/workflows/check.yml",
    ],
)
def test_plain_paths_pass(path):
    assert findings(rule, good() | {path: ""}) == []


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("apps/payments/base/für.yaml", "U+00FC"),
        ("apps/payments/base/a b.yaml", "a space"),
        ("apps/payments/base/a:b.yaml", "':'"),
        ("apps/payments/base/a*.yaml", "'*'"),
        ("apps/payments/base/$(id).yaml", "'$'"),
        ("apps/payments/base/a\\b.yaml", "U+005C"),
        ("apps/payments/base/a\nb.yaml", "U+000A"),
        ("apps/payments/base/a\u202eb.yaml", "RIGHT-TO-LEFT OVERRIDE"),
        ("components/mesh/a\u200bb", "ZERO WIDTH SPACE"),
        ("generated/prod/a'b", "APOSTROPHE"),
        ("docs/f\u0430q.md", "CYRILLIC SMALL LETTER A"),
        ("docs/a\tb", "U+0009"),
        ("docs/a\udcfcb", "byte 0xFC"),
    ],
)
def test_other_characters_are_found_and_named(path, word):
    found = findings(rule, good() | {path: ""})
    assert places(found) == [(path, 1, 1)]
    assert found[0].rule == "path-not-ascii"
    assert word in found[0].message
    assert found[0].message.isascii()
    assert found[0].message.isprintable()
    assert "git mv" in found[0].hint


def test_folder_is_found_once():
    found = findings(rule, good() | {"apps/pâté/base/a b": "", "apps/pâté/metadata.yaml": "", "apps/x y/a": ""})
    assert [finding.path for finding in found] == ["apps/pâté/base/a b", "apps/x y/a"]
    assert r"'apps/p\xe2t\xe9'" in found[0].message


def test_requests_are_their_teams():
    found = findings(rule, good() | {"apps/payments/requests/prod/a b.yaml": ""})
    assert [finding.who for finding in found] == [Who.APP_TEAM]

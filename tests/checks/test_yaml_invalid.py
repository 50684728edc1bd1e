import pytest

from onboarding_tool.checks import yaml_invalid as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, loaded, places

METADATA = "apps/payments/metadata.yaml"


def test_readable_files_pass():
    files = good() | {REQUEST_PATH: REQUEST, "apps/payments/README.md": "a: b: c"}
    assert loaded(files) == []
    assert findings(rule, files) == []


def test_several_documents_pass_in_a_manifest():
    files = edited("apps/payments/base/service.yaml", "apiVersion: v1", "---\napiVersion: v1")
    files["apps/payments/base/service.yaml"] += "---\n" + files["apps/payments/base/hpa.yaml"]
    assert loaded(files) == []


def test_text_with_a_colon_is_found_at_the_colon():
    found = loaded(good() | {REQUEST_PATH: REQUEST.replace('"CHG-1234: new settlement rules"', "CHG-1234: new rules")})
    assert places(found) == [(REQUEST_PATH, 11, 17)]
    assert found[0].rule == rule.RULE
    assert found[0].who is Who.APP_TEAM
    assert "not YAML" in found[0].message
    assert "syntax" in found[0].hint


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "word"),
    [
        ("tenant: customer-a", "tenant: [customer-a", 6, 5, "not YAML"),
        ("kind: Api", "kind: Api\n\tlevel: 1", 4, 1, "tab"),
        ("tenant: customer-a", "tenant: customer-a # \u202e", 5, 22, "U+202E"),
        ("kind: Api", "kind: Api\n---\nkind: Api", 5, 1, "second document"),
        ("tenant: customer-a", f"tenant: {'[' * 21}{']' * 21}", 5, 28, "20 levels"),
    ],
)
def test_what_cannot_be_read_is_found_where_it_stands(old, new, line, column, word):
    found = [finding for finding in loaded(edited(METADATA, old, new)) if finding.rule == rule.RULE]
    assert places(found) == [(METADATA, line, column)]
    assert word in found[0].message
    assert found[0].hint
    assert found[0].who is Who.PLATFORM


def test_bytes_that_are_not_utf8_are_found():
    files = {**good(), "apps/payments/overlays/prod/kustomization.yaml": b"kind: Kustomization\n# f\xfcr\n"}
    found = loaded(files)
    assert places(found) == [("apps/payments/overlays/prod/kustomization.yaml", 2, 4)]
    assert (found[0].rule, "0xfc" in found[0].message) == (rule.RULE, True)
    assert "UTF-8" in found[0].hint


def test_a_file_of_more_than_64_kib_is_found():
    found = loaded(edited(METADATA, "kind: Api", "kind: Api #" + "x" * 65_536))
    assert (METADATA, 1, 1) in places(found)
    assert any(finding.rule == rule.RULE and "65,536" in finding.message for finding in found)

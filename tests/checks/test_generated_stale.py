from onboarding_tool import generators
from onboarding_tool.checks import generated_stale as rule
from onboarding_tool.checks.rule import Need
from tests.support.repos import edited, findings, good, places, repo_of

PATH = "generated/prod/applications/customer-a/payments.yaml"
METADATA = "apps/payments/metadata.yaml"


def whole(files=None):
    """A repo with everything that is generated from it."""
    return dict(files or good()) | generators.generate(repo_of(files or good()))


def test_what_generate_writes_passes():
    assert findings(rule, whole()) == []


def test_an_edit_by_hand_is_found_on_its_line():
    files = whole()
    files[PATH] = files[PATH].replace(b"selfHeal: true", b"selfHeal: false")
    found = findings(rule, files)
    line = files[PATH].split(b"\n").index(b"      selfHeal: false") + 1
    assert places(found) == [(PATH, line, 1)]
    assert found[0].rule == "generated-stale"
    assert "edited by hand" in found[0].message
    assert "`onboard generate`" in found[0].hint


def test_a_cut_file_is_found_where_it_ends():
    files = whole()
    files[PATH] = b"".join(files[PATH].splitlines(keepends=True)[:4])
    assert places(findings(rule, files)) == [(PATH, 5, 1)]


def test_a_change_of_the_metadata_makes_files_stale():
    files = whole() | edited(METADATA, "prod: dual", "prod: legacy")
    assert [finding.path for finding in findings(rule, files)] == ["generated/prod/apps/payments/routes.yaml"]


def test_a_change_of_the_teams_makes_codeowners_stale():
    files = whole() | edited("teams.yaml", "github: acme/payments", "github: acme/money")
    assert places(findings(rule, files)) == [(".github/CODEOWNERS", 4, 1)]


def test_a_missing_file_is_found():
    files = whole()
    del files[PATH]
    found = findings(rule, files)
    assert places(found) == [(PATH, 1, 1)]
    assert "not here" in found[0].message


def test_a_foreign_file_is_found():
    path = PATH.replace("payments", "debug")
    found = findings(rule, whole() | {path: b"kind: Application\n"})
    assert places(found) == [(path, 1, 1)]
    assert "deletes it" in found[0].hint


def test_without_generated_there_is_one_finding_and_not_a_hundred():
    files = {path: data for path, data in whole().items() if not path.startswith("generated/")}
    found = findings(rule, files)
    assert [finding.path for finding in found] == ["generated"]
    assert found[0].hint == "Run `onboard generate`."


def test_neither_images_nor_overlays_make_anything_stale():
    overlay = "apps/payments/overlays/prod/kustomization.yaml"
    files = whole() | edited(overlay, "newTag: v1.9.3", "newTag: v2.0.0")
    assert findings(rule, files) == []


def test_it_is_not_judged_by_declarations_that_have_errors():
    assert Need.SOUND_METADATA in rule.NEEDS
    assert not repo_of(edited(METADATA, "lifecycle: active", "lifecycle: actve")).sound

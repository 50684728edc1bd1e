import pytest

from onboarding_tool.checks import images_entry_unsafe as rule
from onboarding_tool.findings import Severity
from tests.support.repos import edited, findings, good, places

PROD = "apps/payments/overlays/prod/kustomization.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"
APP = "europe-docker.pkg.dev/acme/payments/app"
ENTRY = f"  - name: {APP}\n    newTag: v1.9.3 # the last good one\n"


def with_entries(*entries: str) -> dict[str, str]:
    files = good()
    files[PROD] = files[PROD].replace(ENTRY, "".join(f"  - {entry}\n" for entry in entries))
    return files


@pytest.mark.parametrize(
    "more",
    ["newTag: '1.10'", f"digest: sha256:{'0' * 64}", "newTag: v1", "newName: europe-docker.pkg.dev/acme/other"],
)
def test_an_entry_for_an_image_of_the_manifests_passes(more):
    assert findings(rule, with_entries(f"{{name: {APP}, {more}}}")) == []


@pytest.mark.parametrize("text", ["", "images: []\n", "images:\n"])
def test_no_entries_pass(text):
    files = good()
    files[PROD] = files[PROD].replace("images:\n" + ENTRY, text)
    assert findings(rule, files) == []


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (f"{{name: {APP}, newTag: v1, tagSuffix: -alpine}}", "tagSuffix"),
        (f"{{name: {APP}, newtag: v1}}", "'newtag'"),
        ("{name: 'europe-docker.pkg.dev/.*', newTag: v1}", "'europe-docker.pkg.dev/.*'"),
        ("{name: 'c++', newTag: v1}", "'c++'"),
        (f"{{name: {APP}, newTag: 1.10}}", "newTag is no text"),
        (f"{{name: {APP}, newTag: 010}}", "newTag is no text"),
        (f"{{name: {APP}, newTag: 'bad tag'}}", "'bad tag'"),
        (f"{{name: {APP}, digest: 'sha256:12'}}", "'sha256:12'"),
        (f"{{name: {APP}, newName: 'reg/app:9'}}", "'reg/app:9'"),
        ("{newTag: v1}", "without a name"),
        (f"{{name: '{APP}:v1', newTag: v2}}", "has a tag"),
    ],
)
def test_an_entry_that_does_something_else_is_found(entry, words):
    found = findings(rule, with_entries(entry))
    assert places(found) == [(PROD, 7, 5)]
    assert (found[0].rule, found[0].severity) == ("images-entry-unsafe", Severity.ERROR)
    assert words in found[0].message
    assert found[0].hint


def test_the_second_of_two_entries_for_one_image_is_found():
    found = findings(rule, with_entries(f"{{name: {APP}, newTag: v1}}", f"{{name: {APP}, newTag: v2}}"))
    assert places(found) == [(PROD, 8, 5)]
    assert APP in found[0].message


def test_an_entry_whose_result_another_rewrites_is_found():
    files = with_entries(f"{{name: app, newName: {APP}}}", f"{{name: {APP}, newTag: v2}}")
    files = edited(DEPLOYMENT, f"image: {APP}", f"image: app\n        - name: two\n          image: {APP}", files)
    found = findings(rule, files)
    assert places(found) == [(PROD, 7, 5)]
    assert APP in found[0].message


def test_a_dot_that_matches_another_image_is_found():
    second = f"image: {APP}\n        - name: two\n          image: europe-docker-pkg-dev/acme/payments/app"
    found = findings(rule, edited(DEPLOYMENT, f"image: {APP}", second))
    assert [finding.path for finding in found] == [PROD, PROD.replace("prod", "staging")]
    assert "europe-docker-pkg-dev/acme/payments/app" in found[0].message


def test_an_entry_that_matches_no_container_is_a_warning():
    found = findings(rule, with_entries(f"{{name: {APP}, newTag: v1}}", f"{{name: {APP}s, newTag: v1}}"))
    assert places(found) == [(PROD, 8, 5)]
    assert found[0].severity is Severity.WARNING
    assert f"'{APP}s'" in found[0].message
    assert f"Did you mean {APP!r}?" in found[0].hint

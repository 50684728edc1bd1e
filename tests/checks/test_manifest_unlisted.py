import pytest

from onboarding_tool.checks import manifest_unlisted as rule
from onboarding_tool.findings import Severity
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"


def test_listed_manifests_pass():
    assert findings(rule, good()) == []


def test_a_manifest_that_is_not_listed_is_a_warning():
    found = findings(rule, edited(BASE, "  - hpa.yaml\n", ""))
    assert places(found) == [("apps/payments/base/hpa.yaml", 1, 1)]
    assert (found[0].rule, found[0].severity) == ("manifest-unlisted", Severity.WARNING)
    assert "'hpa.yaml'" in found[0].message
    assert "`- hpa.yaml`" in found[0].hint


@pytest.mark.parametrize("name", ["more/pdb.yml", "role.json"])
def test_folders_and_other_endings_count(name):
    assert len(findings(rule, good() | {f"apps/payments/overlays/prod/{name}": "{}"})) == 1


def test_patches_and_files_of_generators_are_listed():
    files = good()
    files[BASE] += "patches: [{path: p.yaml}]\nconfigMapGenerator: [{name: a, files: [k=config/a.yaml]}]\n"
    files |= {"apps/payments/base/p.yaml": "{}", "apps/payments/base/config/a.yaml": "{}"}
    assert findings(rule, files) == []


def test_what_is_no_manifest_passes():
    assert findings(rule, good() | {"apps/payments/base/README.md": "words"}) == []


def test_a_kustomization_that_cannot_be_read_accuses_no_file():
    assert findings(rule, good() | {BASE: "resources: ["}) == []

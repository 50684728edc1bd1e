from onboarding_tool.checks import component_missing as rule
from tests.support.repos import PLATFORM, findings, good, places

LISTED = good() | {"platform.yaml": PLATFORM + "components: [mesh, pre-stop]\n"}
MESH = "components/mesh/kustomization.yaml"
PRE_STOP = "components/pre-stop/kustomization.yaml"


def test_no_components_pass():
    assert findings(rule, good()) == []


def test_components_that_are_there_pass():
    assert findings(rule, LISTED | {MESH: "", PRE_STOP: "", "components/more/kustomization.yaml": ""}) == []


def test_missing_component_is_found_in_the_list():
    found = findings(rule, LISTED | {MESH: ""})
    assert places(found) == [("platform.yaml", 21, 20)]
    assert found[0].rule == "component-missing"
    assert "'pre-stop'" in found[0].message
    assert PRE_STOP in found[0].message
    assert "kind: Component" in found[0].hint


def test_other_file_name_does_not_count():
    assert places(findings(rule, LISTED | {MESH: "", "components/pre-stop/kustomization.yml": ""})) == [
        ("platform.yaml", 21, 20)
    ]


def test_nearest_component_is_suggested():
    found = findings(rule, LISTED | {MESH: "", "components/pre-stp/kustomization.yaml": ""})
    assert "'pre-stp'" in found[0].hint

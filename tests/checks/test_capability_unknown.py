from onboarding_tool.checks import capability_unknown as rule
from tests.support.repos import edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
HIGH = edited(METADATA, "capability: L0", "capability: L3")


def test_default_levels_pass():
    for level in ("L0", "L1", "L2"):
        assert findings(rule, edited(METADATA, "capability: L0", f"capability: {level}")) == []


def test_level_that_the_platform_adds_passes():
    files = HIGH | {"platform.yaml": good()["platform.yaml"] + "capabilities: {L0: [], L3: [config]}\n"}
    assert findings(rule, files) == []


def test_unknown_level_is_found_where_it_is_named():
    found = findings(rule, HIGH)
    assert places(found) == [(METADATA, 8, 13)]
    assert found[0].rule == "capability-unknown"
    assert "'L3'" in found[0].message
    assert "L0, L1 and L2" in found[0].hint


def test_level_that_is_only_implied_is_found_as_well():
    files = edited(METADATA, "capability: L0\n", "")
    files["platform.yaml"] += "capabilities: {L1: [config]}\n"
    found = findings(rule, files)
    assert [(finding.path, "'L0'" in finding.message) for finding in found] == [(METADATA, True)]


def test_removed_api_is_a_record():
    assert findings(rule, edited(METADATA, "lifecycle: active", "lifecycle: removed", HIGH)) == []

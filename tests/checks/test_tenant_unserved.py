from onboarding_tool.checks import tenant_unserved as rule
from tests.support.repos import edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
OF_B = edited(METADATA, "tenant: customer-a", "tenant: customer-b")


def test_served_tenant_passes():
    assert findings(rule, good()) == []
    assert findings(rule, edited("teams.yaml", "[customer-a]", "[customer-a, customer-b]", OF_B)) == []


def test_tenant_of_nobody_is_found_where_it_is_named():
    found = findings(rule, OF_B)
    assert places(found) == [(METADATA, 5, 9)]
    assert found[0].rule == "tenant-unserved"
    assert "'customer-b'" in found[0].message
    assert "payments-team" in found[0].message
    assert "'customer-a'" in found[0].hint
    assert "onboard team add payments-team --tenant customer-b" in found[0].hint


def test_tenant_of_another_team_is_found_and_the_team_named():
    teams = edited("teams.yaml", "teams:\n", "teams:\n  orders-team: {tenants: [customer-b]}\n", OF_B)
    found = findings(rule, teams)
    assert places(found) == [(METADATA, 5, 9)]
    assert "orders-team" in found[0].hint


def test_unknown_team_is_left_to_its_own_rule():
    assert findings(rule, edited(METADATA, "team: payments-team", "team: nobody", OF_B)) == []


def test_removed_api_is_a_record():
    assert findings(rule, edited(METADATA, "lifecycle: active", "lifecycle: removed", OF_B)) == []

from onboarding_tool.checks import team_unknown as rule
from tests.support.repos import edited, findings, good, places


def test_known_team_passes():
    assert findings(rule, good()) == []


def test_unknown_team_is_found_where_it_is_named():
    found = findings(rule, edited("apps/payments/metadata.yaml", "team: payments-team", "team: paymets-team"))
    assert places(found) == [("apps/payments/metadata.yaml", 6, 7)]
    assert found[0].rule == "team-unknown"
    assert "'paymets-team'" in found[0].message
    assert "payments-team" in found[0].hint

from onboarding_tool.checks import route_service_missing as rule
from tests.support.repos import edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
SERVICE = "apps/payments/base/service.yaml"


def test_a_service_and_port_that_are_there_pass():
    assert findings(rule, good()) == []


def test_a_missing_service_is_found():
    found = findings(rule, edited(METADATA, "service: payments", "service: payment"))
    assert places(found) == [(METADATA, 19, 14)]
    assert found[0].rule == "route-service-missing"
    assert "in staging and prod" in found[0].message
    assert "'payment'" in found[0].message
    assert "Did you mean 'payments'?" in found[0].hint


def test_a_missing_port_is_found():
    found = findings(rule, edited(METADATA, "port: 8080", "port: 80"))
    assert places(found) == [(METADATA, 20, 11)]
    assert "no port 80" in found[0].message
    assert "8080" in found[0].hint


def test_the_port_of_the_container_does_not_count():
    assert len(findings(rule, edited(SERVICE, "port: 8080\n      targetPort", "port: 80\n      targetPort"))) == 1


def test_no_routes_pass():
    text = good()[METADATA]
    assert findings(rule, good() | {METADATA: text[: text.index("routes:")] + "routes: []\n"}) == []

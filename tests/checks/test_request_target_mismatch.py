import pytest

from onboarding_tool.checks import request_target_mismatch as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, places

FILES = good() | {REQUEST_PATH: REQUEST}


def test_a_request_that_agrees_passes():
    assert findings(rule, FILES) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "hint"),
    [
        ("api_name: payments", "api_name: orders", 4, "'orders'", "Write `api_name: payments`"),
        ("environment: prod", "environment: staging", 5, "'staging'", "Write `environment: prod`"),
        ("namespace: payments", "namespace: default", 6, "'default'", "Write `namespace: payments`."),
        ("deployment: payments", "deployment: paymets", 7, "'paymets'", "Did you mean 'payments'?"),
        ("container: app", "container: web", 8, "'web' in payments", "declares app there"),
        ("acme/payments/app:v2", "acme/orders/app:v2", 9, "'europe-docker.pkg.dev/acme/orders/app'", "metadata.yaml"),
    ],
)
def test_each_field_that_disagrees_is_found_where_it_stands(old, new, line, message, hint):
    found = findings(rule, edited(REQUEST_PATH, old, new, FILES))
    column = len(new.partition(": ")[0]) + 3 if ": " in new else 15
    assert places(found) == [(REQUEST_PATH, line, column)]
    assert (found[0].rule, found[0].who) == ("request-target-mismatch", Who.APP_TEAM)
    assert message in found[0].message
    assert hint in found[0].hint


def test_several_are_found_at_once():
    assert len(findings(rule, FILES | {REQUEST_PATH: REQUEST.replace("payments", "orders")})) == 3


def test_an_environment_where_the_api_does_not_live_is_found():
    files = edited("apps/payments/metadata.yaml", "  prod: {namespace: payments, manage: none}\n", "")
    found = findings(rule, files | {REQUEST_PATH: REQUEST})
    assert [finding.message for finding in found] == ["payments does not live in 'prod'"]
    assert "It lives in staging." in found[0].hint


def test_an_environment_that_does_not_exist_is_another_rules_finding():
    assert findings(rule, good() | {REQUEST_PATH.replace("prod", "prdo"): REQUEST}) == []


def test_docker_hubs_short_names_agree():
    files = edited("apps/payments/metadata.yaml", "europe-docker.pkg.dev/acme/payments/app", "redis", FILES)
    text = REQUEST.replace("europe-docker.pkg.dev/acme/payments/app", "docker.io/library/redis")
    assert findings(rule, files | {REQUEST_PATH: text}) == []


def test_what_is_missing_or_no_text_is_left_to_the_schema():
    assert findings(rule, FILES | {REQUEST_PATH: "namespace: [payments]\ncontainer: web\n"}) == []
    assert findings(rule, FILES | {REQUEST_PATH: "- no mapping"}) == []

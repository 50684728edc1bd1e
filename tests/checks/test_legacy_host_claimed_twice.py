from dataclasses import replace

import pytest

from onboarding_tool.checks import legacy_host_claimed_twice as rule
from tests.support.repos import edited, findings, good, places, repo_of, second_api

PAYMENTS = "apps/payments/metadata.yaml"
REFUNDS = "apps/refunds/metadata.yaml"


def refunds(*hosts):
    return good() | second_api("refunds", **{"[refunds.customer-a.com]": f"[{', '.join(hosts)}]"})


@pytest.mark.parametrize("host", ["refunds.customer-a.com", "x.payments.customer-a.com", "payments.customer-b.com"])
def test_other_hosts_pass(host):
    assert findings(rule, refunds(host)) == []


def test_host_of_another_api_is_found_at_the_second():
    found = findings(rule, refunds("refunds.customer-a.com", "payments.customer-a.com"))
    assert places(found) == [(REFUNDS, 21, 44)]
    assert found[0].rule == "legacy-host-claimed-twice"
    assert "'payments.customer-a.com'" in found[0].message
    assert "/customer-a/payments of payments" in found[0].message
    assert "delete it" in found[0].hint


def test_host_of_another_route_of_the_same_api_is_found():
    route = "  - {prefix: /x, service: x, port: 1, phase: {}, legacy_hosts: [payments.customer-a.com]}\n"
    files = good() | {PAYMENTS: good()[PAYMENTS] + route}
    found = findings(rule, files)
    assert places(found) == [(PAYMENTS, 23, 65)]
    assert "/customer-a/payments of payments" in found[0].message


def test_entry_of_an_environment_is_found():
    found = findings(rule, refunds("api.platform.example"))
    assert places(found) == [(REFUNDS, 21, 20)]
    assert "entry of the environment prod" in found[0].message


def test_hosts_are_compared_as_dns_does():
    repo = repo_of(refunds("refunds.customer-a.com"))
    api = repo.apis["refunds"]
    route = replace(api.routes[0], legacy_hosts=("Payments.Customer-A.com.",))
    found = list(rule.check(replace(repo, apis={**repo.apis, "refunds": replace(api, routes=(route,))})))
    assert ["'Payments.Customer-A.com.'" in finding.message for finding in found] == [True]


def test_removed_api_claims_nothing():
    files = refunds("payments.customer-a.com")
    assert findings(rule, edited(PAYMENTS, "lifecycle: active", "lifecycle: removed", files)) == []
    assert findings(rule, edited(REFUNDS, "lifecycle: active", "lifecycle: removed", files)) == []

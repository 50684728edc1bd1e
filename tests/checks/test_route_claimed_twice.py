from dataclasses import replace

import pytest

from onboarding_tool.checks import route_claimed_twice as rule
from tests.support.repos import edited, findings, good, places, repo_of, second_api

PAYMENTS = "apps/payments/metadata.yaml"
REFUNDS = "apps/refunds/metadata.yaml"
PHASE = "phase: {staging: path, prod: dual}\n"


def refunds(prefix, **words):
    return good() | second_api("refunds", **{"prefix: /customer-a/refunds": f"prefix: {prefix}", **words})


def with_own(prefix):
    route = f"{{prefix: {prefix}, service: payments, port: 8080, phase: {{staging: path, prod: path}}}}"
    return edited(PAYMENTS, PHASE, f"{PHASE}  - {route}\n")


@pytest.mark.parametrize(
    "prefix", ["/customer-a/payment", "/customer-a/payments2", "/customer-b/payments", "/payments"]
)
def test_prefixes_that_only_resemble_each_other_pass(prefix):
    assert findings(rule, refunds(prefix)) == []


@pytest.mark.parametrize("prefix", ["/customer-a/payments/v2", "/customer-a", "/other"])
def test_api_may_nest_its_own_prefixes(prefix):
    assert findings(rule, with_own(prefix)) == []


def test_equal_prefix_is_found_once_and_names_every_host():
    found = findings(rule, refunds("/customer-a/payments"))
    assert places(found) == [(REFUNDS, 18, 13)]
    assert found[0].rule == "route-claimed-twice"
    assert "'/customer-a/payments'" in found[0].message
    assert "claimed by payments" in found[0].message
    assert "api.platform.example and api.staging.platform.example" in found[0].message
    assert "/customer-a/refunds" in found[0].hint


def test_prefix_below_that_of_another_api_is_found():
    found = findings(rule, refunds("/customer-a/payments/refunds"))
    assert places(found) == [(REFUNDS, 18, 13)]
    assert "'/customer-a/payments/refunds'" in found[0].message
    assert "below '/customer-a/payments', which payments claims" in found[0].message
    assert "choose another prefix" in found[0].hint


def test_prefix_above_that_of_another_api_is_found_at_the_lower_one():
    found = findings(rule, refunds("/customer-a"))
    assert places(found) == [(PAYMENTS, 18, 13)]
    assert "which refunds claims" in found[0].message


def test_prefix_between_nested_ones_of_another_api_is_found():
    files = with_own("/customer-a") | second_api("refunds")
    assert places(findings(rule, files)) == [(REFUNDS, 18, 13)]


def test_equal_prefixes_of_one_api_are_found():
    found = findings(rule, with_own("/customer-a/payments"))
    assert places(found) == [(PAYMENTS, 23, 14)]
    assert "two of its routes" in found[0].message


def test_prefixes_differ_by_more_than_case():
    repo = repo_of(refunds("/customer-a/payments"))
    api = repo.apis["refunds"]
    route = replace(api.routes[0], prefix="/Customer-A/Payments/")
    apis = {**repo.apis, "refunds": replace(api, routes=(route,))}
    assert len(list(rule.check(replace(repo, apis=apis)))) == 1


ONLY_PROD = {"  staging: {namespace: refunds-staging, manage: full}\n": "", "staging: path, ": ""}


def in_staging_only(files):
    files = edited(PAYMENTS, "  prod: {namespace: payments, manage: none}\n", "", files)
    return edited(PAYMENTS, "staging: path, prod: dual", "staging: path", files)


def test_environments_with_two_hosts_do_not_meet():
    assert findings(rule, in_staging_only(refunds("/customer-a/payments", **ONLY_PROD))) == []


def test_environments_with_one_host_meet():
    files = in_staging_only(refunds("/customer-a/payments", **ONLY_PROD))
    found = findings(rule, edited("platform.yaml", "host: api.staging.platform", "host: api.platform", files))
    assert places(found) == [(REFUNDS, 17, 13)]


def test_one_route_in_two_environments_with_one_host_is_one_claim():
    assert findings(rule, edited("platform.yaml", "host: api.staging.platform", "host: api.platform")) == []


def test_removed_api_claims_nothing():
    files = refunds("/customer-a/payments")
    assert findings(rule, edited(PAYMENTS, "lifecycle: active", "lifecycle: removed", files)) == []
    assert findings(rule, edited(REFUNDS, "lifecycle: active", "lifecycle: removed", files)) == []

from dataclasses import replace

import pytest

from onboarding_tool.checks import route_prefix_reserved as rule
from tests.support.repos import edited, findings, places, repo_of

METADATA = "apps/payments/metadata.yaml"


def with_prefix(prefix):
    return edited(METADATA, "prefix: /customer-a/payments", f"prefix: {prefix}")


def found_for(prefix):
    """What is found for a prefix that the schema would not let through."""
    repo = repo_of(with_prefix("/customer-a/payments"))
    api = repo.apis["payments"]
    changed = replace(api, routes=(replace(api.routes[0], prefix=prefix),))
    return list(rule.check(replace(repo, apis={"payments": changed})))


@pytest.mark.parametrize("prefix", ["/healthz-api", "/customer-a/healthz", "/nginx-status", "/external-auth"])
def test_other_prefixes_pass(prefix):
    assert findings(rule, with_prefix(prefix)) == []


@pytest.mark.parametrize("prefix", ["/well-known", "/x/.well-known", "/_external", "/nginx_status2"])
def test_other_prefixes_pass_whatever_their_characters(prefix):
    assert found_for(prefix) == []


@pytest.mark.parametrize("prefix", ["/healthz", "/healthz/payments", "/is-dynamic-lb-initialized"])
def test_reserved_prefix_is_found_where_it_is_claimed(prefix):
    found = findings(rule, with_prefix(prefix))
    assert places(found) == [(METADATA, 18, 13)]
    assert found[0].rule == "route-prefix-reserved"
    assert f"{prefix!r}" in found[0].message
    assert "/customer-a/payments" in found[0].hint


@pytest.mark.parametrize(
    "prefix", ["/", "/.well-known", "/.well-known/acme-challenge", "/nginx_status", "/_external-auth-x", "/HealthZ"]
)
def test_reserved_prefix_is_found_even_if_a_schema_lets_it_through(prefix):
    assert [f"{prefix!r}" in finding.message for finding in found_for(prefix)] == [True]


def test_removed_api_claims_nothing():
    files = edited(METADATA, "lifecycle: active", "lifecycle: removed", with_prefix("/healthz"))
    assert findings(rule, files) == []

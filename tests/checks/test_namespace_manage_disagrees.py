from onboarding_tool.checks import namespace_manage_disagrees as rule
from tests.support.repos import edited, findings, good, places, second_api

REFUNDS = "apps/refunds/metadata.yaml"
SHARED = {"prod: {namespace: refunds, manage: none}": "prod: {namespace: payments, manage: full}"}


def test_agreement_passes():
    words = {"prod: {namespace: refunds, manage: none}": "prod: {namespace: payments, manage: none}"}
    assert findings(rule, good() | second_api("refunds", **words)) == []


def test_one_namespace_in_two_environments_passes():
    files = edited("apps/payments/metadata.yaml", "namespace: payments-staging", "namespace: payments")
    assert findings(rule, files) == []


def test_disagreement_is_found_at_the_second():
    found = findings(rule, good() | second_api("refunds", **SHARED))
    assert places(found) == [(REFUNDS, 16, 39)]
    assert found[0].rule == "namespace-manage-disagrees"
    assert "'payments' of prod" in found[0].message
    assert "`manage: full` here, but 'none' in apps/payments/metadata.yaml" in found[0].message
    assert "same in both" in found[0].hint


def test_implied_full_disagrees_as_well():
    words = {"prod: {namespace: refunds, manage: none}": "prod: {namespace: payments}"}
    found = findings(rule, good() | second_api("refunds", **words))
    assert places(found) == [(REFUNDS, 16, 9)]
    assert "`manage: full`" in found[0].message


def test_removed_api_counts():
    files = edited("apps/payments/metadata.yaml", "lifecycle: active", "lifecycle: removed")
    assert places(findings(rule, files | second_api("refunds", **SHARED))) == [(REFUNDS, 16, 39)]

from onboarding_tool.checks import namespace_shared as rule
from tests.support.repos import edited, findings, good, places, second_api

PAYMENTS = "apps/payments/metadata.yaml"
REFUNDS = "apps/refunds/metadata.yaml"
ONE_CLUSTER = edited("platform.yaml", "cluster: gke-staging", "cluster: gke-prod")
TOGETHER = {"namespace: refunds,": "namespace: payments,"}
OF_B = {**TOGETHER, "tenant: customer-a": "tenant: customer-b"}


def test_apis_of_one_tenant_may_share():
    assert findings(rule, good() | second_api("refunds", **TOGETHER)) == []


def test_two_tenants_in_two_namespaces_pass():
    assert findings(rule, good() | second_api("refunds", **{"tenant: customer-a": "tenant: customer-b"})) == []


def test_one_namespace_on_two_clusters_passes():
    assert findings(rule, edited(PAYMENTS, "namespace: payments-staging", "namespace: payments")) == []


def test_two_environments_of_a_cluster_in_two_namespaces_pass():
    assert findings(rule, ONE_CLUSTER) == []


def test_two_tenants_in_one_namespace_are_found_at_the_second():
    found = findings(rule, good() | second_api("refunds", **OF_B))
    assert places(found) == [(REFUNDS, 16, 21)]
    assert found[0].rule == "namespace-shared"
    assert "'payments'" in found[0].message
    assert "payments of the tenant 'customer-a'" in found[0].message
    assert "Only APIs of one tenant" in found[0].hint


def test_a_tenant_too_many_is_one_finding_however_many_apis_it_has():
    third = {path.replace("apps/refunds", "apps/zebra"): text for path, text in second_api("refunds", **OF_B).items()}
    found = findings(rule, good() | second_api("refunds", **OF_B) | third)
    assert places(found) == [(REFUNDS, 16, 21)]


def test_tenants_meet_across_environments_of_one_cluster():
    words = {"tenant: customer-a": "tenant: customer-b", "namespace: refunds-staging": "namespace: payments"}
    found = findings(rule, ONE_CLUSTER | second_api("refunds", **words))
    assert places(found) == [(REFUNDS, 15, 24)]
    assert "'customer-a'" in found[0].message


def test_two_environments_of_a_cluster_in_one_namespace_are_found():
    found = findings(rule, edited(PAYMENTS, "namespace: payments-staging", "namespace: payments", ONE_CLUSTER))
    assert places(found) == [(PAYMENTS, 16, 21)]
    assert "staging and prod" in found[0].message
    assert "gke-prod" in found[0].message
    assert "`payments-prod`" in found[0].hint


def test_removed_api_keeps_its_namespace():
    files = edited(PAYMENTS, "lifecycle: active", "lifecycle: removed")
    assert places(findings(rule, files | second_api("refunds", **OF_B))) == [(REFUNDS, 16, 21)]

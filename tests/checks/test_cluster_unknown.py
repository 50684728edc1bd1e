from onboarding_tool.checks import cluster_unknown as rule
from tests.support.repos import edited, findings, good, places


def test_known_clusters_pass():
    assert findings(rule, good()) == []


def test_two_environments_may_share_a_cluster():
    assert findings(rule, edited("platform.yaml", "cluster: gke-staging", "cluster: gke-prod")) == []


def test_unknown_cluster_is_found_where_it_is_named():
    found = findings(rule, edited("platform.yaml", "cluster: gke-prod", "cluster: gke-prd"))
    assert places(found) == [("platform.yaml", 17, 14)]
    assert found[0].rule == "cluster-unknown"
    assert "'gke-prd'" in found[0].message
    assert "prod" in found[0].message
    assert "'gke-prod'" in found[0].hint
    assert "`gke-prd: {context: ...}`" in found[0].hint

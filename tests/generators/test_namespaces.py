"""Namespaces that the platform manages, and their bounds."""

import pytest

from onboarding_tool import generators
from tests.support.manifests import documents, one
from tests.support.repos import edited, good, repo_of, second_api

FOLDER = "generated/staging/namespaces/customer-a"
PATH = f"{FOLDER}/payments-staging.yaml"
PROTECTED = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}


def generated(files):
    return generators.generate(repo_of(files))


def test_a_managed_namespace_whole():
    namespace, quota, limits, policy = documents(generated(good())[PATH])
    assert namespace["metadata"] == {
        "name": "payments-staging",
        "labels": {"app.kubernetes.io/managed-by": "onboarding-tool", "onboarding/tenant": "customer-a"},
        "annotations": PROTECTED,
    }
    for value, name in ((quota, "onboarding-quota"), (limits, "onboarding-limits"), (policy, "onboarding-ingress")):
        assert value["metadata"] == {"name": name, "namespace": "payments-staging", "annotations": PROTECTED}
    assert quota["spec"] == {"hard": {"pods": "40", "requests.cpu": "4", "requests.memory": "8Gi"}}
    assert limits["spec"] == {"limits": [{"type": "Container", "defaultRequest": {"cpu": "100m", "memory": "128Mi"}}]}
    assert policy["spec"] == {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {}}]}],
    }


def test_a_namespace_that_exists_already_is_left_alone():
    paths = [path for path in generated(good()) if path.startswith("generated/prod/namespaces/")]
    assert paths == ["generated/prod/namespaces/customer-a/.gitkeep"]


def test_the_network_policy_lets_the_named_namespaces_in():
    files = edited(
        "platform.yaml", "registries:", "ingress_from: [{namespace: ingress-nginx}, {namespace: edge}]\nregistries:"
    )
    spec = one(generated(files)[PATH], "NetworkPolicy")["spec"]
    selectors = [{"matchLabels": {"kubernetes.io/metadata.name": name}} for name in ("edge", "ingress-nginx")]
    assert spec["ingress"][0]["from"] == [{"podSelector": {}}, *({"namespaceSelector": item} for item in selectors)]
    assert spec["policyTypes"] == ["Ingress"]


@pytest.mark.parametrize(
    ("quota", "default"),
    [
        ('{pods: "9"}', None),
        ('{limits.cpu: "8"}', {"cpu": "500m"}),
        ("{limits.memory: 8Gi}", {"memory": "512Mi"}),
        ("{limits.memory: 8Gi, limits.cpu: 8000m}", {"cpu": "500m", "memory": "512Mi"}),
    ],
)
def test_default_limits_only_where_the_quota_asks_for_limits(quota, default):
    files = edited("platform.yaml", "registries:", f"quota: {quota}\nregistries:")
    assert one(generated(files)[PATH], "LimitRange")["spec"]["limits"][0].get("default") == default


def test_two_apis_of_a_tenant_share_one_file():
    files = generated(good() | second_api("orders", **{"orders-staging": "payments-staging"}))
    assert [path for path in files if path.startswith(FOLDER)] == [PATH]
    assert files[PATH] == generated(good())[PATH]


def test_one_api_that_wants_the_namespace_managed_is_enough():
    words = {"orders-staging": "payments-staging", "manage: full": "manage: none"}
    assert PATH in generated(good() | second_api("orders", **words))


def test_the_namespace_of_a_removed_api_stays():
    removed = edited("apps/payments/metadata.yaml", "lifecycle: active", "lifecycle: removed")
    assert generated(removed)[PATH] == generated(good())[PATH]


def test_the_order_of_the_quota_says_nothing():
    one_way = edited("platform.yaml", "registries:", 'quota: {pods: "40", requests.cpu: "4"}\nregistries:')
    other_way = edited("platform.yaml", "registries:", 'quota: {requests.cpu: "4", pods: "40"}\nregistries:')
    assert generated(one_way)[PATH] == generated(other_way)[PATH]

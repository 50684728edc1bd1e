from onboarding_tool.checks import service_selects_foreign_pods as rule
from tests.support.repos import edited, good, places, second_api, with_generated

SERVICE = "apps/payments/base/service.yaml"


def neighbours(namespace="payments"):
    """payments and orders with pods of one label more, and a Service of payments that selects by it alone."""
    files = good() | second_api()
    for api in ("payments", "orders"):
        old = f"      labels:\n        app.kubernetes.io/name: {api}\n"
        path = f"apps/{api}/base/deployment.yaml"
        assert old in files[path]
        files[path] = files[path].replace(old, f"{old}        tier: backend\n")
    for path in ("apps/orders/metadata.yaml", "apps/orders/overlays/prod/kustomization.yaml"):
        files[path] = files[path].replace("namespace: orders", f"namespace: {namespace}")
    files["apps/orders/metadata.yaml"] = files["apps/orders/metadata.yaml"].replace(
        f"namespace: {namespace}-staging", "namespace: orders-staging"
    )
    return edited(SERVICE, "app.kubernetes.io/name: payments", "tier: backend", files)


def test_a_selector_of_the_own_pods_passes_beside_others(judged):
    files = edited(SERVICE, "tier: backend", "app.kubernetes.io/name: payments", neighbours())
    assert judged(rule, files) == []


def test_a_selector_that_fits_the_neighbours_pods_is_found(judged):
    for files in (neighbours(), with_generated(neighbours())):
        found = judged(rule, files)
        assert places(found) == [(SERVICE, 7, 5)]
        assert "payments: in prod, the Service 'payments' sends traffic to orders of orders too" in found[0].message


def test_another_namespace_is_no_neighbour(judged):
    assert judged(rule, neighbours(namespace="orders")) == []

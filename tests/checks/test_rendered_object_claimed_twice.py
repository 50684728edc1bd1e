from onboarding_tool.checks import rendered_object_claimed_twice as rule
from tests.support.repos import edited, good, places, second_api, with_generated

MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {a: b}}\n"


def sharing(**words):
    """payments and orders, each with a ConfigMap `settings`; orders lives where `words` put it."""
    files = good() | second_api(**words)
    for api in ("payments", "orders"):
        base = f"apps/{api}/base/kustomization.yaml"
        files = edited(base, "- hpa.yaml", "- hpa.yaml\n  - map.yaml", files)
        files[f"apps/{api}/base/map.yaml"] = MAP
    return files


def in_one_namespace(files):
    for name in ("apps/orders/metadata.yaml", "apps/orders/overlays/prod/kustomization.yaml"):
        files = edited(name, "namespace: orders", "namespace: payments", files)
    return edited("apps/orders/metadata.yaml", "payments-staging", "orders-staging", files)


def test_the_same_name_in_two_namespaces_passes(judged):
    assert judged(rule, with_generated(sharing())) == []


def test_the_same_object_is_found_at_the_second_api(judged):
    files = in_one_namespace(sharing())
    for tree in (files, with_generated(files)):
        found = judged(rule, tree)
        assert places(found) == [("apps/payments/base/map.yaml", 1, 52)]
        assert "payments: in prod, ConfigMap 'settings' is brought by 'orders' too" in found[0].message


def test_two_clusters_are_two_places(judged):
    files = edited("apps/orders/metadata.yaml", "namespace: orders-staging", "namespace: payments", sharing())
    path = "apps/orders/overlays/staging/kustomization.yaml"
    assert judged(rule, edited(path, "namespace: orders-staging", "namespace: payments", files)) == []

import pytest

from onboarding_tool.checks import namespace_forbidden as rule
from tests.support.repos import PLATFORM, edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"


def living_in(namespace):
    return edited(METADATA, "{namespace: payments, manage", f"{{namespace: {namespace}, manage")


@pytest.mark.parametrize("namespace", ["payments", "argocd-2", "kube-system-x", "defaults"])
def test_other_namespaces_pass(namespace):
    assert findings(rule, living_in(namespace)) == []


@pytest.mark.parametrize("namespace", ["kube-system", "argocd", "default"])
def test_forbidden_namespace_is_found_where_it_is_named(namespace):
    found = findings(rule, living_in(namespace))
    assert places(found) == [(METADATA, 16, 21)]
    assert found[0].rule == "namespace-forbidden"
    assert f"{namespace!r}" in found[0].message
    assert "argocd, default and kube-system" in found[0].hint


def test_argo_cds_own_namespace_is_always_forbidden():
    platform = PLATFORM + "argocd: {namespace: delivery}\nforbidden_namespaces: [kube-system]\n"
    found = findings(rule, living_in("delivery") | {"platform.yaml": platform})
    assert places(found) == [(METADATA, 16, 21)]
    assert findings(rule, living_in("default") | {"platform.yaml": platform}) == []


def test_removed_api_still_holds_its_namespace():
    assert len(findings(rule, edited(METADATA, "lifecycle: active", "lifecycle: removed", living_in("default")))) == 1


def test_good_repo_passes():
    assert findings(rule, good()) == []

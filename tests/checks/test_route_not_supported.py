import pytest

from onboarding_tool.checks import route_not_supported as rule
from tests.support.repos import edited, findings, good, places, second_api

METADATA = "apps/payments/metadata.yaml"
IN_PROD = "api.platform.example, target: ingress-nginx"


def with_target(target, files=None):
    return edited("platform.yaml", IN_PROD, f"api.platform.example, target: {target}", files)


@pytest.mark.parametrize("phase", ["legacy", "dual", "path"])
def test_supported_phases_pass(phase):
    assert findings(rule, edited(METADATA, "prod: dual", f"prod: {phase}")) == []


@pytest.mark.parametrize("phase", ["redirect-temporary", "redirect-permanent"])
def test_redirect_phase_is_found_where_it_is_set(phase):
    found = findings(rule, edited(METADATA, "prod: dual", f"prod: {phase}"))
    assert places(found) == [(METADATA, 22, 34)]
    assert found[0].rule == "route-not-supported"
    assert f"{phase!r}" in found[0].message
    assert "legacy, dual and path" in found[0].hint


@pytest.mark.parametrize("target", ["traefik", "gateway", "gce"])
def test_other_target_is_found_once_where_it_is_set(target):
    found = findings(rule, with_target(target, good() | second_api() | second_api("refunds")))
    assert places(found) == [("platform.yaml", 20, 49)]
    assert f"{target!r}" in found[0].message
    assert "prod" in found[0].message
    assert "orders and 2 other APIs" in found[0].message
    assert "ingress-nginx" in found[0].hint


def without_routes(files):
    head, _, _ = files[METADATA].partition("routes:")
    return files | {METADATA: head + "routes: []\n"}


def test_other_target_passes_where_no_api_has_routes():
    assert findings(rule, without_routes(with_target("gce"))) == []


def test_other_target_passes_where_no_api_lives():
    files = edited(METADATA, "  prod: {namespace: payments, manage: none}\n", "", with_target("gce"))
    assert findings(rule, edited(METADATA, ", prod: dual", "", files)) == []


def test_legacy_ingress_in_the_base_passes_on_every_target():
    files = edited(METADATA, "prod: dual", "prod: legacy", with_target("gce"))
    assert findings(rule, edited(METADATA, "port: 8080", "port: 8080\n    legacy: base", files)) == []
    assert len(findings(rule, files)) == 1


def test_removed_api_needs_nothing():
    files = edited(METADATA, "prod: dual", "prod: redirect-temporary", with_target("gce"))
    assert findings(rule, edited(METADATA, "lifecycle: active", "lifecycle: removed", files)) == []

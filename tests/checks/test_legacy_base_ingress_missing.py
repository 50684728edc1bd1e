import pytest

from onboarding_tool.checks import legacy_base_ingress_missing as rule
from onboarding_tool.findings import Severity
from tests.support.repos import edited, findings, good, places

METADATA = "apps/payments/metadata.yaml"
BASE = "apps/payments/base/kustomization.yaml"
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: payments}}
spec:
  rules:
    - host: "{}"
"""


def with_base_route(*hosts: str) -> dict[str, str]:
    files = edited(METADATA, "legacy_hosts", "legacy: base\n    legacy_hosts")
    if hosts:
        files = edited(BASE, "- hpa.yaml", "- hpa.yaml\n  - ingress.yaml", files)
        files["apps/payments/base/ingress.yaml"] = "---\n".join(INGRESS.format(host) for host in hosts)
    return files


def test_generated_routes_need_no_ingress():
    assert findings(rule, good()) == []


@pytest.mark.parametrize("host", ["payments.customer-a.com", "Payments.Customer-A.com", "*.customer-a.com"])
def test_a_host_that_the_base_serves_passes(host):
    assert findings(rule, with_base_route("other.customer-a.com", host)) == []


@pytest.mark.parametrize("hosts", [(), ("payments.customer-b.com",), ("*.com",), ("",)])
def test_a_host_that_nothing_serves_is_a_warning(hosts):
    found = findings(rule, with_base_route(*hosts))
    assert places(found) == [(METADATA, 22, 20)]
    assert (found[0].rule, found[0].severity) == ("legacy-base-ingress-missing", Severity.WARNING)
    assert "'payments.customer-a.com'" in found[0].message
    assert "legacy: generated" in found[0].hint

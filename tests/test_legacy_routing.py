import pytest

from onboarding_tool.errors import UsageError
from onboarding_tool.model import Phase, Route
from tests.support.imports import (
    DEPLOYMENT,
    INGRESS,
    SERVICE,
    documents,
    empty_repo,
    findings,
    imported,
    notes,
    text,
    value,
)

LEGACY = {"staging": Phase.LEGACY, "prod": Phase.LEGACY}
ADMIN = SERVICE.replace("name: payments", "name: payments-admin").replace("port: 80\n", "port: 9000\n")
TWO_PORTS = SERVICE + "  - name: admin\n    port: 9000\n    targetPort: 9000\n"


def ingress(*rules: tuple[str, str, str, str], name: str = "payments", head: str = "") -> str:
    """An Ingress of (host, path, service, port) rules; `head`: further lines of its metadata."""
    lines = [INGRESS.split("  rules:")[0].replace("name: payments", f"name: {name}{head}"), "  rules:\n"]
    for host, path, service, port in rules:
        kind = "number" if port.isdigit() else "name"
        lines.append(f"""\
  - host: '{host}'
    http:
      paths:
      - path: '{path}'
        pathType: Prefix
        backend:
          service:
            name: {service}
            port:
              {kind}: {port}
""")
    return "".join(lines)


def routes(*manifests: str, **words: object) -> tuple[Route, ...]:
    result = imported(documents(DEPLOYMENT, *manifests), **words)
    assert findings(empty_repo(), result.changes) == []
    return result.api.routes


def refused(*manifests: str, **words: object) -> UsageError:
    with pytest.raises(UsageError) as caught:
        imported(documents(DEPLOYMENT, *manifests), **words)
    return caught.value


def test_a_host_becomes_a_legacy_host_and_the_ingress_stays():
    result = imported(documents(DEPLOYMENT, SERVICE, INGRESS))
    route = Route("/customer-a/payments", "payments", 80, True, ("payments.customer-a.com",), "base", LEGACY)
    assert result.api.routes == (route,)
    assert result.notes == ()
    assert text(result, "base/ingress.yaml") == INGRESS
    assert value(result, "metadata.yaml")["routes"] == [
        {
            "prefix": "/customer-a/payments",
            "service": "payments",
            "port": 80,
            "strip_prefix": True,
            "legacy_hosts": ["payments.customer-a.com"],
            "legacy": "base",
            "phase": {"staging": "legacy", "prod": "legacy"},
        }
    ]


def test_hosts_of_one_service_and_port_share_a_route():
    both = ingress(("a.customer-a.com", "/", "payments", "80"), ("b.customer-a.com", "", "payments", "http"))
    (route,) = routes(SERVICE, both, ingress(("c.customer-a.com", "/", "payments", "80"), name="more"), prefix="/p")
    assert (route.prefix, route.legacy_hosts) == ("/p", ("a.customer-a.com", "b.customer-a.com", "c.customer-a.com"))


def test_every_other_service_gets_a_prefix_below():
    rules = ingress(
        ("a.customer-a.com", "/", "payments", "http"),
        ("b.customer-a.com", "/", "payments-admin", "http"),
        ("c.customer-a.com", "/", "payments", "admin"),
        ("d.customer-a.com", "/", "payments", "9100"),
    )
    exported = documents(DEPLOYMENT, TWO_PORTS + "  - port: 9100\n", ADMIN, rules)
    found = imported(exported).api.routes
    assert any(
        "/customer-a/payments/payments-admin to payments-admin:9000" in step for step in imported(exported).steps
    )
    assert [(route.prefix, route.service, route.port) for route in found] == [
        ("/customer-a/payments", "payments", 80),
        ("/customer-a/payments/payments-admin", "payments-admin", 9000),
        ("/customer-a/payments/payments", "payments", 9000),
        ("/customer-a/payments/payments-9100", "payments", 9100),
    ]


def test_other_paths_stay_with_the_ingress_and_are_noted():
    rules = ingress(
        ("a.customer-a.com", "/admin", "payments-admin", "9000"),
        ("a.customer-a.com", "/", "payments", "80"),
        ("b.customer-a.com", "/v1", "payments", "80"),
    )
    result = imported(documents(DEPLOYMENT, SERVICE, ADMIN, rules))
    (route,) = result.api.routes
    assert (route.service, route.legacy_hosts) == ("payments", ("a.customer-a.com", "b.customer-a.com"))
    assert [note.reason.partition(":")[0] + note.reason.partition(":")[2][:5] for note in result.notes] == [
        "a.customer-a.com/admin leads to payments-admin9000:",
        "b.customer-a.com/v1 leads to payments80: t",
    ]
    assert value(result, "base/ingress.yaml")["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/admin"


@pytest.mark.parametrize(
    ("manifest", "field", "said"),
    [
        (ingress(("*.customer-a.com", "/", "payments", "80")), "spec.rules[0]", "is no full host name"),
        (ingress(("", "/", "payments", "80")), "spec.rules[0]", "a rule without a host"),
        (ingress(("localhost", "/", "payments", "80")), "spec.rules[0]", "localhost is no full host name"),
        (
            ingress(
                ("a.b.com", "/", "payments", "80"), head='\n  annotations: {nginx.ingress.kubernetes.io/canary: "true"}'
            ),
            "spec.rules",
            "a canary",
        ),
        (
            INGRESS.split("  rules:")[0] + "  defaultBackend: {service: {name: payments, port: {number: 80}}}\n",
            "spec.defaultBackend",
            "a backend without a host",
        ),
        (
            INGRESS.split("          service:")[0] + "          resource: {kind: Bucket, name: b}\n",
            "spec.rules[0].http.paths[0]",
            "a backend that is no Service",
        ),
    ],
)
def test_what_no_route_can_say_is_noted(manifest, field, said):
    result = imported(documents(DEPLOYMENT, SERVICE, manifest))
    assert result.api.routes == ()
    assert notes(result) == {("Ingress payments", field)}
    assert said in result.notes[0].reason
    assert "the Ingress stays in base/" in result.notes[0].reason


def test_an_ingress_of_the_beta_is_understood():
    beta = INGRESS.replace("networking.k8s.io/v1", "networking.k8s.io/v1beta1").split("          service:")[0]
    (route,) = routes(SERVICE, f"{beta}          serviceName: payments\n          servicePort: http\n")
    assert (route.service, route.port) == ("payments", 80)


@pytest.mark.parametrize(
    ("manifests", "said"),
    [
        ((INGRESS,), "the port 'http' of the Service payments, which is not in the export"),
        ((SERVICE, ingress(("a.b.com", "/", "payments", "grpc"))), "has no port 'grpc'; it has 80 http"),
        ((SERVICE, ingress(("a.b.com", "/", "pay.ments", "80"))), "'pay.ments' is no name of a Service"),
    ],
)
def test_a_port_that_cannot_be_resolved_is_refused_with_its_place(manifests, said):
    message = refused(*manifests).message
    assert said in message
    assert "export.yaml:" in message


def test_neither_host_nor_prefix_means_no_routes():
    result = imported(documents(DEPLOYMENT, SERVICE))
    assert result.api.routes == ()
    assert text(result, "metadata.yaml").endswith("routes: []\n")


def test_a_prefix_leads_to_the_only_service_with_a_port():
    headless = ADMIN.split("  ports:")[0]
    assert routes(SERVICE, headless, prefix="/p") == (Route("/p", "payments", 80, legacy="base", phase=LEGACY),)


@pytest.mark.parametrize(
    ("words", "target"),
    [
        ({"service": "payments", "port": 9000}, ("payments", 9000)),
        ({"service": "payments-admin"}, ("payments-admin", 9000)),
    ],
)
def test_service_and_port_decide(words, target):
    (route,) = routes(TWO_PORTS, ADMIN, prefix="/p", **words)
    assert (route.service, route.port) == target


@pytest.mark.parametrize(
    ("manifests", "words", "said"),
    [
        ((), {}, "no Service with a port"),
        ((SERVICE, ADMIN), {}, "--prefix could lead to payments and payments-admin"),
        ((TWO_PORTS,), {}, "--prefix could lead to 80 and 9000"),
        ((SERVICE,), {"service": "payment"}, "there is no Service 'payment'"),
        ((SERVICE,), {"port": 81}, "payments has no port 81"),
    ],
)
def test_a_prefix_that_leads_nowhere_is_refused_with_the_choices(manifests, words, said):
    error = refused(*manifests, prefix="/p", **words)
    assert said in error.message
    assert error.hint


def test_the_nearest_service_is_suggested():
    assert "'payments'" in refused(SERVICE, prefix="/p", service="payment").hint


@pytest.mark.parametrize(
    ("manifests", "words", "said"),
    [
        ((SERVICE,), {"service": "nope", "port": 9}, "--service and --port: this says where --prefix leads"),
        ((SERVICE,), {"service": "payments"}, "--service: this says where --prefix leads"),
        ((SERVICE,), {"port": 0}, "--port: this says where --prefix leads"),
        ((SERVICE, INGRESS), {"port": 80}, "--port: where traffic goes is told by the Ingress of payments.customer-a"),
        ((SERVICE, INGRESS), {"prefix": "/p", "service": "nope"}, "--service: where traffic goes is told by"),
        ((SERVICE,), {"prefix": "/p", "port": 0}, "payments has no port 0"),
        ((SERVICE,), {"prefix": "/p", "service": ""}, "there is no Service ''"),
    ],
)
def test_a_service_or_port_that_would_be_ignored_is_refused(manifests, words, said):
    error = refused(*manifests, **words)
    assert said in error.message
    assert error.hint


@pytest.mark.parametrize("prefix", ["p", "/", "/p/", "//p", "/P", "/p q", "/" + "p" * 200, "/p\n", "/../x"])
def test_a_bad_prefix_is_refused(prefix):
    assert "cannot be a prefix" in refused(SERVICE, INGRESS, prefix=prefix).message

"""Ingress objects for legacy hosts and prefixes, and what the rewrites do to a path."""

import re
from dataclasses import replace

import pytest

from onboarding_tool.generators import routes
from onboarding_tool.model import Api, Entry, Environment, Phase, Route
from tests.support.manifests import documents, misfits

PROD = Environment("prod", "gke-prod", Entry("api.platform.example", "ingress-nginx", "nginx-public"))
ROUTE = Route("/customer-a/payments", "payments", 8080, legacy_hosts=("pay.example.com", "www.example.com"))


def in_phase(phase, route=ROUTE):
    return replace(route, phase={"prod": Phase(phase)})


def objects(*given, environment=PROD):
    text = routes.text(environment, Api("payments", routes=given))
    return {value["metadata"]["name"]: value for value in (documents(text.encode()) if text else [])}


@pytest.mark.parametrize(
    ("phase", "names"),
    [("legacy", ["payments-legacy"]), ("dual", ["payments-legacy", "payments-path"]), ("path", ["payments-path"])],
)
def test_what_each_phase_has(phase, names):
    assert list(objects(in_phase(phase))) == names


@pytest.mark.parametrize("phase", ["redirect-temporary", "redirect-permanent"])
def test_a_phase_that_is_not_supported_yet_gives_nothing(phase):
    assert objects(in_phase(phase)) == {}
    assert Phase(phase) not in routes.PHASES


@pytest.mark.parametrize("target", ["traefik", "gateway", "gce"])
def test_a_target_that_is_not_supported_yet_gives_nothing(target):
    environment = replace(PROD, entry=replace(PROD.entry, target=target))
    assert objects(in_phase("dual"), environment=environment) == {}
    assert target not in routes.TARGETS


def test_the_legacy_ingress_serves_each_host_as_before():
    value = objects(in_phase("dual"))["payments-legacy"]
    backend = {"service": {"name": "payments", "port": {"number": 8080}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    assert value["metadata"] == {"name": "payments-legacy"}
    assert value["spec"] == {
        "ingressClassName": "nginx-public",
        "rules": [{"host": host, "http": {"paths": [path]}} for host in ("pay.example.com", "www.example.com")],
    }


def test_the_path_ingress_strips_the_prefix():
    value = objects(in_phase("dual"))["payments-path"]
    assert value["metadata"]["annotations"] == {
        "nginx.ingress.kubernetes.io/use-regex": "true",
        "nginx.ingress.kubernetes.io/rewrite-target": "/$2",
        "nginx.ingress.kubernetes.io/x-forwarded-prefix": "/customer-a/payments",
    }
    backend = {"service": {"name": "payments", "port": {"number": 8080}}}
    path = {"path": "/customer-a/payments(/|$)(.*)", "pathType": "ImplementationSpecific", "backend": backend}
    assert value["spec"] == {
        "ingressClassName": "nginx-public",
        "rules": [{"host": "api.platform.example", "http": {"paths": [path]}}],
    }


def test_a_prefix_that_stays_is_rewritten_to_itself():
    value = objects(replace(in_phase("path"), strip_prefix=False))["payments-path"]
    assert value["metadata"]["annotations"] == {
        "nginx.ingress.kubernetes.io/use-regex": "true",
        "nginx.ingress.kubernetes.io/rewrite-target": "/customer-a/payments$1$2",
    }
    assert value["spec"] == objects(in_phase("path"))["payments-path"]["spec"]


def backend_sees(request, *given):
    """(service, path) as ingress-nginx decides: longest path first, anchored only at its beginning, case ignored."""
    paths = []
    for value in objects(*given).values():
        target = re.sub(
            r"\$(\d)", r"\\\1", value["metadata"]["annotations"]["nginx.ingress.kubernetes.io/rewrite-target"]
        )
        for item in value["spec"]["rules"][0]["http"]["paths"]:
            paths.append((item["path"], target, item["backend"]["service"]["name"]))
    for path, target, service in sorted(paths, key=lambda item: len(item[0]), reverse=True):
        if re.match(path, request, re.IGNORECASE):
            return service, re.sub(path, target, request, count=1, flags=re.IGNORECASE)
    return None


@pytest.mark.parametrize(
    ("request_path", "seen"),
    [
        ("/user-a", ("a", "/")),
        ("/user-a/", ("a", "/")),
        ("/user-a/x", ("a", "/x")),
        ("/user-a/b/", ("a", "/b/")),
        ("/user-ab/x", ("ab", "/x")),
        ("/user-abc", None),
        ("/user-a../x", None),
        ("/USER-A/x", ("a", "/x")),
        ("/foo/user-a/x", None),
        ("/user-a/v2", ("v2", "/")),
        ("/user-a/v2/x", ("v2", "/x")),
        ("/user-a/v22", ("a", "/v22")),
        ("/kept", ("kept", "/kept")),
        ("/kept/", ("kept", "/kept/")),
        ("/kept/x/y", ("kept", "/kept/x/y")),
        ("/keptx", None),
    ],
)
def test_which_service_sees_which_path(request_path, seen):
    prefixes = {"a": "/user-a", "ab": "/user-ab", "v2": "/user-a/v2", "kept": "/kept"}
    given = [
        in_phase("path", Route(prefix, service, 80, strip_prefix=service != "kept"))
        for service, prefix in prefixes.items()
    ]
    assert backend_sees(request_path, *given) == seen


def test_hosts_whose_ingress_stays_in_the_base_get_none():
    assert list(objects(replace(in_phase("dual"), legacy="base"))) == ["payments-path"]
    assert objects(replace(in_phase("legacy"), legacy="base")) == {}


def test_without_hosts_there_is_no_legacy_ingress():
    assert list(objects(replace(in_phase("dual"), legacy_hosts=()))) == ["payments-path"]


def test_names_count_routes_and_not_objects():
    second = replace(in_phase("path"), prefix="/second")
    third = replace(in_phase("dual"), prefix="/third", legacy_hosts=("third.example.com",))
    assert list(objects(in_phase("legacy"), second, third)) == [
        "payments-legacy",
        "payments-path-2",
        "payments-legacy-3",
        "payments-path-3",
    ]


def test_a_route_that_says_nothing_about_the_environment_has_no_objects():
    assert objects(replace(ROUTE, phase={"staging": Phase.DUAL})) == {}


@pytest.mark.parametrize("phase", ["legacy", "dual", "path"])
def test_an_object_that_two_phases_share_is_the_same_in_both(phase):
    dual = objects(in_phase("dual"))
    assert objects(in_phase(phase)) == {name: dual[name] for name in objects(in_phase(phase))}


def test_objects_fit_the_kubernetes_api_and_its_limits():
    longest = Api("a" * 40, routes=tuple(replace(in_phase("dual"), prefix=f"/p-{i}") for i in range(120)))
    found = documents(routes.text(PROD, longest).encode())
    assert len(found) == 240
    assert [problem for value in found for problem in misfits(value)] == []
    assert max(len(value["metadata"]["name"]) for value in found) <= 63


def test_no_ingress_chooses_a_certificate():
    assert all("tls" not in value["spec"] for value in objects(in_phase("dual")).values())

"""Each route leads to a Service that is there, and to a port that it has.

A route to nothing answers every request with an error, on the shared entry, under the API's prefix.

Bad:

    # apps/payments/metadata.yaml, while the Service `payments` has the port 80
    routes:
      - prefix: /customer-a/payments
        service: payments
        port: 8080

Good:

    routes:
      - prefix: /customer-a/payments
        service: payments
        port: 80

Fix: write the name of the Service and the number under `spec.ports[].port` of it. That is the port that the Service
offers, not the `targetPort` of the container.
"""

from collections.abc import Iterator

from onboarding_tool import slots
from onboarding_tool.checks.facts.written import Fault, absences
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, Route, mapping, sequence
from onboarding_tool.wording import did_you_mean, listed

RULE = "route-service-missing"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from absences(repo, RULE, _missing)


def _missing(api: Api, environment: str) -> Iterator[Fault]:
    services = {item.name: item for item in slots.manifests(api, environment) if item.kind == "Service"}
    for index, route in enumerate(api.routes):
        if route.service in services:
            yield from _port(api, index, route, services[route.service])
        elif route.service:
            problem = f"there is no Service {route.service!r} for the route {route.prefix}"
            hint = did_you_mean(route.service, services, "Name a Service of this API, or add it to base/.")
            yield Fault(api.path, ("routes", index, "service"), problem, hint)


def _port(api: Api, index: int, route: Route, service: Object) -> Iterator[Fault]:
    ports = [mapping(item).get("port") for item in sequence(service.get("spec", "ports"))]
    if route.port and route.port not in ports:
        problem = f"the Service {route.service!r} has no port {route.port} for the route {route.prefix}"
        hint = f"Ports of the Service in {service.path}: {listed(map(str, ports))}."
        yield Fault(api.path, ("routes", index, "port"), problem, hint)

"""Routes of an API in one environment, as Ingress objects for ingress-nginx.

The object for the legacy hosts and the one for the prefix are two, because a rewrite applies to a whole object; each
keeps its name through all phases, because the controller refuses to serve one host and path from two objects for the
moment of a rename.
"""

from collections.abc import Iterator

from onboarding_tool.generators.layout import scalar
from onboarding_tool.model import Api, Environment, Phase, Route

# What is generated so far. Anything else yields no object here, and a finding of the rule `route-not-supported`.
TARGETS = ("ingress-nginx",)
PHASES = (Phase.LEGACY, Phase.DUAL, Phase.PATH)

# The boundary keeps /a away from /ab and lets the bare /a match. All paths of a host carry the same tail, because the
# controller tries them in the order of their length: a shorter tail would let a prefix hide one below it.
TAIL = "(/|$)(.*)"
ANNOTATION = "nginx.ingress.kubernetes.io"


def text(environment: Environment, api: Api) -> str:
    """All objects of the API, as the documents of one file; empty if there are none."""
    return "---\n".join(_objects(environment, api))


def _objects(environment: Environment, api: Api) -> Iterator[str]:
    if environment.entry.target not in TARGETS:
        return
    for index, route in enumerate(api.routes):
        phase = route.phase.get(environment.name)
        number = f"-{index + 1}" if index else ""
        if phase in (Phase.LEGACY, Phase.DUAL) and route.legacy_hosts and route.legacy == "generated":
            yield _legacy_ingress(environment, f"{api.name}-legacy{number}", route)
        if phase in (Phase.DUAL, Phase.PATH):
            yield _path_ingress(environment, f"{api.name}-path{number}", route)


def _legacy_ingress(environment: Environment, name: str, route: Route) -> str:
    """No annotation: without a rewrite the hosts keep plain prefix matching, and the API sees what it saw before."""
    rules = "".join(_rule(host, "/", "Prefix", route) for host in route.legacy_hosts)
    return f"{_head(name)}{_spec(environment)}{rules}"


def _path_ingress(environment: Environment, name: str, route: Route) -> str:
    """The rewrite always has captures; without them a controller may replace only the part that matched.

    No `tls`: the certificate of the shared host is not one API's to choose.
    """
    rule = _rule(environment.entry.host, f"{route.prefix}{TAIL}", "ImplementationSpecific", route)
    return f"{_head(name)}{_annotations(route)}{_spec(environment)}{rule}"


def _head(name: str) -> str:
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {scalar(name)}
"""


def _annotations(route: Route) -> str:
    lines = [f'  annotations:\n    {ANNOTATION}/use-regex: "true"\n']
    if route.strip_prefix:
        lines.append(
            f"    {ANNOTATION}/rewrite-target: /$2\n    {ANNOTATION}/x-forwarded-prefix: {scalar(route.prefix)}\n"
        )
    else:
        lines.append(f"    {ANNOTATION}/rewrite-target: {scalar(f'{route.prefix}$1$2')}\n")
    return "".join(lines)


def _spec(environment: Environment) -> str:
    return f"spec:\n  ingressClassName: {scalar(environment.entry.ingress_class)}\n  rules:\n"


def _rule(host: str, path: str, path_type: str, route: Route) -> str:
    return f"""\
    - host: {scalar(host)}
      http:
        paths:
          - path: {scalar(path)}
            pathType: {path_type}
            backend:
              service:
                name: {scalar(route.service)}
                port:
                  number: {route.port}
"""

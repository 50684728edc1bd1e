"""Routes: which Service and port the hosts of the exported Ingresses lead to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from onboarding_tool import metadata_file
from onboarding_tool.errors import UsageError
from onboarding_tool.legacy.export import Exported, Fault, printable, refusal
from onboarding_tool.legacy.values import Note, Wish
from onboarding_tool.model import Phase, Route, mapping, sequence, text
from onboarding_tool.wording import did_you_mean, listed

T = TypeVar("T")
CANARY = "nginx.ingress.kubernetes.io/canary"
STAYS = "the Ingress stays in base/ as it is and keeps serving it, but no route declares it"


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a path of a host leads."""

    item: Exported
    at: tuple[str | int, ...]
    host: str
    path: str
    service: str
    port: int

    @property
    def is_root(self) -> bool:
        return self.path in ("", "/")


def routes(objects: list[Exported], wish: Wish, environments: Iterable[str]) -> tuple[tuple[Route, ...], list[Note]]:
    """(routes, what of the Ingresses they do not say), every route in phase legacy."""
    notes: list[Note] = []
    hosts = _hosts(list(_backends(objects, notes)), notes)
    _refuse_idle(wish, [host for names in hosts.values() for host in names])
    if not hosts and wish.prefix is None:
        return (), notes
    prefix = wish.prefix or f"/{wish.tenant}/{wish.name}"
    metadata_file.refuse_prefix(prefix)
    targets = hosts or {_wished_target(objects, wish): []}
    phase = dict.fromkeys(environments, Phase.LEGACY)
    prefixes = _prefixes(prefix, list(targets))
    for later in list(targets)[1:]:
        metadata_file.refuse_prefix(prefixes[later])
    made = (
        Route(prefixes[target], *target, legacy_hosts=tuple(names), legacy="base", phase=phase)
        for target, names in targets.items()
    )
    return tuple(made), notes


def _refuse_idle(wish: Wish, hosts: list[str]) -> None:
    """Raises UsageError for `--service` and `--port` where they would change nothing."""
    given = {"--service": wish.service, "--port": wish.port}
    options = listed((option for option, value in given.items() if value is not None), nothing="")
    if not options:
        return
    if hosts:
        hint = f"Leave out {options}; change the routes in metadata.yaml afterwards, if need be."
        raise UsageError(f"{options}: where traffic goes is told by the Ingress of {listed(hosts)}", hint)
    if wish.prefix is None:
        hint = f"Add `--prefix /{wish.tenant}/{wish.name}`, for example, or leave out {options}."
        raise UsageError(f"{options}: this says where --prefix leads, and there is no --prefix", hint)


def _prefixes(prefix: str, targets: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The wished prefix for the first target; for each other one below it, named after its Service (and its port)."""
    found = {targets[0]: prefix}
    for service, port in targets[1:]:
        named = f"{prefix}/{service}"
        found[(service, port)] = named if named not in found.values() else f"{named}-{port}"
    return found


def _hosts(backends: list[Backend], notes: list[Note]) -> dict[tuple[str, int], list[str]]:
    """Hosts by (service, port). A host goes where its root path leads, else where its first path does."""
    found: dict[tuple[str, int], list[str]] = {}
    by_host: dict[str, list[Backend]] = {}
    for backend in backends:
        by_host.setdefault(backend.host, []).append(backend)
    for host, its in by_host.items():
        main = next((backend for backend in its if backend.is_root), its[0])
        found.setdefault((main.service, main.port), []).append(host)
        for other in its:
            if other is not main or not other.is_root:
                shown = f"{host}{printable(other.path)} leads to {other.service}:{other.port}"
                notes.append(Note(other.item.title, other.at, f"{shown}: {STAYS}"))
    return found


def _backends(objects: list[Exported], notes: list[Note]) -> Iterator[Backend]:
    problems: list[Fault] = []
    for item in objects:
        if item.object.kind != "Ingress":
            continue
        if item.object.get("spec", "defaultBackend") or item.object.get("spec", "backend"):
            notes.append(Note(item.title, ("spec", "defaultBackend"), f"a backend without a host: {STAYS}"))
        if text(item.object.get("metadata", "annotations", CANARY)) == "true":
            notes.append(Note(item.title, ("spec", "rules"), f"a canary: {STAYS}"))
            continue
        for index, rule in enumerate(sequence(item.object.get("spec", "rules"))):
            yield from _of_rule(item, index, mapping(rule), objects, notes, problems)
    if problems:
        raise refusal(problems)


def _of_rule(
    item: Exported,
    index: int,
    rule: Mapping[str, Any],
    objects: list[Exported],
    notes: list[Note],
    problems: list[Fault],
) -> Iterator[Backend]:
    host, at = text(rule.get("host")), ("spec", "rules", index)
    if not metadata_file.is_host(host):
        what = f"{printable(host)} is no full host name" if host else "a rule without a host"
        notes.append(Note(item.title, at, f"{what}: {STAYS}"))
        return
    for number, path in enumerate(sequence(mapping(rule.get("http")).get("paths"))):
        keys = (*at, "http", "paths", number)
        backend = mapping(mapping(path).get("backend"))
        service, port = _target(backend)
        if not service:
            notes.append(Note(item.title, keys, f"a backend that is no Service: {STAYS}"))
            continue
        resolved = _number(service, port, objects)
        if isinstance(resolved, int):
            yield Backend(item, keys, host, text(mapping(path).get("path")), service, resolved)
        else:
            problems.append(item.fault(f"{item.title}: {resolved}", *keys))


def _target(backend: Mapping[str, Any]) -> tuple[str, Any]:
    """(service, port by number or name) of networking.k8s.io/v1, or of the betas before it."""
    service = mapping(backend.get("service"))
    if service:
        port = mapping(service.get("port"))
        return text(service.get("name")), port.get("number", port.get("name"))
    return text(backend.get("serviceName")), backend.get("servicePort")


def _number(service: str, port: Any, objects: list[Exported]) -> int | str:
    """The port's number, or why there is none."""
    if not metadata_file.LABEL.fullmatch(service):
        return f"{service!r} is no name of a Service"
    if isinstance(port, int) and 0 < port < 65536:
        return port
    known = next((_ports(item) for item in _services(objects) if item.object.name == service), None)
    if known is None:
        return f"it leads to the port {port!r} of the Service {service}, which is not in the export: import that too"
    number = next((number for number, name in known.items() if name and name == port), None)
    names = listed(f"{number} {name}".strip() for number, name in known.items())
    return number or f"the Service {service} has no port {port!r}; it has {names}"


def _services(objects: Iterable[Exported]) -> list[Exported]:
    return [item for item in objects if item.object.kind == "Service"]


def _ports(item: Exported) -> dict[int, str]:
    """Number -> name of a Service's ports."""
    ports = (mapping(port) for port in sequence(item.object.get("spec", "ports")))
    numbered = ((port.get("port"), text(port.get("name"))) for port in ports)
    return {number: name for number, name in numbered if isinstance(number, int)}


def _wished_target(objects: list[Exported], wish: Wish) -> tuple[str, int]:
    """Where `--prefix` leads if no host tells: the only Service and port, or those that were named."""
    services = {item.object.name: _ports(item) for item in _services(objects) if _ports(item)}
    if not services:
        raise UsageError(
            "--prefix: the export has no Service with a port", "Import the Service too, or leave --prefix out."
        )
    service = _only("--service", list(services)) if wish.service is None else wish.service
    if service not in services:
        hint = did_you_mean(service, services, f"The export has {listed(services)}.")
        raise UsageError(f"--service: there is no Service {service!r} with a port", hint)
    ports = services[service]
    port = _only("--port", list(ports)) if wish.port is None else wish.port
    if port not in ports:
        raise UsageError(f"--port: {service} has no port {port}", f"It has {listed(map(str, ports))}.")
    return service, port


def _only(option: str, choices: list[T]) -> T:
    if len(choices) == 1:
        return choices[0]
    shown = listed(map(str, choices))
    raise UsageError(f"--prefix could lead to {shown}", f"Say which: `{option} {choices[0]}`, for example.")

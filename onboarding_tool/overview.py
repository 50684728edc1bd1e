"""What `onboard api list` and `api show` tell about APIs, as plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from onboarding_tool import slots
from onboarding_tool.model import Api, Lifecycle, Record, Route, text
from onboarding_tool.slots import Running

Runs = Mapping[str, Sequence[Running]]  # what runs in each environment


@dataclass(frozen=True, slots=True)
class Line:
    """What `api list` shows of an API: `about` as JSON, `rows` in the table."""

    about: dict[str, Any]
    rows: list[tuple[str, ...]]


def line(api: Api) -> Line:
    runs = _runs(api)
    about = _about(api, runs)
    return Line(about, _rows(api, about, runs))


def overview(api: Api) -> dict[str, Any]:
    """One API: whose it is, and per environment where it lives, what runs, and what happened last."""
    return _about(api, _runs(api))


def _runs(api: Api) -> Runs:
    return {name: slots.once_running(api, name) for name in api.environments}


def _about(api: Api, runs: Runs) -> dict[str, Any]:
    return {
        "api": api.name,
        "tenant": api.tenant,
        "team": api.team,
        "lifecycle": str(api.lifecycle),
        "capability": api.capability,
        "delivery": str(api.delivery),
        "environments": {name: _environment(api, name, running) for name, running in runs.items()},
        "routes": [
            {
                "prefix": route.prefix,
                "service": route.service,
                "port": route.port,
                "legacy_hosts": list(route.legacy_hosts),
            }
            for route in api.routes
        ],
    }


def _environment(api: Api, name: str, running: Iterable[Running]) -> dict[str, Any]:
    """One environment of one API."""
    return {
        "namespace": api.environments[name].namespace,
        "images": [
            {"deployment": item.deployment, "container": item.container, "image": str(item.image)} for item in running
        ],
        "phase": {route.prefix: str(route.phase[name]) for route in _served(api) if name in route.phase},
        "pending_requests": [request.path for request in api.requests if request.environment == name],
        "last_release": _release([record for record in api.records if record.environment == name]),
    }


def _served(api: Api) -> tuple[Route, ...]:
    """The routes that are generated: a removed API's metadata names them still, and none is left."""
    return () if api.lifecycle is Lifecycle.REMOVED else api.routes


def _rows(api: Api, about: dict[str, Any], runs: Runs) -> list[tuple[str, ...]]:
    """A line per environment for the table; an API that declares none, or whose file is broken, has one too."""
    who = (api.name, api.tenant or "-", api.team or "-", str(api.lifecycle), api.capability)
    rows = [(*who, *_row(name, environment, runs[name])) for name, environment in about["environments"].items()]
    return rows or [(*who, *["-"] * (len(HEAD) - len(who)))]


HEAD = (
    "API",
    "TENANT",
    "TEAM",
    "LIFECYCLE",
    "CAPABILITY",
    "ENVIRONMENT",
    "NAMESPACE",
    "IMAGE",
    "PHASE",
    "PENDING",
    "LAST DECISION",
)


def _row(name: str, about: dict[str, Any], running: Iterable[Running]) -> tuple[str, ...]:
    versions = dict.fromkeys(f"{item.container} {item.image.version}" for item in running)
    phases = dict.fromkeys(about["phase"].values())
    last = about["last_release"]
    return (
        name,
        about["namespace"],
        ", ".join(versions) or "-",
        ", ".join(phases) or "-",
        str(len(about["pending_requests"]) or "-"),
        f"{last['decided_at']} {last['decision']} #{last['seq']}" if last else "-",
    )


def _release(records: list[Record]) -> dict[str, Any] | None:
    """The last one by the names of the files, so that no other one has to be read."""
    if not records:
        return None
    last = max(records, key=lambda record: record.path)
    keys = ("seq", "id", "decision", "old_image", "new_image", "decided_at", "reason")
    return {key: last.value.get(key) for key in keys} | {"path": last.path, "requested_by": _name(last)}


def _name(record: Record) -> str | None:
    by = record.value.get("requested_by")
    return text(by.get("name")) if isinstance(by, dict) else None

"""What an import is asked for, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from onboarding_tool.model import Api
from onboarding_tool.tree import Changes
from onboarding_tool.yamltext import Path


@dataclass(frozen=True, slots=True)
class Wish:
    """What `onboard api import` was told, besides the sources. `namespaces`: by environment; empty means all of them.

    `service` and `port` say where `prefix` leads when the export has no host and several Services or ports.
    """

    name: str
    tenant: str
    team: str
    namespaces: Mapping[str, str] = field(default_factory=dict)
    prefix: str | None = None
    service: str | None = None
    port: int | None = None
    manage_namespaces: bool = False
    allow_registries: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not kept as it was. `object`: `Service payments`, or a file; `at`: the field, () for all."""

    object: str
    at: Path
    reason: str

    @property
    def field(self) -> str:
        """The field as people write it: `spec.ports[0].nodePort`, `metadata.annotations["example.com/key"]`."""
        return shown_path(self.at)


@dataclass(frozen=True, slots=True)
class Import:
    """The files of a new API, and everything that its importer has to know.

    `kept`: (file, object, source) of each object; `notes`: what was not kept; `steps`: sentences, what is left to do.
    """

    api: Api
    changes: Changes
    kept: tuple[tuple[str, str, str], ...]
    notes: tuple[Note, ...]
    steps: tuple[str, ...]
    registries_missing: tuple[str, ...] = ()
    registries_added: tuple[str, ...] = ()


def shown_path(at: Path) -> str:
    shown = ""
    for step in at:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif step.isidentifier():
            shown += f".{step}" if shown else step
        else:
            shown += f'["{step}"]'
    return shown

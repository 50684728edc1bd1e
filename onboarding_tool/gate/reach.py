"""How far a change reaches, told by the paths that it touches."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """The APIs whose files, or what is generated for them, change; and the tenants for which something is generated."""

    apis: frozenset[str]
    tenants: frozenset[str]

    def holds(self, path: str) -> bool:
        """Whether a path is of those."""
        reached = reach([path], ())
        return reached is not None and bool(reached.apis & self.apis or reached.tenants & self.tenants)


def reach(paths: Iterable[str], roots: Collection[str]) -> Reach | None:
    """None for what all APIs share. `roots`: what belongs to a config repo; whatever else lies there reaches nobody."""
    apis: set[str] = set()
    tenants: set[str] = set()
    tops = {root.partition("/")[0] for root in roots}
    for path in paths:
        match path.split("/"):
            case ["apps", api, _, *_] | ["generated", _, "apps", api, _, *_]:
                apis.add(api)
            case ["generated", _, "applications" | "namespaces", tenant, _]:
                tenants.add(tenant)
            case ["generated", _, "tenants", file] if file.endswith(".yaml"):
                tenants.add(file.removesuffix(".yaml"))
            case [".github", *_]:
                pass  # what GitHub alone reads; CODEOWNERS follows from the declarations
            case [root, *_] if root in tops:
                return None
    return Reach(frozenset(apis), frozenset(tenants))

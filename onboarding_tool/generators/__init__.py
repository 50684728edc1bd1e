"""Generators: platform.yaml, teams.yaml and every metadata.yaml -> what Argo CD reads, and CODEOWNERS.

Never a base, an overlay, a request, a release or an image: no release and no tenant's change makes a generated file
stale.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from onboarding_tool.generators import argocd, codeowners, kustomizations, namespaces
from onboarding_tool.generators.layout import Tenants, Texts, belongs_to
from onboarding_tool.model import CODEOWNERS_FILE, GENERATED, Api, Environment, Repo
from onboarding_tool.tree import Changes, Tree

# Each gives the files of one environment that are its concern.
GENERATORS = (argocd, kustomizations, namespaces)


class State(StrEnum):
    """How a file differs from what is generated."""

    STALE = "stale"
    MISSING = "missing"
    FOREIGN = "foreign"


def generate(repo: Repo, environment: str | None = None) -> dict[str, bytes]:
    """Every file that belongs below generated/ (one environment's, if one is named), and CODEOWNERS (if none is); of a
    part, the files of that part.

    The repo's policy files and metadata must be sound, and `environment` one of platform.yaml's.
    """
    known = repo.platform.environments
    chosen = list(known.values()) if environment is None else [known[environment]]
    texts = {path: text for one in chosen for path, text in _texts(repo, one)}
    if environment is None:
        texts[CODEOWNERS_FILE] = codeowners.text(repo)
    return {path: texts[path].encode() for path in sorted(texts) if repo.part is None or repo.part.holds(path)}


def staleness(tree: Tree, wanted: Mapping[str, bytes], environment: str | None = None) -> list[tuple[State, str]]:
    """What keeps the tree from holding exactly `wanted`: (state, path), by path."""
    states = {path: State.MISSING for path in wanted if path not in tree}
    states |= {path: State.STALE for path in wanted if path in tree and not tree.holds(path, wanted[path])}
    states |= {path: State.FOREIGN for path in _generated(tree, environment) if path not in wanted}
    return [(states[path], path) for path in sorted(states)]


def changes(tree: Tree, wanted: Mapping[str, bytes], environment: str | None = None) -> Changes:
    """What to write and what to delete so that the tree holds exactly `wanted`."""
    return {path: wanted.get(path) for _, path in staleness(tree, wanted, environment)}


def _texts(repo: Repo, environment: Environment) -> Texts:
    tenants = _tenants(repo, environment.name)
    for generator in GENERATORS:
        yield from generator.files(repo.platform, environment, tenants)


def _tenants(repo: Repo, environment: str) -> Tenants:
    """Every tenant has a place in every environment, so that its first API there needs nothing new."""
    found: dict[str, list[Api]] = {
        tenant: [] for tenant in repo.tenants() if repo.part is None or tenant in repo.part.tenants
    }
    for name in sorted(repo.apis):
        api = repo.apis[name]
        if api.tenant in found and environment in api.environments:
            found[api.tenant].append(api)
    return {tenant: tuple(apis) for tenant, apis in found.items()}


def _generated(tree: Tree, environment: str | None) -> Iterator[str]:
    """The paths below generated/ that this run answers for."""
    return (path for path in tree.paths(GENERATED) if environment is None or belongs_to(path, environment))

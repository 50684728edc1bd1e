"""The world around the config repo of repos.py, with nothing wrong, to be broken in one place."""

from dataclasses import replace
from functools import cache
from typing import Any

import yaml

from onboarding_tool.doctor.seen import ArgoSeen, Clone, ClusterSeen, Entry, Remote, Rights, Root, World
from tests.support.repos import PLATFORM, good, with_generated

URL = "https://git.example/acme/onboarding-config.git"
COMMIT, OTHER = "a" * 40, "b" * 40
REFS = {"HEAD": COMMIT, "refs/heads/main": COMMIT}
CONTEXT = "gke-staging"


@cache
def _generated(platform: str) -> dict[str, str]:
    return with_generated(good() | {"platform.yaml": platform})


def roots(platform: str = PLATFORM) -> dict[str, Root]:
    """What is applied by hand, as a platform.yaml generates it."""
    files = _generated(platform)
    return {name: Root(*yaml.safe_load_all(files[f"generated/root/{name}.yaml"])) for name in ("staging", "prod")}


def remote(**changes: Any) -> Remote:
    return replace(Remote((URL, URL), REFS, "refs/heads/main", (0, 0)), **changes)


def clone(**changes: Any) -> Clone:
    return replace(Clone(main=COMMIT, origin=remote()), **changes)


def argocd(**changes: Any) -> ArgoSeen:
    found = ArgoSeen(
        context=CONTEXT,
        version="1.36",
        has_namespace=True,
        has_kinds=True,
        images={"argocd-repo-server": "quay.io/argoproj/argocd:v3.5.1"},
        settings={},
        default_project={"spec": {"sourceRepos": [], "destinations": []}},
        registered=("gke-staging", "gke-prod"),
        rights=frozenset({"get", "list", "watch"}),
        roots=roots(),
    )
    return replace(found, **changes)


def cluster(environment: str, **changes: Any) -> ClusterSeen:
    found = ClusterSeen("1.36", {environment: Entry(True, ("nginx",))}, {environment: Rights()})
    return replace(found, **changes)


def world(**changes: Any) -> World:
    clusters = {"gke-staging": cluster("staging"), "gke-prod": cluster("prod")}
    found = World("2.39.5", clone(), "/bin/renderer", ("gke-staging", "gke-prod"), argocd(), clusters)
    return replace(found, **changes)

"""Hypothesis strategies for whole repos as values: teams, tenants, environments and APIs in any combination."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from onboarding_tool.model import (
    Api,
    Delivery,
    Entry,
    Environment,
    Lifecycle,
    Member,
    Phase,
    Placement,
    Platform,
    Repo,
    Route,
    Team,
)
from onboarding_tool.tree import tree_of

# Names that the schemas allow and that some reader of YAML takes for a bool, a null or a number.
WORDS = ("on", "yes", "n", "null", "true", "payments", "pay-eu", "root", "e5")
LABELS = (*WORDS, "123", "0x1f", "1e3", "2026-11-20", "0123")
HOSTS = ("pay.example.com", "1.e5", "0.x.y", "www.customer-a.com")
TENANTS = ("customer-a", "customer-b", "on")
ENVIRONMENTS = ("prod", "staging", "no", "root")

names = st.sampled_from(WORDS)
labels = st.sampled_from(LABELS)
prefixes = st.from_regex(r"(/[a-z0-9-]{1,8}){1,3}", fullmatch=True)


def some(items: tuple[str, ...], at_least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(items), min_size=at_least, unique=True).map(tuple)


def _named(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: replace(value, name=name) for name, value in found.items()}


entries = st.builds(
    Entry,
    host=st.sampled_from(HOSTS),
    target=st.sampled_from(("ingress-nginx", "ingress-nginx", "gateway")),
    ingress_class=st.sampled_from(("nginx", "public.example", "on")),
)
environments = st.builds(
    Environment,
    name=names,
    cluster=st.sampled_from(("gke-prod", "in-cluster", "on")),
    entry=entries,
    sync=st.sampled_from(("auto", "manual")),
    revision=st.sampled_from(("refs/heads/main", "refs/tags/v1.0")),
    approval_by=st.sampled_from(("team", "platform", "none")),
)
routes = st.builds(
    Route,
    prefix=prefixes,
    service=labels,
    port=st.integers(1, 65535),
    strip_prefix=st.booleans(),
    legacy_hosts=some(HOSTS),
    legacy=st.sampled_from(("generated", "base")),
    phase=st.dictionaries(st.sampled_from(ENVIRONMENTS), st.sampled_from(Phase)),
)
apis = st.builds(
    Api,
    name=names,
    tenant=st.sampled_from(TENANTS),
    team=names,
    lifecycle=st.sampled_from(Lifecycle),
    delivery=st.sampled_from(Delivery),
    environments=st.dictionaries(
        st.sampled_from((*ENVIRONMENTS, "gone")),
        st.builds(Placement, namespace=labels, manage=st.sampled_from(("full", "none"))),
    ),
    routes=st.lists(routes, max_size=3).map(tuple),
)
teams = st.builds(
    Team,
    name=names,
    github=st.sampled_from((None, "acme/on")),
    tenants=some(TENANTS),
    members=st.lists(st.builds(Member, login=st.sampled_from(("kim", "build[bot]"))), max_size=2).map(tuple),
)
platforms = st.builds(
    Platform,
    read=st.just(True),
    repository=st.sampled_from(("https://git.example/acme/config.git", "git@git.example:acme/config.git")),
    argocd_namespace=labels,
    argocd_version=st.sampled_from(("3.1", "3.2", "3.10")),
    ownership_label=st.sampled_from(("platform/api-name", "y", "123")),
    components=some(("pre-stop", "on", "null")),
    ingress_from=some(LABELS),
    quota=st.dictionaries(
        st.sampled_from(("pods", "requests.cpu", "limits.cpu", "limits.memory")), st.sampled_from(("40", "1e3", "8Gi"))
    ),
    environments=st.dictionaries(st.sampled_from(ENVIRONMENTS), environments).map(_named),
)


repos = st.builds(
    Repo,
    tree=st.just(tree_of({})),
    platform=platforms,
    platform_team=names,
    teams=st.dictionaries(names, teams).map(_named),
    apis=st.dictionaries(names, apis, max_size=6).map(_named),
)

"""Namespaces that the platform manages, each with its quota, default limits and NetworkPolicy in one file."""

from collections.abc import Iterable
from typing import Any

from onboarding_tool.generators.layout import METADATA, Tenants, Texts, block, header, keep, namespaces_folder, scalar
from onboarding_tool.generators.projects import MANAGED_BY, PROTECTED
from onboarding_tool.model import PLATFORM_FILE, Api, Environment, Platform

TENANT_LABEL = "onboarding/tenant"
DEFAULT_REQUESTS = {"cpu": "100m", "memory": "128Mi"}
DEFAULT_LIMITS = {"cpu": "500m", "memory": "512Mi"}


def files(platform: Platform, environment: Environment, tenants: Tenants) -> Texts:
    """A file for each namespace with `manage: full`; those of removed APIs stay, since others may live there."""
    bounds = _bounds(platform)
    for tenant, apis in tenants.items():
        folder = namespaces_folder(environment.name, tenant)
        names = _managed(environment, apis)
        if not names:
            yield keep(folder)
        for name in names:
            yield f"{folder}/{name}.yaml", _namespace(tenant, name) + "".join(_bound(name, *bound) for bound in bounds)


def _managed(environment: Environment, apis: Iterable[Api]) -> list[str]:
    placements = (api.environments[environment.name] for api in apis)
    return sorted({placement.namespace for placement in placements if placement.manage == "full"})


def _namespace(tenant: str, name: str) -> str:
    return f"""\
{header(PLATFORM_FILE, METADATA)}apiVersion: v1
kind: Namespace
metadata:
  name: {scalar(name)}
  labels:
    {MANAGED_BY}
    {TENANT_LABEL}: {scalar(tenant)}
  annotations:
    {PROTECTED}
"""


def _bounds(platform: Platform) -> list[tuple[str, str, str, str]]:
    """apiVersion, kind, name and spec of what bounds every namespace alike."""
    kinds = (
        ("v1", "ResourceQuota", "onboarding-quota", {"hard": dict(sorted(platform.quota.items()))}),
        ("v1", "LimitRange", "onboarding-limits", {"limits": [_container_limits(platform)]}),
        ("networking.k8s.io/v1", "NetworkPolicy", "onboarding-ingress", _ingress_only_from(platform)),
    )
    return [(version, kind, name, block(spec, 2)) for version, kind, name, spec in kinds]


def _bound(namespace: str, version: str, kind: str, name: str, spec: str) -> str:
    return f"""\
---
apiVersion: {version}
kind: {kind}
metadata:
  name: {name}
  namespace: {scalar(namespace)}
  annotations:
    {PROTECTED}
spec:
{spec}
"""


def _container_limits(platform: Platform) -> dict[str, Any]:
    """Under a quota a container that says nothing is refused; default limits only where the quota asks for limits."""
    limits = {name: value for name, value in DEFAULT_LIMITS.items() if f"limits.{name}" in platform.quota}
    return {"type": "Container", "defaultRequest": DEFAULT_REQUESTS, **({"default": limits} if limits else {})}


def _ingress_only_from(platform: Platform) -> dict[str, Any]:
    neighbours = [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
        for namespace in sorted(platform.ingress_from)
    ]
    return {
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {}}, *neighbours]}],
    }

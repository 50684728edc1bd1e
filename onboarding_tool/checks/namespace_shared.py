"""A namespace of a cluster belongs to one tenant and to one environment.

APIs in one namespace read each other's settings and secrets and share one quota, so only APIs of one tenant may live
together. Two environments on one cluster need two namespaces, or a release to staging would change prod. A removed API
keeps its namespace: what it left behind may still be there.

Bad:

    # apps/payments/metadata.yaml
    tenant: customer-a
    environments:
      prod: {namespace: backend}
    # apps/orders/metadata.yaml
    tenant: customer-b
    environments:
      prod: {namespace: backend}

Good:

    # apps/orders/metadata.yaml
    tenant: customer-b
    environments:
      prod: {namespace: orders}

Fix: give one of the two another namespace. Common habits are the API's name, and the API's name with the environment's
where environments share a cluster.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo

RULE = "namespace-shared"
SCOPE = Scope.METADATA
NEEDS = POLICY


@dataclass(frozen=True, slots=True)
class Use:
    """One API in one environment."""

    api: Api
    environment: str


def check(repo: Repo) -> Iterator[Finding]:
    for (cluster, namespace), uses in _uses(repo).items():
        first, seen = uses[0], {(uses[0].api.tenant, uses[0].environment)}
        for use in uses[1:]:
            # One finding for each tenant and environment that is too many, not one for each of its APIs.
            whose = (use.api.tenant, use.environment)
            if whose not in seen:
                seen.add(whose)
                yield _finding(repo, f"the namespace {namespace!r} of the cluster {cluster}", use, first)


def _uses(repo: Repo) -> Mapping[tuple[str, str], list[Use]]:
    """Who lives in each (cluster, namespace), in the order of the APIs' names."""
    found: dict[tuple[str, str], list[Use]] = defaultdict(list)
    for api in repo.apis.values():
        for name, placement in api.environments.items():
            environment = repo.platform.environments.get(name)
            if environment and placement.namespace and api.tenant:
                found[environment.cluster, placement.namespace].append(Use(api, name))
    return found


def _finding(repo: Repo, namespace: str, use: Use, first: Use) -> Finding:
    at = ("environments", use.environment, "namespace")
    if use.api.tenant != first.api.tenant:
        message = f"{use.api.name}: {namespace} is used by {first.api.name} of the tenant {first.api.tenant!r} already"
        hint = f"Only APIs of one tenant may share a namespace: choose another one for {use.api.tenant}."
    else:
        message = f"{use.api.name}: {namespace} is used in two environments, {first.environment} and {use.environment}"
        hint = f"Environments on one cluster may not share a namespace: for example `{use.api.name}-{use.environment}`."
    return repo.finding(RULE, use.api.path, message, hint, at=at)

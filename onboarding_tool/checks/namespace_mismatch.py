"""An overlay, and every object, names no other namespace than metadata.yaml declares for the environment.

The namespace decides whose quota, secrets and network policy apply, so it is declared once, where the platform team
approves it.

Bad:

    # apps/payments/metadata.yaml
    environments:
      prod: {namespace: payments}

    # apps/payments/overlays/prod/kustomization.yaml
    namespace: payment

    # apps/payments/base/service.yaml
    metadata:
      name: payments
      namespace: payments-prod

Good:

    # apps/payments/overlays/prod/kustomization.yaml
    namespace: payments

    # apps/payments/base/service.yaml
    metadata:
      name: payments

Fix: correct the overlay's `namespace`, or delete it: the declared one is set anyway. Delete `metadata.namespace`
from the manifests of the base, which serves all environments.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import Place, Source, living, of_api
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo

RULE = "namespace-mismatch"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for source in of_api(api):
            yield from _of_overlay(repo, api, source)
            for item in source.kustomization.objects:
                yield from _of_object(repo, api, source, item)


def _of_overlay(repo: Repo, api: Api, source: Source) -> Iterator[Finding]:
    named, declared = source.kustomization.value.get("namespace"), _declared(api, source)
    if named is not None and declared and named != declared:
        message = f"{api.name}: {api.path} says {declared!r} for {source.environment}, and this overlay says {named!r}"
        hint = f"Write `namespace: {declared}`, or delete the line: the declared namespace is set anyway."
        yield repo.finding(RULE, source.kustomization.path, message, hint, at=("namespace",))


def _of_object(repo: Repo, api: Api, source: Source, item: Object) -> Iterator[Finding]:
    named, declared = item.get("metadata", "namespace"), _declared(api, source)
    if named is None or (declared and named == declared):
        return
    if source.place is Place.OVERLAY and not declared:
        return  # the rule overlay-undeclared speaks of it
    where = f"outside {declared!r}" if declared else "in a base, which serves all environments"
    message = f"{api.name}: {item.kind} {item.name!r} is put into the namespace {named!r}, {where}"
    hint = "Delete `metadata.namespace`: the namespace that metadata.yaml declares is set anyway."
    yield repo.finding(RULE, item.path, message, hint, at=(*item.at, "metadata", "namespace"), document=item.document)


def _declared(api: Api, source: Source) -> str:
    """The namespace that metadata.yaml gives an overlay's environment; "" for a base."""
    placement = api.environments.get(source.environment)
    return placement.namespace if placement else ""

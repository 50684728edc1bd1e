"""What is delivered consists of kinds of objects that an API may have.

Other kinds run programs that nobody declared, or reach beyond the API: to rights, to the cluster, to other APIs. The
rule `kind-forbidden` judges what the files of base and overlay write; this one says what it could not see: what
patches and generators make, and what the platform's components add to an API.

Bad:

    # components/debug/kustomization.yaml
    resources: [toolbox.yaml]   # kind: Pod

Good:

    # components/pre-stop/kustomization.yaml
    patches: [...]              # changes the Deployment that is there

Fix: take the object out of the component, patch or generator that makes it. What has to exist once for a cluster or a
namespace does not belong to an API: the platform team provides it.
"""

from collections.abc import Iterator, Sequence

from onboarding_tool.checks import kustomization_field_forbidden, patch_changes_image
from onboarding_tool.checks.facts.rendered import (
    fault,
    identity,
    in_generated,
    in_overlays,
    is_said,
    named,
    renders,
    written,
)
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.kinds import TENANT_KINDS
from onboarding_tool.model import Api, Object, Repo

RULE = "rendered-kind-forbidden"
SCOPE = Scope.API
NEEDS = RENDERED


def check(repo: Repo) -> Iterator[Finding]:
    def of_platform(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        """What the overlay makes already is judged there."""
        overlay = renders(repo).overlay.get((api.name, environment))
        own = {identity(item) for item in overlay.objects} if overlay else set()
        for item in objects:
            if identity(item) not in own and not _is_allowed(item):
                hint = "Take it out of the component in components/ that adds it."
                problem = f"the platform adds a {_kind(item)}, which an API may not have: {named(item)}"
                yield fault(api, environment, item, ("kind",), problem, hint)

    def of_tenant(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        known = written(api, environment)
        found = [item for item in objects if not _is_allowed(item) and identity(item) not in known]
        if found and not is_said(repo, api, kustomization_field_forbidden, patch_changes_image):
            for item in found:
                hint = "Take out the patch or generator that makes it, or ask the platform team."
                problem = f"the overlay's render has a {_kind(item)}, which an API may not have: {named(item)}"
                yield fault(api, environment, item, ("kind",), problem, hint)

    yield from in_overlays(repo, RULE, of_tenant)
    yield from in_generated(repo, RULE, of_platform)


def _is_allowed(item: Object) -> bool:
    """A Secret with data is judged by `rendered-secret-in-plaintext`, whose way out is another."""
    is_told = item.kind == "Secret" and (item.get("data") or item.get("stringData"))
    return (item.group, item.kind) in TENANT_KINDS or bool(is_told)


def _kind(item: Object) -> str:
    return f"{item.kind} of {item.group}" if item.group else item.kind

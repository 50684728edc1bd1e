"""Nothing that is delivered is a Secret with its data.

A Secret that a generator, a patch or a component makes was in the repository before, readable for everyone and kept in
its history. The rule `secret-in-plaintext` judges what the files of base and overlay write as a Secret; this one says
what came out as a Secret and was not written as one.

Bad:

    # components/registry/kustomization.yaml
    resources: [pull-secret.yaml]   # kind: Secret, with .dockerconfigjson

Good:

    # components/registry/kustomization.yaml
    resources: [pull-secret.yaml]   # kind: ExternalSecret

Fix: change the secret, since it must count as known. Put the new one into the secret store and name it in an
ExternalSecret.
"""

from collections.abc import Iterator, Sequence

from onboarding_tool.checks import kustomization_field_forbidden
from onboarding_tool.checks.facts.rendered import fault, identity, in_delivered, is_said, named, written
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.checks.secret_in_plaintext import HINT
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, mapping
from onboarding_tool.wording import listed

RULE = "rendered-secret-in-plaintext"
SCOPE = Scope.API
NEEDS = RENDERED


def check(repo: Repo) -> Iterator[Finding]:
    def judge(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        known = {identity(item) for item in written(api, environment).values() if _names(item)}
        found = [item for item in objects if _names(item) and identity(item) not in known]
        if found and not is_said(repo, api, kustomization_field_forbidden):
            for item in found:
                problem = f"the {named(item)} holds {listed(_names(item))} for everyone to read"
                yield fault(api, environment, item, ("kind",), problem, HINT)

    yield from in_delivered(repo, RULE, judge)


def _names(item: Object) -> list[str]:
    """Only the names of what a Secret holds: the values must not spread into logs."""
    held = {**mapping(item.get("data")), **mapping(item.get("stringData"))}
    return sorted(map(str, held)) if (item.group, item.kind) == ("", "Secret") else []

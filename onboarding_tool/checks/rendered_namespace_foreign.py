"""Every object that is delivered ends in the namespace that metadata.yaml declares.

The namespace decides whose quota, secrets and network policy apply. The folder that Argo CD reads puts all objects into
the declared one; what still names another came by a way that the rule `namespace-mismatch` does not see in the files.
That is judged on the overlay too: an API that Argo CD does not deliver has nothing else.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml
    patches:
      - target: {kind: Service, name: payments}
        patch: '[{op: add, path: /metadata/namespace, value: orders}]'

Good:

    # apps/payments/metadata.yaml
    environments:
      prod: {namespace: payments}

Fix: take out the patch; run `onboard generate` if the finding is about the folder below generated/.
"""

from collections.abc import Iterator, Sequence

from onboarding_tool.checks import namespace_mismatch
from onboarding_tool.checks.facts.rendered import fault, in_generated, in_overlays, is_said, named, namespace_of
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo

RULE = "rendered-namespace-foreign"
SCOPE = Scope.API
NEEDS = RENDERED

AT = ("metadata", "namespace")


def check(repo: Repo) -> Iterator[Finding]:
    def judge(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
        declared = api.environments[environment].namespace
        foreign = [item for item in objects if namespace_of(item) not in ("", declared)]
        if declared and foreign and not is_said(repo, api, namespace_mismatch):
            for item in foreign:
                problem = f"{named(item)} ends in the namespace {namespace_of(item)!r}, outside {declared!r}"
                hint = "Take out what puts it there: the namespace that metadata.yaml declares is set anyway."
                yield fault(api, environment, item, AT, problem, hint)

    yield from in_overlays(repo, RULE, judge)
    yield from in_generated(repo, RULE, judge)

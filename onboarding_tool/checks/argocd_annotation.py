"""No object of an API carries annotations or labels that steer Argo CD.

With them an object could be left out of what is compared, run before everything else, be deleted and made anew on
each delivery, or stay behind for good. How an API is delivered is generated from metadata.yaml and approved there.
Argo CD also takes `helm.sh/hook` annotations for its own.

Bad:

    metadata:
      name: payments
      annotations:
        argocd.argoproj.io/compare-options: IgnoreExtraneous

Good:

    metadata:
      name: payments

Fix: delete the annotation. If the API cannot be delivered without it, ask the platform team.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.stated import annotations, labels
from onboarding_tool.checks.facts.written import living, of_api
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "argocd-annotation"
SCOPE = Scope.API
NEEDS = NOTHING

DOMAIN = "argocd.argoproj.io"
HOOKS = ("helm.sh/hook", "helm.sh/hook-weight", "helm.sh/hook-delete-policy")


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for source in of_api(api):
            for kind, stated in (("annotation", annotations), ("label", labels)):
                for one in stated(repo, source.kustomization):
                    if steers(one.name):
                        message = f"{api.name}: the {kind} {one.name!r} steers Argo CD"
                        hint = "Delete it; how an API is delivered is generated from metadata.yaml."
                        yield repo.finding(RULE, one.path, message, hint, at=one.at, document=one.document, key=True)


def steers(name: str) -> bool:
    """Whether Argo CD takes an annotation or a label of this name for an instruction."""
    domain = name.partition("/")[0]
    return domain == DOMAIN or domain.endswith("." + DOMAIN) or name in HOOKS

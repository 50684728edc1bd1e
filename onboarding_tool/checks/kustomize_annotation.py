"""No object and no patch of an API carries annotations that steer kustomize.

`config.kubernetes.io/local-config` leaves the object out, although its file is there and listed; annotations of
kustomize's own let a patch rename an object. Both make what runs differ from what the files say.

Bad:

    metadata:
      name: payments
      annotations:
        config.kubernetes.io/local-config: "true"

Good:

    metadata:
      name: payments

Fix: delete the annotation. An object that must not be delivered is not listed under `resources:`.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.stated import annotations
from onboarding_tool.checks.facts.written import living, of_api
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "kustomize-annotation"
SCOPE = Scope.API
NEEDS = NOTHING

DOMAINS = ("internal.config.kubernetes.io", "kustomize.config.k8s.io")
# Others of this domain only tell where an object came from.
NAMES = ("config.kubernetes.io/local-config", "config.kubernetes.io/function")


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for source in of_api(api):
            for one in annotations(repo, source.kustomization):
                if one.name in NAMES or one.name.partition("/")[0] in DOMAINS:
                    message = f"{api.name}: the annotation {one.name!r} steers kustomize"
                    hint = "Delete it; what must not be delivered is not listed under `resources:`."
                    yield repo.finding(RULE, one.path, message, hint, at=one.at, document=one.document, key=True)

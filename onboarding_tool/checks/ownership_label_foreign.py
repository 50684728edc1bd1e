"""The ownership label, where it is written at all, says the API's own name.

The platform stamps the label (`ownership_label` in platform.yaml, by default `platform/api-name`) on every object
to tell whose it is: who is called, and who pays. Another value would put the blame on another API; in a selector it
would send this API's traffic to another API's pods.

Bad:

    # apps/payments/base/deployment.yaml
    metadata:
      labels:
        platform/api-name: orders

Good:

    metadata:
      name: payments

Fix: delete the label: it is added to every object when the API is delivered.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.stated import labels
from onboarding_tool.checks.facts.written import living, of_api
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "ownership-label-foreign"
SCOPE = Scope.API
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    name = repo.platform.ownership_label
    for api in living(repo):
        for source in of_api(api):
            for label in labels(repo, source.kustomization):
                if label.name == name and label.value != api.name:
                    message = f"{api.name}: the label {name!r} is {label.value!r} here, and this is {api.name!r}"
                    hint = "Delete the label: it is added to every object when the API is delivered."
                    yield repo.finding(RULE, label.path, message, hint, at=label.at, document=label.document)

"""No Secret stands in the repository with its data.

base64 is no encryption. Whoever can read the repository can read the secret, and its history keeps it for good,
after the file is deleted too.

Bad:

    # apps/payments/base/secret.yaml
    kind: Secret
    data:
      password: aHVudGVyMg==

Good:

    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: payments-db
    spec:
      secretStoreRef: {kind: SecretStore, name: payments}
      target: {name: payments-db}
      data:
        - secretKey: password
          remoteRef: {key: payments-db-password}

Fix: change the secret, since it must count as known. Put the new one into the secret store and name it in an
ExternalSecret, or have the platform team create the Secret in the cluster; the Deployment refers to it by name as
before.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living, objects
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo, mapping
from onboarding_tool.wording import listed

RULE = "secret-in-plaintext"
SCOPE = Scope.API
NEEDS = NOTHING

HINT = (
    "Change the secret, since it must count as known; keep the new one in the secret store and name it in an "
    "ExternalSecret, or have the platform team create the Secret in the cluster."
)


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for item in objects(api):
            for field in ("data", "stringData"):
                if item.kind == "Secret" and item.get(field):
                    # Only the names: the values must not spread into logs.
                    names = listed(mapping(item.get(field)), "its value")
                    message = f"{api.name}: the Secret {item.name!r} holds {names} in plain text"
                    at = (*item.at, field)
                    yield repo.finding(RULE, item.path, message, HINT, at=at, document=item.document, key=True)

"""Each environment that metadata.yaml lists has an overlay.

The overlay says what is particular to the environment: its namespace and the image version that runs there. Without
it nothing of the API can be delivered to that environment.

Bad:

    # apps/payments/metadata.yaml, and there is no apps/payments/overlays/prod/kustomization.yaml
    environments:
      prod: {namespace: payments}

Good:

    # apps/payments/overlays/prod/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    namespace: payments
    resources:
      - ../../base
    images:
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: v1.9.3

Fix: write the overlay; copying the one of another environment and changing namespace and tag is a good start. If
the API does not run in that environment, delete the environment from metadata.yaml.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "overlay-missing"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for name in api.environments:
            if name not in api.overlays:
                path = f"{api.overlay_folder(name)}/kustomization.yaml"
                message = f"{api.name}: there is no overlay for the environment {name!r}: {path} is missing"
                hint = f"Write {path}, or delete {name!r} from the environments of metadata.yaml."
                yield repo.finding(RULE, api.path, message, hint, at=("environments", name), key=True)

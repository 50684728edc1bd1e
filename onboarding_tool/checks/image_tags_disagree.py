"""Containers whose manifests write the same repository write the same tag and digest.

kustomize knows an image by its repository: one entry of the overlay's `images:` moves every container that writes
it. Two tags under one name look like two versions, and the next release makes one of them.

Bad:

    # apps/payments/base/deployment.yaml
    - name: app
      image: europe-docker.pkg.dev/acme/payments/app:v1.9.3
    - name: migrate
      image: europe-docker.pkg.dev/acme/payments/app:v1.8.0

Good:

    - name: app
      image: europe-docker.pkg.dev/acme/payments/app
    - name: migrate
      image: europe-docker.pkg.dev/acme/payments/app

To move them separately, one gets a name of its own:

    # apps/payments/base/deployment.yaml
    - name: app
      image: europe-docker.pkg.dev/acme/payments/app
    - name: migrate
      image: payments-migrate

    # apps/payments/overlays/prod/kustomization.yaml
    images:
      - name: payments-migrate
        newName: europe-docker.pkg.dev/acme/payments/app
        newTag: v1.8.0

Fix: write the repository without a tag and let the overlay's `images:` say the version; give containers that move
separately names of their own, as above.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.effective import as_written, named, running
from onboarding_tool.checks.facts.written import Fault, faults
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo
from onboarding_tool.slots import Running

RULE = "image-tags-disagree"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from faults(repo, RULE, _disagreeing)


def _disagreeing(api: Api, environment: str) -> Iterator[Fault]:
    first: dict[str, Running] = {}
    for one in running(api, environment):
        other = first.setdefault(one.written.name, one)
        if one.written != other.written:
            problem = (
                f"the {named(one)} is written {str(one.written)!r} and the {named(other)} {str(other.written)!r}, "
                "and one image entry moves both"
            )
            hint = "Write both without a tag; or give one a name of its own, and `newName` in the overlay's `images:`."
            yield as_written(one, problem, hint)

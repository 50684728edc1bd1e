"""Each container runs an image of the repository that metadata.yaml declares for it.

The platform team approves the repository once, in metadata.yaml. Another one, in a manifest or as `newName` of an
overlay, would run somebody else's program with this API's secrets.

Bad:

    # apps/payments/metadata.yaml
    - {name: app, image: europe-docker.pkg.dev/acme/payments/app}

    # apps/payments/base/deployment.yaml
    - name: app
      image: europe-docker.pkg.dev/acme/orders/app:v7

Good:

    - name: app
      image: europe-docker.pkg.dev/acme/payments/app:v1.9.3

Fix: correct the image, or declare the other repository in metadata.yaml, which the platform team approves. Docker
Hub's short names are compared written out: redis is docker.io/library/redis.
"""

from collections.abc import Iterator

from onboarding_tool import images, slots
from onboarding_tool.checks.facts.effective import REPOSITORY, fault, named, running
from onboarding_tool.checks.facts.written import Fault, faults
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo

RULE = "image-repository-mismatch"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from faults(repo, RULE, _mismatches)


def _mismatches(api: Api, environment: str) -> Iterator[Fault]:
    for one in running(api, environment):
        declared = slots.declared_image(api, one.deployment, one.container)
        if declared and not images.same_repository(declared, one.image.name):
            problem = f"the {named(one)} runs {one.image.name!r}, and metadata.yaml declares {declared!r}"
            hint = f"Use an image of {declared}, or declare the other repository in metadata.yaml."
            yield fault(api, environment, one, REPOSITORY, problem, hint)

"""Each image that runs has a tag or a digest.

Without one the cluster takes whatever the registry calls latest at that moment: two pods of one Deployment can run
two versions, and nobody can tell which version was live.

Bad:

    # apps/payments/base/deployment.yaml, and no overlay says a tag
    - name: app
      image: europe-docker.pkg.dev/acme/payments/app

Good:

    # apps/payments/overlays/prod/kustomization.yaml
    images:
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: v1.9.3

Fix: `onboard bump API ENVIRONMENT IMAGE` writes the entry into the overlay. `name` must be the repository exactly
as the manifest writes it.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.effective import as_written, named, running
from onboarding_tool.checks.facts.written import Fault, faults
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo

RULE = "image-tag-missing"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from faults(repo, RULE, _without_version)


def _without_version(api: Api, environment: str) -> Iterator[Fault]:
    for one in running(api, environment):
        if not one.image.tag and not one.image.digest:
            problem = f"the {named(one)} runs {str(one.image)!r} without tag or digest"
            hint = (
                "Add an entry for it to `images:` of the overlay: "
                f"`onboard bump {api.name} {environment} {one.image.name}:TAG --deployment {one.deployment} "
                f"--container {one.container}`."
            )
            yield as_written(one, problem, hint)

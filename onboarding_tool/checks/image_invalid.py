"""Each container has an image that can be pulled: a repository, and a tag and a digest of the right form.

kustomize puts any text together without looking, and the error then shows only as pods that do not start.

Bad:

    # apps/payments/base/deployment.yaml
    - name: app
      image: europe-docker.pkg.dev/acme/Payments/app:${VERSION}

Good:

    - name: app
      image: europe-docker.pkg.dev/acme/payments/app:v1.9.3

Fix: write the repository in lower case, a tag of letters, digits, `_`, `.` and `-`, and a digest as `sha256:` and
64 hexadecimal digits. Variables are not filled in: the version that runs is said by the overlay's `images:`.
"""

from collections.abc import Iterator

from onboarding_tool import images, slots
from onboarding_tool.checks.facts.effective import REPOSITORY, VERSION, as_written, fault, named
from onboarding_tool.checks.facts.written import Fault, faults
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo
from onboarding_tool.slots import Running

RULE = "image-invalid"
SCOPE = Scope.API
NEEDS = NOTHING

HINT = "An image is repository:tag, repository@sha256:digest, or repository:tag@sha256:digest."


def check(repo: Repo) -> Iterator[Finding]:
    yield from faults(repo, RULE, _invalid)


def _invalid(api: Api, environment: str) -> Iterator[Fault]:
    for one in slots.running(api, environment):
        if not one.written.name:
            yield as_written(one, f"the {named(one)} has no image", HINT)
        elif problem := images.problem(one.written):
            yield as_written(one, f"the image {str(one.written)!r} of the {named(one)} cannot be: {problem}", HINT)
        elif problem := images.problem(one.image):
            problem = f"the image {str(one.image)!r} of the {named(one)} cannot be: {problem}"
            yield fault(api, environment, one, _part(one), problem, HINT)


def _part(one: Running) -> tuple[str, ...]:
    """The field of the image entry that is to blame."""
    if not images.NAME.fullmatch(one.image.name):
        return REPOSITORY
    is_tag = one.image.tag is not None and not images.TAG.fullmatch(one.image.tag)
    return VERSION[:1] if is_tag else VERSION[1:]

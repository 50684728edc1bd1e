"""Each image that runs is pinned by its digest, where platform.yaml says so.

A tag can be pushed again with other content; a digest is the content. With `images: {require: digest}` the platform
team asks for it.

Bad:

    images:
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: v1.9.3

Good:

    images:
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: v1.9.3
        digest: sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a

Fix: ask the registry for the digest (`docker buildx imagetools inspect IMAGE` prints it), and request the release
as `repository:tag@sha256:...`.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.effective import VERSION, fault, named, running
from onboarding_tool.checks.facts.written import Fault, faults
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo

RULE = "image-digest-required"
SCOPE = Scope.API
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    if repo.platform.require == "digest":
        yield from faults(repo, RULE, _without_digest)


def _without_digest(api: Api, environment: str) -> Iterator[Fault]:
    for one in running(api, environment):
        if not one.image.digest:
            problem = f"the {named(one)} runs {str(one.image)!r}, and platform.yaml requires a digest"
            hint = f"Write {one.image}@sha256:... with the digest that the registry gives for it."
            yield fault(api, environment, one, VERSION, problem, hint)

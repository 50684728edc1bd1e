"""A release request asks for an image that the platform's policy allows.

platform.yaml says where images come from and how their versions are named: from below one of `registries`, with a tag
that is not one of `images.forbidden_tags`, and with a digest where `images.require` is `digest`. A tag that moves, such
as latest, would make the release record say nothing; a digest beside it does not help whoever reads the tag.

Bad:

    # apps/payments/requests/prod/2026-11-20-latest-3f9c.yaml
    target_image: europe-docker.pkg.dev/acme/payments/app:latest

Good:

    target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0

Fix: tag the image with its version in the pipeline that builds it, and ask for that tag. Where a digest is required,
ask for `repository:tag@sha256:...`; `docker buildx imagetools inspect IMAGE` prints the digest.
"""

from collections.abc import Iterator

from onboarding_tool import images
from onboarding_tool.checks.facts.asked import Objection, findings
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Platform, Repo, Request
from onboarding_tool.wording import listed

RULE = "request-image-forbidden"
SCOPE = Scope.API
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(repo: Repo, _: Api, request: Request) -> Iterator[Objection]:
    image = images.parse(request.get("target_image"))
    if image.name and images.problem(image) is None:
        yield from against(repo.platform, image)


def against(platform: Platform, image: Image) -> Iterator[Objection]:
    """What platform.yaml has against an image."""
    if not images.is_below(image.name, platform.registries):
        problem = f"{image.name!r} is not below a registry that platform.yaml allows: {listed(platform.registries)}"
        yield _objection(problem, "Push it to a registry that is allowed; the platform team can add one.")
    if image.tag in platform.forbidden_tags:
        problem = f"the tag {image.tag!r} moves, so nobody could tell later what was released"
        yield _objection(problem, f"Ask for the tag of one version. Refused: {listed(platform.forbidden_tags)}.")
    if platform.require == "digest" and not image.digest:
        problem = f"{image} has no digest, and platform.yaml requires one"
        yield _objection(problem, f"Ask for {image}@sha256:... with the digest that the registry gives for it.")
    elif not image.tag and not image.digest:
        yield _objection(f"{image} has neither tag nor digest", f"Ask for one version: {image}:TAG.")


def _objection(problem: str, hint: str) -> Objection:
    return Objection("target_image", problem, hint)

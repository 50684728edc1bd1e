"""A release request names no other digest under a tag than the one that this API ran under it before.

Who reads a request or a record reads the tag; what runs is what the digest says. When staging ran one image as v2.0.0
and prod is asked to run another one by that name, either the tag was moved in the registry, or the digest is that of a
version that nobody tested. Known are the digests that the API's overlays declare, in any environment, and those of its
release records. A rollback may go back to either.

Bad:

    # apps/payments/overlays/staging/kustomization.yaml
    images:
      - name: europe-docker.pkg.dev/acme/payments/app
        newTag: v2.0.0
        digest: sha256:1f3c...

    # apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0@sha256:9b07...

Good:

    target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0@sha256:1f3c...

Fix: ask for the digest that was tested; a build that differs gets a tag of its own.
"""

from collections.abc import Iterator

from onboarding_tool import images, slots
from onboarding_tool.checks.facts.asked import Objection, findings
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Repo, Request, text

RULE = "request-digest-disagrees"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(_: Repo, api: Api, request: Request) -> Iterator[Objection]:
    if not request.get("rollback_of"):
        yield from against(api, images.parse(request.get("target_image")))


def against(api: Api, image: Image) -> Iterator[Objection]:
    """What speaks against calling this image by its tag."""
    if not image.tag or not image.digest:
        return
    known: dict[str, str] = {}
    for digest, where in _known(api, image):
        known.setdefault(digest, where)
    if known and image.digest not in known:
        digest, where = list(known.items())[-1]
        asked, ran = (one[: images.SHORT_DIGEST] for one in (image.digest, digest))
        problem = f"{image.tag} is {asked}... here, and {ran}... {where}"
        hint = f"Ask for the image that ran: {image.name}:{image.tag}@{digest}. Another build gets another tag."
        yield Objection("target_image", problem, hint)


def _known(api: Api, image: Image) -> Iterator[tuple[str, str]]:
    """(digest, where) of what this API ran under the tag: as records tell, and as is declared."""
    for one, where in _run(api):
        if one.digest and one.tag == image.tag and images.same_repository(one.name, image.name):
            yield one.digest, where


def _run(api: Api) -> Iterator[tuple[Image, str]]:
    for record in api.records:
        if record.decision == "applied":
            release = f"the release {record.id[:16]} to {record.environment}"
            yield images.parse(text(record.value.get("old_image"))), f"before {release}"
            yield images.parse(text(record.value.get("new_image"))), f"in {release}"
    for environment in api.environments:
        yield from ((running.image, f"in {environment}") for running in slots.running(api, environment))

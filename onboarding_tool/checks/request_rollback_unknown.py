"""A rollback names the release that it takes back, and goes to an image that ran before it.

`rollback_of` is the id of a release record. It must be an applied release of the same API, environment and slot, and
`target_image` must be an image that the slot had before that release, as the records tell. So a rollback brings back
what is known, and the audit finds both ends of it.

Bad:

    # apps/payments/requests/prod/2026-11-21-v1-9-3-77aa.yaml
    target_image: europe-docker.pkg.dev/acme/payments/app:v3.0.0    # never ran in prod
    rollback_of: c311ff5c6d66ae65

Good:

    target_image: europe-docker.pkg.dev/acme/payments/app:v1.9.3    # old_image of that record
    rollback_of: c311ff5c6d66ae65

Fix: look into apps/API/releases/ENVIRONMENT/ for the record and its `old_image`, and
`onboard request API ENVIRONMENT OLD_IMAGE --rollback-of ID`. A version that never ran is no rollback: leave
`rollback_of` out.
"""

from collections.abc import Iterator

from onboarding_tool import images
from onboarding_tool.checks.facts.asked import Objection, findings, same_version
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Record, Repo, Request, mapping, sequence, text
from onboarding_tool.wording import listed

RULE = "request-rollback-unknown"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(_: Repo, api: Api, request: Request) -> Iterator[Objection]:
    if undone := request.get("rollback_of"):
        member = request.get("deployment"), request.get("container")
        yield from against(api, request.environment, member, images.parse(request.get("target_image")), undone)


def against(api: Api, environment: str, member: tuple[str, str], target: Image, taken_back: str) -> Iterator[Objection]:
    """What speaks against taking a release back; `member` is the (deployment, container) that is asked for."""
    releases = [one for one in api.records_in(environment) if one.decision == "applied" and moved(one, member)]
    undone = next((one for one in releases if len(taken_back) >= 16 and one.id.startswith(taken_back)), None)
    if undone is None:
        problem = f"{taken_back} is no release of {'/'.join(member)} that was applied in {environment}"
        hint = f"`rollback_of` is the `id` of a record below {api.folder}/releases/{environment}/."
        yield Objection("rollback_of", problem, hint)
        return
    known = _images_before(releases, undone)
    if not any(same_version(target, images.parse(image)) for image in known):
        problem = f"{target} did not run in {environment} before the release {taken_back[:16]}"
        hint = f"It ran {listed(known)}. A version that never ran is no rollback: leave `rollback_of` out."
        yield Objection("target_image", problem, hint)


def moved(record: Record, member: tuple[str, str]) -> bool:
    """Whether the release that a record tells of changed this (deployment, container)."""
    slot = (mapping(item) for item in sequence(record.value.get("slot")))
    return member in ((text(item.get("deployment")), text(item.get("container"))) for item in slot)


def _images_before(releases: list[Record], undone: Record) -> list[str]:
    """What the slot had until a release, the latest first."""
    earlier = [one for one in releases if one.seq < undone.seq]
    told = [undone.value.get("old_image")]
    for one in reversed(earlier):
        told += [one.value.get("new_image"), one.value.get("old_image")]
    return list(dict.fromkeys(text(image) for image in told if image))

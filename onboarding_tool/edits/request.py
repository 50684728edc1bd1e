"""A release request: the file that asks for one image in one slot, with everything filled in that is declared."""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from onboarding_tool import images, schema, slots, yamltext
from onboarding_tool.checks import (
    request_decided_already,
    request_digest_disagrees,
    request_image_forbidden,
    request_not_accepted,
    request_not_added_alone,
    request_rollback_unknown,
    request_target_mismatch,
)
from onboarding_tool.checks.facts.asked import Objection, meant, position, same_image
from onboarding_tool.edits.choosing import choose, refuse_image
from onboarding_tool.errors import UsageError
from onboarding_tool.images import Image
from onboarding_tool.model import SCHEMAS_FOLDER, Api, Repo, Request
from onboarding_tool.slots import Running
from onboarding_tool.tree import Changes
from onboarding_tool.wording import did_you_mean, listed, shell_path

LONGEST_STEM = 80
OTHER = re.compile(r"[^a-z0-9]")
# What judges the wish of a request whose file is sound.
OF_THE_TARGET = (
    request_not_added_alone,
    request_target_mismatch,
    request_not_accepted,
    request_image_forbidden,
    request_digest_disagrees,
    request_rollback_unknown,
)
# What a request that waits has to pass to be applied, beside its place in the queue.
JUDGES = (request_decided_already, *OF_THE_TARGET)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that is written: its file, and what it says.

    `current` is what is declared when its turn comes: after the requests `before` it, if it has to queue.
    """

    changes: Changes
    path: str
    fields: dict[str, str]
    target: Image
    current: Image
    on_github: bool
    before: tuple[str, ...] = ()


def request(
    repo: Repo,
    api: Api,
    environment: str,
    image: Image,
    *,
    deployment: str | None = None,
    container: str | None = None,
    reason: str | None = None,
    rollback_of: str | None = None,
    today: str,
    token: str,
) -> Wanted:
    """The new file. `today` is YYYY-MM-DD, `token` four hexadecimal digits that make its name unique.

    Where requests queue, those that wait for the same slot count as applied. Raises UsageError where the request would
    be refused as soon as it is read.
    """
    if environment not in api.environments:
        known = f"{api.name} lives in {listed(api.environments)}."
        raise UsageError(
            f"{api.name} has no environment {environment!r}", did_you_mean(environment, api.environments, known)
        )
    if environment not in api.overlays:
        missing = f"{api.overlay_folder(environment)}/kustomization.yaml"
        raise UsageError(f"there is no {missing}, so nothing is declared there", "`onboard check` says more.")
    _refuse(request_not_accepted.against(repo, api, environment))
    one = choose(api, environment, deployment, container)[0]
    refuse_image(image, one)
    before, current = queued(repo, api, environment, one)
    _refuse_slot(repo, api, one, image)
    _refuse_same(one, image, before, current)
    if rollback_of is not None:
        member = one.deployment, one.container
        _refuse(request_rollback_unknown.against(api, environment, member, image, rollback_of))
    else:
        _refuse(request_digest_disagrees.against(api, image))
    fields = _fields(api, environment, one, current, image, reason, rollback_of)
    path = f"{api.folder}/requests/{environment}/{file_name(today, image, token)}"
    changes: Changes = {path: (_modeline(path) + yamltext.dump(fields)).encode()}
    return Wanted(changes, path, fields, image, current, "//github.com/" in repo.platform.repository, before)


def file_name(today: str, image: Image, token: str) -> str:
    """`<date>-<slug>-<token>.yaml`; the slug is the tag in lower case, or the beginning of the digest."""
    version = image.tag or f"sha256-{(image.digest or '').removeprefix('sha256:')[:12]}"
    slug = OTHER.sub("-", version.lower())[: LONGEST_STEM - len(today) - len(token) - 2]
    return f"{today}-{slug}-{token}.yaml"


def pull_request_commands(wanted: Wanted, folder: str = "") -> list[str]:
    """What brings the file before its reviewers; `folder`: where the config repo is, if its user is elsewhere."""
    api, environment = wanted.fields["api_name"], wanted.fields["environment"]
    branch = f"release/{api}-{environment}-{wanted.path.rpartition('/')[2].removesuffix('.yaml')}"
    title = f"Release {api} to {environment}: {wanted.target.version}"
    return [
        *([f"cd {shell_path(folder)}"] if folder else []),
        f"git switch -c {branch}",
        f"git add {shlex.quote(wanted.path)}",
        f"git commit -m {shlex.quote(title)}",
        f"git push -u origin {branch}",
        *(["gh pr create --fill"] if wanted.on_github else []),
    ]


def queued(repo: Repo, api: Api, environment: str, one: Running) -> tuple[tuple[str, ...], Image]:
    """The requests of the slot that are applied before a new one, and the image that is declared after them."""
    if repo.platform.environments[environment].requests != "queue":
        return (), one.image
    before, current = [], one.image
    committed, loose = waiting(repo, api, environment, one)
    for each in committed:
        if _follows(each, current):
            before.append(each.path)
            current = _target(each, current)
    # In which order the others will be committed is not known, but what they expect tells.
    while (following := next((each for each in loose if _follows(each, current)), None)) is not None:
        before.append(following.path)
        current = _target(following, current)
        loose.remove(following)
    return tuple(before), current


def waiting(repo: Repo, api: Api, environment: str, one: Running) -> tuple[list[Request], list[Request]]:
    """The requests of the slot that nothing speaks against: in the order of arrival, and those no commit holds yet."""
    found = [
        (position(repo, request), request)
        for request in sorted(api.requests, key=lambda request: request.path)
        if request.environment == environment and request.valid and _is_of(api, request, one)
        if not any(objection for rule in JUDGES for objection in rule.objections(repo, api, request))
    ]
    committed = sorted(((place, each) for place, each in found if place is not None), key=lambda item: item[0])
    return [each for _, each in committed], [each for place, each in found if place is None]


def _target(request: Request, current: Image) -> Image:
    return images.parse(request.get("target_image")).renamed(current.name)


def _is_of(api: Api, request: Request, one: Running) -> bool:
    asked = meant(api, request)
    return asked is not None and asked.written.name == one.written.name


def _follows(request: Request, current: Image) -> bool:
    """Whether the request would be applied where `current` is declared."""
    expected, target = request.get("expected_current"), images.parse(request.get("target_image"))
    return not same_image(target, current) and (not expected or same_image(images.parse(expected), current))


def _fields(
    api: Api,
    environment: str,
    one: Running,
    current: Image,
    image: Image,
    reason: str | None,
    rollback_of: str | None,
) -> dict[str, str]:
    fields = {
        "apiVersion": "onboarding/v1",
        "kind": "ReleaseRequest",
        "api_name": api.name,
        "environment": environment,
        "namespace": api.environments[environment].namespace,
        "deployment": one.deployment,
        "container": one.container,
        "target_image": str(image),
        "expected_current": str(current),
    }
    if not (current.tag or current.digest):
        del fields["expected_current"]
    if reason is not None:
        fields["reason"] = " ".join(reason.split())
    if rollback_of is not None:
        fields["rollback_of"] = rollback_of
    for misfit in schema.judge("release-request", dict(fields)):
        raise UsageError(misfit.message, misfit.hint)
    return fields


def _refuse_slot(repo: Repo, api: Api, one: Running, image: Image) -> None:
    wanted = slots.declared_image(api, one.deployment, one.container)
    where = f"{one.container} of {one.deployment}"
    if not wanted:
        raise UsageError(f"{where} is not declared in {api.path}", "`onboard check` says what to add.")
    if not images.same_repository(image.name, wanted):
        raise UsageError(f"{where} runs {wanted}, not {image.name}", f"Ask for a version of it: {wanted}:TAG.")
    _refuse(request_image_forbidden.against(repo.platform, image))


def _refuse_same(one: Running, image: Image, before: tuple[str, ...], current: Image) -> None:
    if not same_image(image, current):
        return
    where = f"{one.container} of {one.deployment}"
    if before:
        raise UsageError(f"{before[-1]} asks for {current} already", "It waits; there is nothing more to ask for.")
    raise UsageError(f"{where} is declared with {current} already", "There is nothing to ask for.")


def _refuse(objections: Iterable[Objection]) -> None:
    for objection in objections:
        raise UsageError(objection.problem, objection.hint)


def _modeline(path: str) -> str:
    up = "../" * path.count("/")
    return f"# yaml-language-server: $schema={up}{SCHEMAS_FOLDER}/release-request.json\n"

"""A release request: the file that asks for one image in one slot, with everything filled in that is declared."""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from onboarding_tool import images, schema, slots, yamltext
from onboarding_tool.checks import request_image_forbidden, request_not_accepted, request_rollback_unknown
from onboarding_tool.checks.asked import Objection, same_image
from onboarding_tool.edits.choosing import choose
from onboarding_tool.errors import UsageError
from onboarding_tool.images import Image
from onboarding_tool.model import SCHEMAS_FOLDER, Api, Changes, Repo
from onboarding_tool.slots import Running
from onboarding_tool.wording import did_you_mean, listed

LONGEST_STEM = 80
OTHER = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that is written: its file, and what it says. `current` is what runs until then."""

    changes: Changes
    path: str
    fields: dict[str, str]
    target: Image
    current: Image
    on_github: bool


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

    Raises UsageError where the request would be refused as soon as it is read.
    """
    _refuse_image(image)
    if environment not in api.environments:
        known = f"{api.name} lives in {listed(api.environments)}."
        raise UsageError(
            f"{api.name} has no environment {environment!r}", did_you_mean(environment, api.environments, known)
        )
    _refuse(request_not_accepted.against(repo, api, environment))
    one = choose(api, environment, deployment, container)[0]
    _refuse_slot(repo, api, one, image)
    if rollback_of is not None:
        member = one.deployment, one.container
        _refuse(request_rollback_unknown.against(api, environment, member, image, rollback_of))
    fields = _fields(api, environment, one, image, reason, rollback_of)
    path = f"{api.folder}/requests/{environment}/{file_name(today, image, token)}"
    changes: Changes = {path: (_modeline(path) + yamltext.dump(fields)).encode()}
    return Wanted(changes, path, fields, image, one.image, "//github.com/" in repo.platform.repository)


def file_name(today: str, image: Image, token: str) -> str:
    """`<date>-<slug>-<token>.yaml`; the slug is the tag in lower case, or the beginning of the digest."""
    version = image.tag or f"sha256-{(image.digest or '').removeprefix('sha256:')[:12]}"
    slug = OTHER.sub("-", version.lower())[: LONGEST_STEM - len(today) - len(token) - 2]
    return f"{today}-{slug}-{token}.yaml"


def pull_request_commands(wanted: Wanted) -> list[str]:
    """What brings the file before its reviewers."""
    api, environment = wanted.fields["api_name"], wanted.fields["environment"]
    branch = f"release/{api}-{environment}-{wanted.path.rpartition('/')[2].removesuffix('.yaml')}"
    title = f"Release {api} to {environment}: {wanted.target.version}"
    return [
        f"git switch -c {branch}",
        f"git add {shlex.quote(wanted.path)}",
        f"git commit -m {shlex.quote(title)}",
        f"git push -u origin {branch}",
        *(["gh pr create --fill"] if wanted.on_github else []),
    ]


def _fields(
    api: Api, environment: str, one: Running, image: Image, reason: str | None, rollback_of: str | None
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
        "expected_current": str(one.image),
    }
    if not (one.image.tag or one.image.digest):
        del fields["expected_current"]
    if reason is not None:
        fields["reason"] = " ".join(reason.split())
    if rollback_of is not None:
        fields["rollback_of"] = rollback_of
    for misfit in schema.judge("release-request", dict(fields)):
        raise UsageError(misfit.message, misfit.hint)
    return fields


def _refuse_image(image: Image) -> None:
    if problem := images.problem(image):
        raise UsageError(
            f"{image}: {problem}", "The whole reference is REPOSITORY:TAG, REPOSITORY@sha256:..., or both."
        )


def _refuse_slot(repo: Repo, api: Api, one: Running, image: Image) -> None:
    wanted = slots.declared_image(api, one.deployment, one.container)
    where = f"{one.container} of {one.deployment}"
    if not wanted:
        raise UsageError(f"{where} is not declared in {api.path}", "`onboard check` says what to add.")
    if not images.same_repository(image.name, wanted):
        raise UsageError(f"{where} runs {wanted}, not {image.name}", f"Ask for a version of it: {wanted}:TAG.")
    _refuse(request_image_forbidden.against(repo.platform, image))
    if same_image(image, one.image):
        raise UsageError(f"{where} is declared with {one.image} already", "There is nothing to ask for.")


def _refuse(objections: Iterable[Objection]) -> None:
    for objection in objections:
        raise UsageError(objection.problem, objection.hint)


def _modeline(path: str) -> str:
    up = "../" * path.count("/")
    return f"# yaml-language-server: $schema={up}{SCHEMAS_FOLDER}/release-request.json\n"

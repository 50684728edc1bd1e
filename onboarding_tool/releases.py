"""What becomes of release requests: the queue, the decision about one of them, and the record that proves it.

Pure: the repo as some commit holds it, and its history, go in; changes, a record and a commit message come out.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from onboarding_tool import images, schema, slots, yamltext
from onboarding_tool.checks import (
    record_chain_broken,
    record_rewritten,
    release_reverted,
    request_decided_already,
)
from onboarding_tool.checks.facts.asked import meant, position, same_image
from onboarding_tool.edits.bump import Bump, bump
from onboarding_tool.edits.request import OF_THE_TARGET
from onboarding_tool.errors import BugError, UsageError
from onboarding_tool.findings import Finding
from onboarding_tool.history import Person
from onboarding_tool.images import Image
from onboarding_tool.model import PLATFORM_FILE, SCHEMAS_FOLDER, TEAMS_FILE, Api, Repo, Request, mapping
from onboarding_tool.tree import Changes
from onboarding_tool.wording import did_you_mean, listed
from onboarding_tool.yamltext import OURS

NOBODY = Person("no approval required", source="policy")
# Nulled in a refusal where what the request says does not fit into a record.
UNKNOWABLE = ("request", "slot", "old_image", "new_image", "requested_by")
LONGEST_SUBJECT = 160


class Kind(StrEnum):
    APPLIED = "applied"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one request: one commit's changes and message, and the record among them."""

    request: Request
    kind: Kind
    reason: str | None
    changes: Changes
    path: str
    record: Mapping[str, Any]
    message: str


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision cannot know by itself. `decided_at` in UTC, ending in Z; `pipeline` a URL."""

    actor: Person
    decided_at: str
    base_commit: str
    tool_version: str
    pipeline: str | None = None


@dataclass(frozen=True, slots=True)
class _Verdict:
    kind: Kind
    reason: str | None = None
    bump: Bump | None = None


def pending(repo: Repo, paths: Collection[str] | None = None) -> list[Request]:
    """The requests that wait, in the order in which first-parent changes brought them, then by path.

    `paths`: only these. A request that no commit holds does not wait.
    """
    found = [request for api in repo.apis.values() for request in api.requests]
    arrived = [(place, request) for request in found if (place := position(repo, request)) is not None]
    ordered = sorted(arrived, key=lambda item: (item[0], item[1].path))
    return [request for _, request in ordered if paths is None or request.path in paths]


def held(repo: Repo, request: Request, found_by_load: Iterable[Finding] = ()) -> Finding | None:
    """Why nothing is decided for the request's API and environment until somebody mends it; None if nothing is."""
    api = repo.apis[request.api]
    if not repo.platform.read or not repo.sound:
        broken = (one for one in sorted(found_by_load) if one.path in (PLATFORM_FILE, TEAMS_FILE, api.path))
        message = f"{PLATFORM_FILE}, {TEAMS_FILE} or {api.path} has errors, so nothing can be decided by them"
        hint = "`onboard check` lists them. Mend them first."
        return next(broken, Finding(request.path, 1, 1, "schema-invalid", message, hint))
    there = [other for other in api.requests if other.environment == request.environment]
    for other in there:
        for objection in release_reverted.objections(repo, api, other):
            return repo.finding(release_reverted.RULE, other.path, objection.problem, objection.hint)
    where = repo, api, request.environment
    tampered = chain(record_chain_broken.in_environment(*where), record_rewritten.in_environment(*where))
    return next(tampered, None) or _unrecordable(request)


def _unrecordable(request: Request) -> Finding | None:
    """A record could not say the path of such a file."""
    if request.path.isprintable() and schema.fits_field("release-record", "request_path", request.path):
        return None
    message = "no release record can hold the name of this file or of its folder"
    hint = "Delete it, and let `onboard request API ENVIRONMENT IMAGE` write the request."
    return Finding(request.path, 1, 1, "file-unexpected", message, hint)


def decide(repo: Repo, request: Request, circumstances: Circumstances) -> Decision:
    """Apply, refuse or supersede a pending request. Never raises for what the request says. Ask `held` first."""
    verdict = _verdict(repo, request)
    record = _record(repo, request, verdict, circumstances)
    if verdict.kind is Kind.APPLIED and (misfits := schema.judge("release-record", record)):
        verdict = _Verdict(Kind.REFUSED, f"{misfits[0].message}. {misfits[0].hint}")
        record = _record(repo, request, verdict, circumstances)
    path = f"apps/{request.api}/releases/{request.environment}/{record['seq']:06}-{request.id[:16]}.yaml"
    data, record = _sealed(path, record)
    changes: Changes = {request.path: None, path: data}
    if verdict.kind is Kind.APPLIED and verdict.bump is not None:
        changes |= verdict.bump.changes
    message = f"{_subject(request, verdict)}\n\nRelease-Record: {request.id}\n"
    return Decision(request, verdict.kind, verdict.reason, changes, path, record, message)


# The verdict


def _verdict(repo: Repo, request: Request) -> _Verdict:
    granted = _granted(repo, request)
    if isinstance(granted, str):
        return _Verdict(Kind.REFUSED, granted)
    newer = _newer(repo, request, granted)
    if newer is not None:
        return _Verdict(Kind.SUPERSEDED, f"A newer request is pending: {_name(newer)}.", granted)
    return _Verdict(Kind.APPLIED, None, granted)


def _granted(repo: Repo, request: Request) -> Bump | str:
    """The change that is asked for, or in sentences why it is refused."""
    api = repo.apis[request.api]
    for reasons in (_of_the_file(repo, api, request), _of_the_target(repo, api, request)):
        if sentences := list(dict.fromkeys(reasons)):
            return "\n".join(sentences)
    return bumped(repo, api, request)


def _of_the_file(repo: Repo, api: Api, request: Request) -> Iterator[str]:
    """What is wrong whatever it asks for."""
    yield from (objection.sentence for objection in request_decided_already.objections(repo, api, request))
    if not request.valid:
        yield from _misfits(repo.tree.read(request.path))


def _misfits(data: bytes) -> Iterator[str]:
    """The sentences that load's findings say about the file."""
    parsed = yamltext.read(data, OURS)
    yield from (f"Line {problem.line}: {problem.message}. {problem.hint}" for problem in parsed.problems)
    if not parsed.problems:
        value = parsed.documents[0] if parsed.documents else None
        yield from (f"{misfit.message}. {misfit.hint}".strip() for misfit in schema.judge("release-request", value))


def _of_the_target(repo: Repo, api: Api, request: Request) -> Iterator[str]:
    """What speaks against this request of this API."""
    known = repo.platform.environments
    if request.environment not in known:
        hint = did_you_mean(request.environment, known, f"There are {listed(known)}.")
        yield f"there is no environment {request.environment!r} in {PLATFORM_FILE}. {hint}"
        return
    for rule in OF_THE_TARGET:
        yield from (objection.sentence for objection in rule.objections(repo, api, request))


def bumped(repo: Repo, api: Api, request: Request) -> Bump | str:
    """The change of an overlay that a request asks for, or in a sentence why it cannot be made."""
    current = meant(api, request)
    if current is None:
        return (
            f"nothing called {request.get('container')} of {request.get('deployment')} runs in {request.environment}."
        )
    if not current.image.tag and not current.image.digest:
        command = f"onboard bump {api.name} {request.environment} {current.image}:TAG"
        return (
            f"{current.image} is declared without a version, so no record could say what ran. `{command}` comes first."
        )
    expected = request.get("expected_current")
    if expected and not same_image(images.parse(expected), current.image):
        return f"`expected_current` is {expected}, and {current.image} is declared by now. Ask again."
    try:
        done = bump(repo, api, request.environment, _target(request), current.deployment, current.container)
    except UsageError as refused:
        return f"{refused.message}. {refused.hint}".strip()
    return done if done.changes else f"{done.new} is declared already."


def _newer(repo: Repo, request: Request, granted: Bump) -> Request | None:
    """The newest request that takes this one's place: of the same slot, and one that would be applied now."""
    if repo.platform.environments[request.environment].requests != "latest-wins":
        return None
    queue = [one for one in pending(repo) if (one.api, one.environment) == (request.api, request.environment)]
    mine = position(repo, request)
    later = [one for one in queue if mine is not None and (position(repo, one) or 0) > mine]
    for other in reversed(later):
        wanted = _granted(repo, other)
        if isinstance(wanted, Bump) and wanted.slot == granted.slot:
            return other
    return None


def _target(request: Request) -> Image:
    return images.parse(request.get("target_image"))


# The record


def _record(repo: Repo, request: Request, verdict: _Verdict, circumstances: Circumstances) -> dict[str, Any]:
    api = repo.apis[request.api]
    before = max(
        (one for one in api.records if one.environment == request.environment), key=lambda one: one.path, default=None
    )
    arrival = repo.history.arrival(request.path) if repo.history else None
    requested_by = arrival.person if arrival else None
    slot, old = _slot(api, request)
    return {
        "apiVersion": "onboarding/v1",
        "kind": "ReleaseRecord",
        "id": request.id,
        "seq": record_chain_broken.number(before) + 1 if before else 1,
        "decision": str(verdict.kind),
        "reason": "\n".join(map(_visible, verdict.reason.split("\n"))) if verdict.reason else None,
        "request": dict(mapping(request.value)) or None,
        "request_path": request.path,
        "request_sha256": request.sha256,
        "slot": slot,
        "old_image": old,
        "new_image": str(verdict.bump.new) if verdict.bump else request.get("target_image") or None,
        "requested_by": _person(requested_by) if requested_by else None,
        "approved_by": [_person(person) for person in _approved_by(repo, request, requested_by)],
        "actor": _person(circumstances.actor),
        "pipeline": circumstances.pipeline,
        "decided_at": circumstances.decided_at,
        "base_commit": circumstances.base_commit,
        "tool_version": circumstances.tool_version,
        "previous": before.sha256 if before else None,
    }


def _slot(api: Api, request: Request) -> tuple[list[dict[str, str]] | None, str | None]:
    """The containers that the request is about, and what they run; (None, None) if it names none that there is."""
    one = meant(api, request)
    if one is None:
        return None, None
    members = sorted((each.deployment, each.container) for each in slots.slot(api, request.environment, one))
    return [{"deployment": deployment, "container": container} for deployment, container in members], str(one.image)


def _approved_by(repo: Repo, request: Request, requested_by: Person | None) -> list[Person]:
    """On plain git whoever brought the request in answers for it; nobody else is known."""
    environment = repo.platform.environments.get(request.environment)
    if environment is not None and environment.approval_by == "none":
        return [NOBODY]
    return [requested_by] if environment is not None and requested_by is not None else []


def _person(person: Person) -> dict[str, Any]:
    return {
        "name": _visible(person.name),
        "login": person.login,
        "id": person.id,
        "source": person.source,
        "commit": person.commit,
    }


def _sealed(path: str, record: dict[str, Any]) -> tuple[bytes, dict[str, Any]]:
    """The record's bytes, and the record as whoever reads them will see it. What does not fit in a refusal is null."""
    unfit = {misfit.path[0] for misfit in schema.judge("release-record", record) if misfit.path}
    record |= {key: None for key in UNKNOWABLE if key in unfit}
    data = _written(path, record)
    if not _reads_back(data, record):
        record["request"] = None  # too large or too deep a request for a file of ours
        data = _written(path, record)
    if not _reads_back(data, record) or schema.judge("release-record", record):
        raise BugError(f"{path} would be no release record; nothing was written")
    return data, record


def _written(path: str, record: Mapping[str, Any]) -> bytes:
    modeline = f"# yaml-language-server: $schema={'../' * path.count('/')}{SCHEMAS_FOLDER}/release-record.json\n"
    return (modeline + yamltext.dump(record)).encode("utf-8")


def _reads_back(data: bytes, record: Mapping[str, Any]) -> bool:
    parsed = yamltext.read(data, OURS)
    return not parsed.problems and parsed.documents == (record,)


# The commit message


def _subject(request: Request, verdict: _Verdict) -> str:
    where = f"release({request.api}/{request.environment})"
    if verdict.kind is Kind.APPLIED and verdict.bump is not None:
        names = "+".join(dict.fromkeys(container for _, container in verdict.bump.slot))
        return _one_line(f"{where}: {names} {verdict.bump.old.version} -> {verdict.bump.new.version}")
    return _one_line(f"{where}: {verdict.kind} {_name(request)}: {verdict.reason}")


def _name(request: Request) -> str:
    return request.path.rpartition("/")[2]


def _one_line(text: str) -> str:
    """The first line, shortened. Others wrote parts of it: what a terminal would obey is taken out."""
    line = _visible(text.partition("\n")[0])
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 3]}..."


def _visible(line: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in line)

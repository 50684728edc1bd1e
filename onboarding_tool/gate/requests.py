"""Release requests of a pull request: what becomes of each where it is merged, and what of that is refused."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from onboarding_tool import images, load, releases
from onboarding_tool.checks.facts.asked import meant, same_image, same_version
from onboarding_tool.checks.request_rollback_unknown import moved
from onboarding_tool.diff_words import path_text
from onboarding_tool.edits.bump import Bump
from onboarding_tool.edits.request import JUDGES, queued, waiting
from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.case import Case, Granted
from onboarding_tool.gate.rules import (
    request_effects_elsewhere,
    request_not_applicable,
    request_rollback_undeclared,
    request_slot_asked_twice,
)
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Repo, Request, text
from onboarding_tool.render_diff import Action, Effects, FieldChange, Named, ObjectChange
from onboarding_tool.slots import Running
from onboarding_tool.tree import changed


@dataclass(frozen=True, slots=True)
class Plan:
    """What the requests would do: the base after what waits before them, the merged result after them, and each."""

    before: Repo
    after: Repo
    granted: tuple[Granted, ...] = ()
    findings: tuple[Finding, ...] = ()


def plan(case: Case, name: str) -> Plan:
    """The requests of an API that the pull request adds. What rules say about single requests is not said again."""
    added = {change.path for change in case.changes}
    api = case.merged.apis[name]
    own = [request for request in api.requests if request.path in added]
    others = replace(api, requests=tuple(request for request in api.requests if request.path not in added))
    if findings := list(_twice(api, own)):
        return Plan(case.base, case.merged, (), tuple(findings))
    asked = [(request, one) for request in own if (one := _sound(case.merged, api, request)) is not None]
    queues = {request.path: queued(case.merged, others, request.environment, one)[0] for request, one in asked}
    waits = {each.path: each for each in others.requests}
    before, after = case.base, case.merged
    for path in dict.fromkeys(path for queue in queues.values() for path in queue):
        before, after = (_applied(repo, name, waits[path]) for repo in (before, after))
    granted = []
    for request, one in asked:
        done = releases.bumped(after, after.apis[name], request)
        if isinstance(done, str):
            findings.append(_finding(case.merged, request_not_applicable.RULE, request, done, ""))
            continue
        findings += _undeclared_rollback(case.merged, api, request, one)
        taken = _superseded(case.merged, others, request, one)
        granted.append(Granted(request, done, queues[request.path], taken))
        after = _reread(after, name, done)
    return Plan(before, after, tuple(granted), tuple(findings))


def _sound(repo: Repo, api: Api, request: Request) -> Running | None:
    """The container that it names, if no rule objects to the request as it stands."""
    if request.environment not in repo.platform.environments:
        return None
    objects = any(objection for rule in JUDGES for objection in rule.objections(repo, api, request))
    return meant(api, request) if request.valid and not objects else None


def _twice(api: Api, own: Iterable[Request]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Request] = {}
    for request in own:
        one = meant(api, request)
        if one is None:
            continue
        first = seen.setdefault((request.environment, one.written.name), request)
        if first is not request:
            problem = f"{first.path} asks for the same slot in {request.environment}"
            hint = "Keep the request that is meant, and delete the other one."
            yield Finding(request.path, 1, 1, request_slot_asked_twice.RULE, problem, hint, who=Who.APP_TEAM)


def _applied(repo: Repo, name: str, request: Request) -> Repo:
    """The repo when a request that waits is applied. One that would be refused by then changes nothing."""
    done = releases.bumped(repo, repo.apis[name], request)
    return repo if isinstance(done, str) else _reread(repo, name, done)


def _reread(repo: Repo, name: str, done: Bump) -> Repo:
    tree = changed(repo.tree, done.changes)
    apis, _ = load.apis(tree, [name])
    return replace(repo, tree=tree, apis={**repo.apis, **apis})


def _superseded(repo: Repo, others: Api, request: Request, one: Running) -> tuple[str, ...]:
    if repo.platform.environments[request.environment].requests != "latest-wins":
        return ()
    committed, loose = waiting(repo, others, request.environment, one)
    return tuple(each.path for each in (*committed, *loose))


def _undeclared_rollback(repo: Repo, api: Api, request: Request, one: Running) -> Iterator[Finding]:
    member, target = (one.deployment, one.container), images.parse(request.get("target_image"))
    if request.get("rollback_of") or same_version(one.image, target):
        return
    for record in reversed(api.records_in(request.environment)):
        old = text(record.value.get("old_image"))
        if record.decision == "applied" and moved(record, member) and old and same_version(images.parse(old), target):
            problem = f"the release {record.id[:16]} replaced {old}, so to go back to it is a rollback"
            hint = f"Add `rollback_of: {record.id[:16]}`."
            yield _finding(repo, request_rollback_undeclared.RULE, request, problem, hint, "target_image")
            return


def _finding(repo: Repo, rule: str, request: Request, problem: str, hint: str, key: str = "") -> Finding:
    at = (key,) if key else ()
    return repo.finding(rule, request.path, problem, hint, at=at, who=Who.APP_TEAM)


def unjudged(case: Case, plan: Plan, found: Iterable[Finding]) -> Iterator[Finding]:
    """Requests that are neither granted nor told what is wrong: whatever the reason is, such a one is not accepted."""
    judged = {one.request.path for one in plan.granted} | {finding.path for finding in found}
    for change in case.changes:
        if change.path not in judged:
            message = "it could not be judged, so nobody knows what it would do"
            hint = "`onboard check` on the base says what is broken there. Ask the platform team to mend it."
            yield Finding(change.path, 1, 1, request_not_applicable.RULE, message, hint, who=Who.PLATFORM)


def elsewhere(granted: Iterable[Granted], environment: str, effects: Effects) -> Iterator[Finding]:
    """What would change in an environment beside the images that are asked for there; also what could not be seen."""
    there = [one for one in granted if one.request.environment == environment]
    asked = {member: one.bump for one in there for member in one.bump.slot}
    first = there[0].request
    for message in filter(None, dict.fromkeys((effects.broken_before, effects.broken_after))):
        problem = f"{environment} cannot be rendered, so nobody can tell what the release changes: {message}"
        yield _elsewhere(first, problem)
    for item in effects.objects:
        others = [each for each in item.fields if not _is_asked(asked, item, each)]
        if others or item.action is not Action.CHANGED or item.is_renamed:
            what = f": {path_text(others[0].path)}" if others else f" is {item.action}"
            yield _elsewhere(first, f"{item.identity.kind} {item.identity.name} would change, too{what}")
    seen = {member for item in effects.objects for each in item.fields if (member := _member(item, each))}
    for one in there:
        if not effects.is_broken and not seen & set(one.bump.slot):
            yield _elsewhere(one.request, "the release would change nothing that Kubernetes receives")


def _is_asked(asked: dict[tuple[str, str], Bump], item: ObjectChange, change: FieldChange) -> bool:
    bump = asked.get(_member(item, change) or ("", ""))
    return bump is not None and _same(change.before, bump.old) and _same(change.after, bump.new)


def _member(item: ObjectChange, change: FieldChange) -> tuple[str, str] | None:
    """The (Deployment, container) whose image changes; None for any other change."""
    match change.path:
        case ("spec", "template", "spec", "containers" | "initContainers", Named("name", str(name)), "image"):
            if (item.identity.group, item.identity.kind) == ("apps", "Deployment"):
                return item.identity.name, name
    return None


def _same(rendered: object, image: Image) -> bool:
    return isinstance(rendered, str) and same_image(images.parse(rendered), image)


def _elsewhere(request: Request, problem: str) -> Finding:
    hint = "Ask the platform team to mend the overlay, then ask again."
    return Finding(request.path, 1, 1, request_effects_elsewhere.RULE, problem, hint, who=Who.PLATFORM)

"""The parts of a verdict that need no render: what kind of change it is, whose it is, and who must approve."""

from collections.abc import Iterator

from onboarding_tool.findings import Finding
from onboarding_tool.gate.case import Case, Kind
from onboarding_tool.gate.change import Area, apis
from onboarding_tool.gate.levels import Level
from onboarding_tool.gate.rules import (
    author_not_owner,
    change_empty,
    change_mixed,
    change_not_permitted,
    change_too_large,
    declaration_deleted,
    image_changed_outside_request,
    landed_otherwise,
    mass_change,
    merge_conflict,
    merge_depends_on_renames,
    quota_exceeded,
    record_touched,
    request_effects_elsewhere,
    request_not_applicable,
    request_not_plain,
    request_rollback_undeclared,
    request_slot_asked_twice,
    retirement_skipped,
    secret_added,
    submodule_added,
)
from onboarding_tool.gate.rules.change_mixed import asks
from onboarding_tool.gate.verdict import Approval
from onboarding_tool.model import Member, Repo

NO_HISTORY = "a change is judged by itself, not by what happened before it"  # why rules about history are skipped

# All that a change can break. Their names stand in findings and in `onboard explain`.
RULES = (
    author_not_owner,
    change_empty,
    change_mixed,
    change_not_permitted,
    change_too_large,
    declaration_deleted,
    image_changed_outside_request,
    landed_otherwise,
    mass_change,
    merge_conflict,
    merge_depends_on_renames,
    quota_exceeded,
    record_touched,
    request_effects_elsewhere,
    request_not_applicable,
    request_not_plain,
    request_rollback_undeclared,
    request_slot_asked_twice,
    retirement_skipped,
    secret_added,
    submodule_added,
)


def kind_of(case: Case) -> Kind:
    """Judged as what its author may do at most, so that what is refused is told by what is missing for it."""
    requests = sum(map(asks, case.changes))
    if not case.changes:
        return Kind.NOTHING
    if requests:
        return Kind.REQUEST if requests == len(case.changes) else Kind.MIXED
    if case.is_of_platform:
        return Kind.PLATFORM
    is_inside = all(change.area in (Area.CONFIGURATION, Area.REQUEST) for change in case.changes)
    if case.author is None and not (is_inside and len(apis(case.changes)) == 1):
        return Kind.PLATFORM
    return Kind.TENANT


def of_paths(case: Case, kind: Kind) -> Iterator[Finding]:
    """What speaks against the change before anything of it is read."""
    yield from change_empty.check(case)
    yield from change_mixed.check(case)
    yield from record_touched.check(case)
    yield from declaration_deleted.check(case)
    yield from submodule_added.check(case)
    if kind in (Kind.REQUEST, Kind.TENANT, Kind.MIXED):
        yield from author_not_owner.check(case)
    if kind is Kind.TENANT:
        yield from change_not_permitted.of_requests(case)
        yield from change_not_permitted.of_paths(case)
        yield from _of_places(case)


def _of_places(case: Case) -> Iterator[Finding]:
    """Files of an API that its level does not permit to touch at all."""
    inside = tuple(change for change in case.changes if change.area is Area.CONFIGURATION)
    for name in apis(inside):
        level = level_of(case, name)
        own = tuple(change for change in inside if change.api == name)
        for path in list(change_not_permitted.paths_outside(own, level.places))[: change_not_permitted.SHOWN]:
            yield change_not_permitted.finding(
                path, f"{name} is at level {level.name}, which permits {level.permitted}"
            )
    if len(found := apis(inside)) > 1:
        yield change_not_permitted.finding(
            inside[0].path, f"it changes {len(found)} APIs at once; a team changes one in a pull request"
        )


def level_of(case: Case, name: str) -> Level:
    """As the base has it: a pull request cannot raise its own level."""
    api = case.base.apis.get(name)
    capability = api.capability if api else ""
    return Level(capability or "none", tuple(case.base.platform.capabilities.get(capability, ())))


def environments(case: Case) -> list[str]:
    """Those that the files of APIs are about; what lies in no environment's folder is about all of its API's."""
    found: set[str] = set()
    for change in case.changes:
        parts = change.path.split("/")
        if change.api and len(parts) > 4 and parts[2] in ("overlays", "requests"):
            found.add(parts[3])
        elif change.api in case.base.apis:
            found |= case.base.apis[change.api].environments.keys()
    return sorted(found)


def approvals(case: Case, kind: Kind) -> tuple[Approval, ...]:
    """Who must agree: as the base's environments want it, and the platform team to what is its own."""
    base = case.base
    if kind is Kind.PLATFORM:
        return (Approval(base.platform_team, 1, members=_members(base, base.platform_team)),)
    owners = sorted({base.apis[api].team for api in apis(case.changes) if api in base.apis})
    found = set()
    for name in environments(case):
        known = base.platform.environments.get(name)
        if known is not None and known.approval_by != "none":
            teams = [base.platform_team] if known.approval_by == "platform" else owners
            found |= {Approval(team, known.approval_count, name, _members(base, team)) for team in teams}
    return tuple(sorted(found))


def _members(base: Repo, team: str) -> tuple[Member, ...]:
    return base.teams[team].members if team in base.teams else ()

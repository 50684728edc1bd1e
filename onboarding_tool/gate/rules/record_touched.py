"""No pull request adds, edits or deletes what is below releases/.

Release records and outcomes are written by the pipeline, once, and never changed: they are how anybody can tell later
what ran, who asked for it and who agreed. To take a release back is a release of its own.

Bad:

    D apps/payments/releases/prod/000007-9f2c51d0a7b3e846.yaml
    A apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml   # a `git revert` of the release

Good:

    A apps/payments/requests/prod/2026-11-21-v1-9-3-77aa.yaml   # with rollback_of: 9f2c51d0a7b3e846

Fix: leave releases/ as it is. `onboard request API ENV IMAGE --rollback-of ID` takes a release back.
"""

from collections.abc import Iterator

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.case import Case
from onboarding_tool.gate.change import Area
from onboarding_tool.model import Record, mapping, text

RULE = "record-touched"


def check(case: Case) -> Iterator[Finding]:
    known = {record.path: record for api in case.base.apis.values() for record in api.records}
    added = {change.path for change in case.changes if change.is_added}
    for change in case.changes:
        if change.area is not Area.RECORD:
            continue
        record = known.get(change.path)
        if change.is_deleted and record and text(record.value.get("request_path")) in added:
            yield _reverted(record)
            continue
        what = "deleted" if change.is_deleted else "added by hand" if change.is_added else "edited"
        problem = f"what is recorded below releases/ stays for good, and this file would be {what}"
        yield Finding(change.path, 1, 1, RULE, problem, "Leave it as it is on the base.", who=Who.APP_TEAM)


def _reverted(record: Record) -> Finding:
    ask = f"onboard request {record.api} {record.environment}"
    if record.decision == "applied":
        old = text(record.value.get("old_image")) or "IMAGE"
        hint = f"Ask for the rollback instead: `{ask} {old} --rollback-of {record.id[:16]}`."
    else:
        asked = text(mapping(record.value.get("request")).get("target_image")) or "IMAGE"
        hint = f"Ask anew instead: `{ask} {asked}`."
    problem = f"this reverts the decision {record.id[:16]}: its record would go, and its request would wait again"
    return Finding(record.path, 1, 1, RULE, problem, hint, who=Who.APP_TEAM)

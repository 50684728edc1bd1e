"""A release request is decided once.

The id of a request is made of its path and its bytes. If a release record bears it, the request was decided: its file
should be gone. When somebody brings the same file back, it is refused, and the refusal is recorded too.

Bad:

    apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml               # brought back from history
    apps/payments/releases/prod/000012-c311ff5c6d66ae65.yaml              # its record

Good: a request for the same image, written anew. Its file has another name, so it has another id.

Fix: delete the file, and ask again: `onboard request API ENVIRONMENT IMAGE`.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.asked import Objection, findings, record_of
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo, Request

RULE = "request-decided-already"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(_: Repo, api: Api, request: Request) -> Iterator[Objection]:
    record = record_of(api, request)
    if record is not None:
        how = f" ({record.decision})" if record.decision else ""
        problem = f"this request was decided already{how}: {record.path} is its record"
        hint = f"Delete the file. To ask again: `onboard request {api.name} {request.environment} IMAGE`."
        yield Objection("", problem, hint)

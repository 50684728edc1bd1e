"""A pull request asks for releases of one API, or changes something else; never both.

A request is decided without anybody reading a diff, because its pull request can contain nothing else. The pipeline
refuses what came with other changes (`request-not-added-alone`), so such a pull request would not even be released.

Bad:

    A apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    M apps/payments/overlays/prod/kustomization.yaml

Good:

    A apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml

Fix: one pull request for the requests of one API, another one for everything else.
"""

from collections.abc import Iterator

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.case import Case
from onboarding_tool.gate.change import Area, Change, apis
from onboarding_tool.wording import counted, listed

RULE = "change-mixed"
SHOWN = 3


def check(case: Case) -> Iterator[Finding]:
    requests = [change for change in case.changes if asks(change)]
    others = [change for change in case.changes if not asks(change)]
    if requests and others:
        shown = [change.path for change in others[:SHOWN]]
        more = [counted(len(others) - SHOWN, "more file")] if len(others) > SHOWN else []
        message = f"requests come alone, and this pull request also touches {listed([*shown, *more])}"
        hint = "Take the other changes out of it: `git restore --source BASE -- FILE`, and a pull request of their own."
        yield Finding(requests[0].path, 1, 1, RULE, message, hint, who=Who.APP_TEAM)
    asked = apis(requests)
    if len(asked) > 1:
        message = f"these requests are of {listed(asked)}; a pull request asks for releases of one API"
        yield Finding(requests[0].path, 1, 1, RULE, message, "Open one for each API.", who=Who.APP_TEAM)


def asks(change: Change) -> bool:
    """Whether a change is a new request."""
    return change.area is Area.REQUEST and change.is_added

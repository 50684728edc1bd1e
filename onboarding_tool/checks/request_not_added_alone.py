"""A pull request that adds release requests does nothing else.

What is approved must be what happens. A pull request that adds a request and edits an overlay hides one behind the
other, and so does one that changes a request which was approved before. Therefore a request counts only if the last
change on the main branch that touched its file (a merge, or a direct commit) did nothing but add requests.

Bad:

    git add apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml apps/payments/base/deployment.yaml
    git commit

    # or, after it was merged
    git commit apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml

Good:

    git add apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    git commit

Fix: delete the file, and ask again in a pull request of its own: `onboard request API ENVIRONMENT IMAGE`. Once such a
request is on the main branch it is refused, since history does not change.
"""

from collections.abc import Iterator

from onboarding_tool.checks import release_reverted
from onboarding_tool.checks.facts.asked import Objection, findings
from onboarding_tool.checks.rule import Need, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.load import REQUEST_PATH
from onboarding_tool.model import Api, Repo, Request
from onboarding_tool.wording import counted, listed

RULE = "request-not-added-alone"
SCOPE = Scope.API
NEEDS = frozenset({Need.HISTORY})
SHOWN = 3


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(repo: Repo, api: Api, request: Request) -> Iterator[Objection]:
    """Nothing for a request that no commit holds yet: how it will arrive is not known. A revert is another rule's."""
    arrival = repo.history.arrival(request.path) if repo.history else None
    if arrival is None or release_reverted.is_reverted(repo, api, request):
        return
    other = [f"{path} ({status})" for status, path in arrival.changes if not _adds_request(status, path)]
    if other:
        more = [counted(len(other) - SHOWN, "more file")] if len(other) > SHOWN else []
        problem = f"the change {arrival.commit[:12]} that brought this request did more than add requests"
        did = listed([*other[:SHOWN], *more])
        yield Objection("", problem, f"It touched {did}. Delete the request, and ask again in a change of its own.")


def _adds_request(status: str, path: str) -> bool:
    return status == "A" and REQUEST_PATH.fullmatch(path) is not None

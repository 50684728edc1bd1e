"""A release is taken back by a release request, never by `git revert`.

The bot's commit for a release deletes the request, adds its record and changes the image. A `git revert` of it undoes
all three: the image goes back, the record of what happened is gone, and the request waits again, to be released once
more. So while such a request lies there, nothing is decided for that API in that environment.

Bad:

    git revert 1f2e3d4      # release(payments/prod): app v1.9.3 -> v2.0.0

Good:

    onboard request payments prod europe-docker.pkg.dev/acme/payments/app:v1.9.3 --rollback-of c311ff5c6d66ae65

Fix: revert the revert (`git revert COMMIT`), which brings the record back and takes the request away, and ask for the
rollback with `onboard request ... --rollback-of ID`.
"""

from collections.abc import Iterator
from glob import escape

from onboarding_tool.checks.asked import Objection, findings, record_of
from onboarding_tool.checks.rule import Need, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo, Request

RULE = "release-reverted"
SCOPE = Scope.API
NEEDS = frozenset({Need.HISTORY})


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(repo: Repo, api: Api, request: Request) -> Iterator[Objection]:
    """Whether a record of this request was there once, and is not any more."""
    if repo.history is None or record_of(api, request) is not None:
        return
    folder = escape(f"{api.folder}/releases/{request.environment}")
    if repo.history.was_deleted(f"{folder}/*-{request.id[:16]}.yaml"):
        arrival = repo.history.arrival(request.path)
        revert = f"git revert {arrival.commit[:12]}" if arrival else "git revert COMMIT"
        again = f"onboard request {api.name} {request.environment} IMAGE --rollback-of {request.id[:16]}"
        problem = f"the release {request.id[:16]} was reverted: its record is gone, and its request is back"
        yield Objection("", problem, f"Revert the revert: `{revert}`. Then ask for the rollback: `{again}`.")

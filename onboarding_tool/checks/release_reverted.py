"""A release is taken back by a release request, never by `git revert`.

The bot's commit for a release deletes the request, adds its record and changes the image. A `git revert` of it undoes
all three: the image goes back, the record of what happened is gone, and the request waits again, to be released once
more. So while such a request lies there, nothing is decided for that API in that environment. The same goes for the
record of a refusal: a request is decided once.

Bad:

    git revert 1f2e3d4      # release(payments/prod): app v1.9.3 -> v2.0.0

Good:

    onboard request payments prod europe-docker.pkg.dev/acme/payments/app:v1.9.3 --rollback-of c311ff5c6d66ae65

Fix: revert the revert (`git revert COMMIT`), which brings the record back and takes the request away, and ask for the
rollback with `onboard request ... --rollback-of ID`. After a refusal there is nothing to roll back: ask anew.
"""

from collections.abc import Iterator
from glob import escape

from onboarding_tool import yamltext
from onboarding_tool.checks.facts.asked import Objection, findings, record_of
from onboarding_tool.checks.rule import Need, Scope
from onboarding_tool.findings import Finding, Who
from onboarding_tool.history import History
from onboarding_tool.load import RECORD_PATH
from onboarding_tool.model import Api, Repo, Request, mapping, text

RULE = "release-reverted"
SCOPE = Scope.API
NEEDS = frozenset({Need.HISTORY})


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections, Who.PLATFORM)


def objections(repo: Repo, api: Api, request: Request) -> Iterator[Objection]:
    """Whether a record of this request was there once, and is not any more."""
    if repo.history is None or not is_reverted(repo, api, request):
        return
    short = request.id[:16]
    ask = f"onboard request {api.name} {request.environment} IMAGE"
    if (decision := _decision(repo.history, api, request)) == "applied":
        what, then = "release", f"Then ask for the rollback: `{ask} --rollback-of {short}`"
    else:
        what, then = "refusal" if decision == "refused" else "decision", f"Then ask anew: `{ask}`"
    problem = f"the {what} {short} was reverted: its record is gone, and its request is back"
    yield Objection("", problem, f"Revert the revert: `{_revert(repo.history, request)}`. {then}.")


def is_reverted(repo: Repo, api: Api, request: Request) -> bool:
    """Whether this request was decided, and the decision was reverted."""
    if repo.history is None or record_of(api, request) is not None:
        return False
    return repo.history.was_deleted(_pattern(api, request))


def records(repo: Repo, api: Api, environment: str) -> list[str]:
    """The paths of the records that are gone because somebody reverted the decision."""
    there = [request for request in api.requests if request.environment == environment]
    reverted = [request for request in there if is_reverted(repo, api, request)]
    return [path for request in reverted for path in _paths(repo.history, api, request)]


def _pattern(api: Api, request: Request) -> str:
    return f"{escape(f'{api.folder}/releases/{request.environment}')}/*-{request.id[:16]}.yaml"


def _paths(history: History | None, api: Api, request: Request) -> list[str]:
    known = history.records(f"{api.folder}/releases/{request.environment}") if history else ()
    return [path for path in known if RECORD_PATH.fullmatch(path) and path.endswith(f"-{request.id[:16]}.yaml")]


def _decision(history: History, api: Api, request: Request) -> str:
    """What the record said. One that says nothing readable counts as a release: that is the careful guess."""
    for path in _paths(history, api, request):
        documents = yamltext.read(history.first_bytes(path), yamltext.OURS).documents
        if decision := text(mapping(documents[0] if documents else None).get("decision")):
            return decision
    return "applied"


def _revert(history: History, request: Request) -> str:
    arrival = history.arrival(request.path)
    if arrival is None:
        return "git revert COMMIT"
    return f"git revert {'-m 1 ' if arrival.is_merge else ''}{arrival.commit[:12]}"

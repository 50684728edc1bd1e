"""The release records of an API and environment form an unbroken chain.

Each record says the SHA-256 of the one before it, and its place in the chain: 1, 2, 3 and so on. So a record that was
edited, deleted, or slipped in shows, offline and without trusting anybody. An outcome belongs to a record.
Nothing is decided for an API and environment while its chain is broken: the next record would seal what was changed.
The newest record is sealed by none yet: what became of that one is what history tells, and the rule record-rewritten.

Bad:

    apps/payments/releases/prod/000001-5b1e0f3a9c7d2e44.yaml
    apps/payments/releases/prod/000003-c311ff5c6d66ae65.yaml              # where is 000002?

Good:

    apps/payments/releases/prod/000001-5b1e0f3a9c7d2e44.yaml
    apps/payments/releases/prod/000002-c311ff5c6d66ae65.yaml              # previous: the SHA-256 of 000001
    apps/payments/releases/prod/000002-c311ff5c6d66ae65.outcome.yaml

Fix: bring the bytes back as the bot committed them. `git log -p -- apps/API/releases/ENVIRONMENT` shows who changed
what; `git checkout COMMIT -- FILE` brings one file back.
"""

from collections.abc import Iterator
from itertools import pairwise

from onboarding_tool import yamltext
from onboarding_tool.checks import release_reverted
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.load import OUTCOME_PATH, RECORD_PATH
from onboarding_tool.model import Api, Record, Repo, mapping, text

RULE = "record-chain-broken"
SCOPE = Scope.API
NEEDS = NOTHING

# What is wrong with a file: its path, the field, the sentence.
Break = tuple[str, str, str]


def check(repo: Repo) -> Iterator[Finding]:
    for api in repo.apis.values():
        environments = {record.environment for record in api.records}
        for environment in sorted(environments):
            yield from in_environment(repo, api, environment)
        yield from (_finding(repo, api, item) for item in _outcomes(repo, api))


def in_environment(repo: Repo, api: Api, environment: str) -> Iterator[Finding]:
    """What is wrong with the chain of one environment."""
    chain = sorted((r for r in api.records if r.environment == environment), key=lambda record: record.path)
    for record in chain:
        yield from (_finding(repo, api, item) for item in _own_name(record))
    reverted = {int(found[3]) for path in _reverted(repo, api, environment) if (found := RECORD_PATH.fullmatch(path))}
    if chain and not _accounted(0, number(chain[0]), reverted):
        yield from (_finding(repo, api, item) for item in _first(chain[0]))
    for before, record in pairwise(chain):
        if not _accounted(number(before), number(record), reverted):
            yield from (_finding(repo, api, item) for item in _link(before, record))


def _reverted(repo: Repo, api: Api, environment: str) -> list[str]:
    """Records whose absence the rule release-reverted explains."""
    return release_reverted.records(repo, api, environment)


def _accounted(before: int, after: int, reverted: set[int]) -> bool:
    """Whether something is missing between two numbers, and all of it was reverted."""
    missing = set(range(before + 1, after))
    return bool(missing) and missing <= reverted


def number(record: Record) -> int:
    """The place in the chain, as the file's name says."""
    found = RECORD_PATH.fullmatch(record.path)
    return int(found[3]) if found else 0


def _own_name(record: Record) -> Iterator[Break]:
    found = RECORD_PATH.fullmatch(record.path)
    if not (found and record.value):
        return  # a file that cannot be read is the schema's to say
    if record.seq != int(found[3]):
        yield record.path, "seq", f"`seq` is {record.seq}, and the file's name says {int(found[3])}"
    if record.id[:16] != found[4]:
        yield record.path, "id", f"`id` begins with {record.id[:16]}, and the file's name says {found[4]}"


def _first(record: Record) -> Iterator[Break]:
    """That it speaks of none before it is the schema's to say."""
    if number(record) != 1:
        yield record.path, "", f"the first record there is number {number(record)}: what came before is gone"


def _link(before: Record, record: Record) -> Iterator[Break]:
    gap = number(record) - number(before)
    if gap == 0:
        yield record.path, "", f"two records are number {number(record)}; the other is {before.path}"
    elif gap > 1:
        yield record.path, "", f"number {number(record)} comes after number {number(before)}: what was between is gone"
    elif record.value and record.value.get("previous") != before.sha256:
        yield record.path, "previous", f"`previous` is not the SHA-256 of {before.path}: one of the two was changed"


def _outcomes(repo: Repo, api: Api) -> Iterator[Break]:
    records = {record.path: record for record in api.records}
    environments = {request.environment for request in api.requests}
    reverted = {path for environment in environments for path in _reverted(repo, api, environment)}
    for path in repo.tree.paths(f"{api.folder}/releases"):
        if not OUTCOME_PATH.fullmatch(path):
            continue
        record = records.get(path.replace(".outcome.yaml", ".yaml"))
        if record is None:
            if path.replace(".outcome.yaml", ".yaml") in reverted:
                continue
            yield path, "", "the outcome of a release whose record is not there"
            continue
        documents = yamltext.read(repo.tree.read(path), yamltext.OURS).documents
        outcome = mapping(documents[0] if documents else None)
        if outcome and (text(outcome.get("id")), outcome.get("seq")) != (record.id, record.seq):
            yield path, "id", f"`id` and `seq` are not those of {record.path}"
        elif record.decision != "applied":
            yield path, "", f"the outcome of a request that was {record.decision or 'not decided'}"


def _finding(repo: Repo, api: Api, item: Break) -> Finding:
    path, key, problem = item
    hint = f"Bring it back as it was committed: `git log -p -- {path.rpartition('/')[0]}` shows what changed."
    return repo.finding(RULE, path, f"{api.name}: {problem}", hint, at=(key,) if key else ())

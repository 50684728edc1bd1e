"""A release record or an outcome stays as it was first committed, for good.

The chain of records shows that an earlier one was edited or is gone; it cannot show that of the newest, which no other
seals, nor that a whole folder was deleted. History can: what the main branch once held below releases/ is there today,
byte for byte. Nothing is decided for an API and environment while one of its records is not as it was.

Bad:

    git rm apps/payments/releases/prod/000002-c311ff5c6d66ae65.yaml

    # or
    sed -i s/mallory/alice/ apps/payments/releases/prod/000002-c311ff5c6d66ae65.yaml

Good: what was decided by mistake is followed by another release request, and both records stay.

Fix: bring the bytes back, `git checkout COMMIT -- FILE` with the commit that the finding names, and commit that. A
release that was reverted with `git revert` is the finding release-reverted, and is mended as that one says.
"""

import hashlib
from collections.abc import Iterator, Mapping

from onboarding_tool.checks import release_reverted
from onboarding_tool.checks.rule import Need, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.history import Written
from onboarding_tool.model import Api, Repo
from onboarding_tool.tree import Tree

RULE = "record-rewritten"
SCOPE = Scope.EVERYTHING
NEEDS = frozenset({Need.HISTORY})


def check(repo: Repo) -> Iterator[Finding]:
    if repo.history is None:
        return
    reverted = {
        record
        for api in repo.apis.values()
        for environment in {request.environment for request in api.requests}
        for record in release_reverted.records(repo, api, environment)
    }
    known = repo.history.records()
    yield from _changed(repo, {path: known[path] for path in known if _record(path) not in reverted})


def in_environment(repo: Repo, api: Api, environment: str) -> Iterator[Finding]:
    """The same, of what was decided for one environment of an API."""
    if repo.history is not None:
        yield from _changed(repo, repo.history.records(f"{api.folder}/releases/{environment}"))


def _changed(repo: Repo, known: Mapping[str, Written]) -> Iterator[Finding]:
    for path, written in sorted(known.items()):
        found = _blob(repo.tree, path, len(written.blob))
        if found == written.blob:
            continue
        what = "was changed" if found else "was deleted"
        by = (
            f" by the change {written.last_commit[:12]}" if found == written.last else ", and that is not committed yet"
        )
        hint = f"Bring it back as it was first committed: `git checkout {written.commit[:12]} -- {path}`."
        yield repo.finding(RULE, path, f"this {_kind(path)} {what}{by}; what is recorded stays for good", hint)


def _record(path: str) -> str:
    """The record that a record's or an outcome's path speaks of."""
    return path.removesuffix(".yaml").removesuffix(".outcome") + ".yaml"


def _kind(path: str) -> str:
    return "outcome" if path.endswith(".outcome.yaml") else "release record"


def _blob(tree: Tree, path: str, length: int) -> str:
    """Git's name of the bytes, as long as its other names in this repository are; "" if there is no such file."""
    if path not in tree:
        return ""
    data = tree.read(path)
    content = b"blob %d\0" % len(data) + data
    return (hashlib.sha1(content, usedforsecurity=False) if length == 40 else hashlib.sha256(content)).hexdigest()

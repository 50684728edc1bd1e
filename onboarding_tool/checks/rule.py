"""What a rule is: a module with a name, a scope, its needs, and a check; its docstring is its page."""

from collections.abc import Iterator
from enum import IntEnum, StrEnum
from typing import Protocol

from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo


class Scope(IntEnum):
    """What has to be loaded to judge the rule, beside the policy files: a caller that asks for less loads no more."""

    DECLARATION = 1  # one metadata.yaml
    API = 2  # one API's directory
    METADATA = 3  # every metadata.yaml
    EVERYTHING = 4  # every file


# What can be judged without a look into bases, overlays, requests and releases.
DECLARED = frozenset({Scope.DECLARATION, Scope.METADATA})


class Need(StrEnum):
    """What must be there to judge the rule; without it the rule is reported as skipped, with the sentence below."""

    POLICY = "policy"
    TEAMS = "teams"
    SOUND_METADATA = "sound metadata"
    HISTORY = "history"
    RENDERER = "renderer"


REASONS = {  # why there are no renders says the repo
    Need.POLICY: "platform.yaml cannot be read, so nothing can be judged by it; mend it first",
    Need.TEAMS: "teams.yaml cannot be read, so nobody can be looked up in it; mend it first",
    Need.SOUND_METADATA: "platform.yaml, teams.yaml or a metadata.yaml has errors; mend those first",
    Need.HISTORY: "there is no git history here; run it in a clone of the config repo",
}

# What everything else rests on: no exception in exceptions.yaml speaks of these.
NEVER_EXCUSED = frozenset(
    {
        "exception-expired",
        "exception-not-allowed",
        "exception-owner-unknown",
        "exception-rule-unknown",
        "file-missing",
        "generated-stale",
        "record-chain-broken",
        "record-rewritten",
        "release-reverted",
        "request-field-forbidden",
        "schema-invalid",
        "tool-version-mismatch",
        "yaml-alias",
        "yaml-ambiguous-scalar",
        "yaml-duplicate-key",
        "yaml-invalid",
        "yaml-tag",
    }
)


# Of the rules that only a change can break, those that an exception may excuse.
EXCUSED_BEFORE = frozenset({"mass-change", "secret-added"})


class Rule(Protocol):
    """A module below checks/. The same name stands in findings, in exceptions.yaml and in `onboard explain`."""

    RULE: str
    SCOPE: Scope
    NEEDS: frozenset[Need]

    def check(self, repo: Repo, /) -> Iterator[Finding]:
        """Every place where the repo breaks the rule."""


POLICY = frozenset({Need.POLICY})
TEAMS = frozenset({Need.TEAMS})
RENDERED = frozenset({Need.RENDERER})
NOTHING: frozenset[Need] = frozenset()


def found_by_load(_: Repo) -> Iterator[Finding]:
    """The check of a rule that load.py judges while it reads: nothing is left to find."""
    return iter(())

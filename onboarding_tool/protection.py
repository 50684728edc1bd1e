"""What protects main on GitHub, as its REST API tells it, held against what `onboard github rules` prints. Pure values.

Source: https://docs.github.com/rest/repos/rules, "Get rules for a branch": the rules in force, whoever set them. Who
bypasses them is not among them.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec

from onboarding_tool import rulesets
from onboarding_tool.errors import UsageError
from onboarding_tool.model import Repo
from onboarding_tool.rulesets import CHECK, GITHUB_ACTIONS
from onboarding_tool.wording import counted, listed

STANDARD_INPUT = "standard input"
BYTE = re.compile(r"\(byte ([0-9]+)\)")
MERGE_METHODS = ("merge", "squash", "rebase")  # all that there are, and allowed where no rule says otherwise
# Flags of the reviews, and what may happen without them.
FLAGS = {
    "dismiss_stale_reviews_on_push": "an approval stays when something else is pushed after it",
    "require_code_owner_review": "no review by code owners is required, so any member may approve a change of .github/",
    "require_last_push_approval": "who pushed last may approve that push",
}


class Check(msgspec.Struct, frozen=True):
    context: str = ""
    integration_id: int | None = None


class Parameters(msgspec.Struct, frozen=True):
    """Of the rules that we want; a rule has some of them."""

    required_approving_review_count: int = 0
    dismiss_stale_reviews_on_push: bool = False
    require_code_owner_review: bool = False
    require_last_push_approval: bool = False
    allowed_merge_methods: tuple[str, ...] = MERGE_METHODS
    strict_required_status_checks_policy: bool = False
    required_status_checks: tuple[Check, ...] = ()
    max_entries_to_build: int = 1
    max_entries_to_merge: int = 1


class Rule(msgspec.Struct, frozen=True):
    type: str
    parameters: Parameters = Parameters()


def read(data: bytes, place: str = STANDARD_INPUT) -> tuple[Rule, ...]:
    """What GitHub answers. Raises UsageError for anything else."""
    try:
        return msgspec.json.decode(data, type=tuple[Rule, ...])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        hint = "Expected there is what `gh api 'repos/OWNER/REPO/rules/branches/main?per_page=100'` prints."
        message = f"{place} holds no list of the rules of a branch: {_fault(data, error)}"
        raise UsageError(message, hint) from None


def _fault(data: bytes, error: Exception) -> str:
    if not data.strip():
        return "it is empty"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    said = str(error)
    if isinstance(error, msgspec.ValidationError):
        return said[:1].lower() + said[1:]
    found = BYTE.search(said)
    before = data[: int(found[1])] if found else data
    return f"it is not JSON, line {before.count(10) + 1}, column {len(before) - before.rfind(10)}"


def gaps(repo: Repo, live: Sequence[Rule]) -> Iterator[str]:
    """What could happen to main that should not, as sentences. Several rules of one type hold together."""
    wanted = {one["type"]: one.get("parameters", {}) for one in rulesets.of_pull_requests(repo)["rules"]}
    found: dict[str, list[Parameters]] = defaultdict(list)
    for rule in live:
        found[rule.type].append(rule.parameters)
    if "deletion" not in found:
        yield "main may be deleted"
    if "non_fast_forward" not in found:
        yield "main may be rewritten: force pushes are not blocked"
    yield from _of_reviews(wanted["pull_request"], found["pull_request"])
    yield from _of_checks(found["required_status_checks"], has_queue="merge_queue" in found)
    if any(max(one.max_entries_to_build, one.max_entries_to_merge) > 1 for one in found["merge_queue"]):
        yield "the merge queue builds or merges several pull requests at once, and the gate refuses such a group"


def _of_reviews(wanted: rulesets.Ruleset, found: Sequence[Parameters]) -> Iterator[str]:
    if not found:
        yield "main takes pushes without a pull request"
        return
    least, count = wanted["required_approving_review_count"], max(one.required_approving_review_count for one in found)
    if count < least:
        yield f"{counted(count, 'approval')} will do, and platform.yaml asks for {least}"
    for flag, sentence in FLAGS.items():
        if not any(getattr(one, flag) for one in found):
            yield sentence
    allowed = set(MERGE_METHODS).intersection(*(one.allowed_merge_methods for one in found))
    if more := sorted(allowed.difference(wanted["allowed_merge_methods"])):
        yield f"pull requests may be merged by {listed(more)}, in commits that nobody judged"


def _of_checks(found: Sequence[Parameters], *, has_queue: bool) -> Iterator[str]:
    checks = [check for one in found for check in one.required_status_checks if check.context == CHECK]
    if not checks:
        yield f"the check {CHECK} is not required, so what the gate refuses may be merged"
    elif not any(check.integration_id == GITHUB_ACTIONS for check in checks):
        yield f"a check {CHECK} of any App and any token counts: only those of GitHub Actions ({GITHUB_ACTIONS}) should"
    if checks and not has_queue and not any(one.strict_required_status_checks_policy for one in found):
        yield "a pull request may be merged by a verdict on an older main"

"""Branch protection of the config repo on GitHub: what its REST API takes as a repository ruleset. Pure values."""

import re
from collections.abc import Iterator
from typing import Any

from onboarding_tool.errors import UsageError
from onboarding_tool.generators import codeowners
from onboarding_tool.model import PLATFORM_FILE, Repo
from onboarding_tool.wording import listed

CHECK = "onboarding-gate"  # the job of repo-template/.github/workflows/validate.yml
# Of github.com. Only this App's checks count: whoever may write could post one of that name with a token.
GITHUB_ACTIONS = 15368
MAIN = "refs/heads/main"
MOST_APPROVALS = 10  # that GitHub takes
QUEUE_MINUTES = 60

Ruleset = dict[str, Any]


def of_pull_requests(repo: Repo, bot_app: int | None = None, *, merge_queue: bool = False) -> Ruleset:
    """What a pull request needs before it is merged. `bot_app`: the GitHub App that pushes releases without one.

    Raises UsageError if nobody owns the files that protect themselves by their owners.
    """
    _refuse_without_owners(repo)
    bypass = {"actor_id": bot_app, "actor_type": "Integration", "bypass_mode": "always"}
    rules = [*_history(), _reviews(repo), _checks(), *([_merge_queue()] if merge_queue else [])]
    return _ruleset("onboarding: pull requests", rules, [bypass] if bot_app is not None else [])


def of_history() -> Ruleset:
    """That main is never rewritten nor deleted: nobody bypasses it, the bot neither."""
    return _ruleset("onboarding: history", _history(), [])


def _ruleset(name: str, rules: list[Ruleset], bypass: list[Ruleset]) -> Ruleset:
    return {
        "name": name,
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": bypass,
        "conditions": {"ref_name": {"include": [MAIN], "exclude": []}},
        "rules": rules,
    }


def _history() -> list[Ruleset]:
    return [{"type": "deletion"}, {"type": "non_fast_forward"}]


def _reviews(repo: Repo) -> Ruleset:
    parameters = {
        "required_approving_review_count": min(_approvals(repo), MOST_APPROVALS),
        "dismiss_stale_reviews_on_push": True,
        "require_code_owner_review": True,
        "require_last_push_approval": True,
        "required_review_thread_resolution": False,
        # By rebasing, a request would reach main in commits that no pull request was judged as.
        "allowed_merge_methods": ["merge", "squash"],
    }
    return {"type": "pull_request", "parameters": parameters}


def _checks() -> Ruleset:
    parameters = {
        # Else a verdict on an older base would do, by teams and policy that are no longer.
        "strict_required_status_checks_policy": True,
        "do_not_enforce_on_create": False,
        "required_status_checks": [{"context": CHECK, "integration_id": GITHUB_ACTIONS}],
    }
    return {"type": "required_status_checks", "parameters": parameters}


def _merge_queue() -> Ruleset:
    """One at a time: each is judged as its author's, on a base that is merged already."""
    parameters = {
        "merge_method": "MERGE",
        "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": 1,
        "min_entries_to_merge": 1,
        "max_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 0,
        "check_response_timeout_minutes": QUEUE_MINUTES,
    }
    return {"type": "merge_queue", "parameters": parameters}


def _approvals(repo: Repo) -> int:
    """The most that an environment asks for: GitHub counts by branch, not by path."""
    counts = (one.approval_count for one in repo.platform.environments.values() if one.approval_by != "none")
    return max(counts, default=1) or 1


def _refuse_without_owners(repo: Repo) -> None:
    if not codeowners.owners(repo, repo.platform_team):
        team = repo.platform_team
        raise UsageError(
            f"{team} has nobody whom GitHub knows, so nobody owns .github/ and a review of it could not be required",
            f"`onboard team add {team} --github ORG/SLUG`, then `onboard generate`.",
        )


def limits(repo: Repo, bot_app: int | None) -> Iterator[str]:
    """What these rulesets do not do here, as sentences."""
    wanted = _approvals(repo)
    fewer = sorted(
        name
        for name, one in repo.platform.environments.items()
        if one.approval_by == "none" or one.approval_count < wanted
    )
    if fewer:
        yield f"GitHub counts approvals by branch: {wanted} for each pull request, though fewer do for {listed(fewer)}."
    if wanted > MOST_APPROVALS:
        yield f"{PLATFORM_FILE} asks for {wanted} approvals; GitHub counts to {MOST_APPROVALS}."
    if bot_app is None:
        yield "Nobody may push to main, the bot neither: name its GitHub App by --bot-app ID, or it cannot push."
    else:
        yield "The bot bypasses this ruleset; what binds it, too, is a second one: `onboard github rules --history`."


def slug(repository: str) -> str:
    """OWNER/REPO of an address, as far as it says."""
    found = re.search(r"[/:]([^/:]+/[^/:]+?)(\.git)?/?$", repository)
    return found[1] if found else "OWNER/REPO"

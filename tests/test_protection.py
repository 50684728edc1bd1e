"""What the rules of main on GitHub leave open."""

import json
from copy import deepcopy
from typing import Any

import pytest

from onboarding_tool import protection, rulesets
from onboarding_tool.errors import UsageError
from tests.support.repos import edited, good, repo_of

QUEUE = {"type": "merge_queue", "parameters": {"max_entries_to_build": 5, "max_entries_to_merge": 5}}


def live(**words: Any) -> list[dict[str, Any]]:
    """What GitHub answers where our ruleset is in force: each rule also says where it comes from."""
    about = {"ruleset_source_type": "Repository", "ruleset_source": "acme/config", "ruleset_id": 42}
    return deepcopy([one | about for one in rulesets.of_pull_requests(repo_of(good()), **words)["rules"]])


def parameters(rules: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(one["parameters"] for one in rules if one["type"] == kind)


def found(rules: Any, files: dict[str, str] | None = None) -> list[str]:
    return list(protection.gaps(repo_of(files or good()), protection.read(json.dumps(rules).encode())))


@pytest.mark.parametrize("merge_queue", [False, True])
def test_our_own_ruleset_leaves_nothing_open(merge_queue):
    assert found(live(merge_queue=merge_queue)) == []


def test_rules_of_others_beside_ours_do_no_harm():
    others = [
        {"type": "required_linear_history"},
        {"type": "commit_message_pattern", "parameters": {"operator": "contains", "pattern": "x", "negate": False}},
        {"type": "pull_request", "parameters": {"required_approving_review_count": 0}},
        {"type": "required_status_checks", "parameters": {"required_status_checks": [{"context": "lint"}]}},
    ]
    assert found([*live(), *others]) == []


def test_without_any_rule_everything_is_open():
    said = found([])
    assert len(said) == 4
    for part in ("deleted", "rewritten", "without a pull request", "onboarding-gate is not required"):
        assert any(part in sentence for sentence in said)


@pytest.mark.parametrize(
    ("kind", "field", "value", "said"),
    [
        ("pull_request", "dismiss_stale_reviews_on_push", False, "an approval stays"),
        ("pull_request", "require_code_owner_review", False, "code owners"),
        ("pull_request", "require_last_push_approval", False, "who pushed last"),
        ("pull_request", "required_approving_review_count", 0, "0 approvals will do, and platform.yaml asks for 1"),
        ("pull_request", "allowed_merge_methods", ["merge", "rebase"], "merged by rebase"),
        ("required_status_checks", "strict_required_status_checks_policy", False, "an older main"),
        ("required_status_checks", "required_status_checks", [{"context": "lint"}], "is not required"),
        (
            "required_status_checks",
            "required_status_checks",
            [{"context": "onboarding-gate"}],
            "of any App and any token counts",
        ),
        (
            "required_status_checks",
            "required_status_checks",
            [{"context": "onboarding-gate", "integration_id": 7}],
            "of any App and any token counts",
        ),
    ],
)
def test_each_thing_that_is_weaker_is_told(kind, field, value, said):
    rules = live()
    parameters(rules, kind)[field] = value
    [sentence] = found(rules)
    assert said in sentence


@pytest.mark.parametrize("kind", ["deletion", "non_fast_forward"])
def test_each_rule_that_is_missing_is_told(kind):
    assert len(found([one for one in live() if one["type"] != kind])) == 1


def test_methods_that_no_rule_limits_are_all_allowed():
    rules = live()
    del parameters(rules, "pull_request")["allowed_merge_methods"]
    assert found(rules) == ["pull requests may be merged by rebase, in commits that nobody judged"]


def test_a_stricter_ruleset_beside_a_weaker_one_counts():
    weaker = live()
    parameters(weaker, "pull_request")["require_code_owner_review"] = False
    parameters(weaker, "required_status_checks")["required_status_checks"] = [{"context": "onboarding-gate"}]
    assert found(weaker + live()) == []


def test_a_merge_queue_of_groups_is_told_and_needs_no_branch_that_is_up_to_date():
    rules = live()
    parameters(rules, "required_status_checks")["strict_required_status_checks_policy"] = False
    [sentence] = found([*rules, QUEUE])
    assert "several pull requests at once" in sentence


def test_as_many_approvals_as_platform_yaml_asks_for():
    files = edited("platform.yaml", "{by: platform, count: 1}", "{by: platform, count: 3}")
    assert found(live(), files) == ["1 approval will do, and platform.yaml asks for 3"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b'{"message": "Not Found", "status": "404"}',
        b"[1]",
        b'[{"type": 1}]',
        b'[{"type": "pull_request", "parameters": {"require_code_owner_review": "yes"}}]',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_answer_of_github_is_refused(data):
    with pytest.raises(UsageError) as caught:
        protection.read(data)
    assert "no list of the rules of a branch" in caught.value.message
    assert "gh api" in caught.value.hint

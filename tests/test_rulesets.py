"""Branch protection for GitHub: what its API takes, and what follows from the config repo."""

from typing import Any

import jsonschema
import pytest

from onboarding_tool import rulesets
from onboarding_tool.errors import UsageError
from tests.support.repos import TEAMS, edited, good, repo_of

# By hand, from GitHub's OpenAPI description of `POST /repos/{owner}/{repo}/rulesets`; stricter, as it knows no other
# fields. The whole description is too large to be kept here: 13 MB.
FLAG, COUNT = {"type": "boolean"}, {"type": "integer", "minimum": 0, "maximum": 100}


def closed(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    properties = required | optional
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def rule(name: str, **parameters: Any) -> dict[str, Any]:
    about = {"type": {"const": name}}
    return closed(about | {"parameters": closed(parameters)} if parameters else about)


REVIEWS = rule(
    "pull_request",
    required_approving_review_count={"type": "integer", "minimum": 0, "maximum": 10},
    dismiss_stale_reviews_on_push=FLAG,
    require_code_owner_review=FLAG,
    require_last_push_approval=FLAG,
    required_review_thread_resolution=FLAG,
    allowed_merge_methods={"type": "array", "items": {"enum": ["merge", "squash", "rebase"]}, "minItems": 1},
)
CHECKS = rule(
    "required_status_checks",
    strict_required_status_checks_policy=FLAG,
    do_not_enforce_on_create=FLAG,
    required_status_checks={
        "type": "array",
        "items": closed({"context": {"type": "string"}, "integration_id": {"type": "integer"}}),
    },
)
QUEUE = rule(
    "merge_queue",
    merge_method={"enum": ["MERGE", "SQUASH", "REBASE"]},
    grouping_strategy={"enum": ["ALLGREEN", "HEADGREEN"]},
    max_entries_to_build=COUNT,
    min_entries_to_merge=COUNT,
    max_entries_to_merge=COUNT,
    min_entries_to_merge_wait_minutes={"type": "integer", "minimum": 0, "maximum": 360},
    check_response_timeout_minutes={"type": "integer", "minimum": 1, "maximum": 360},
)
ACTOR = closed(
    {
        "actor_id": {"type": "integer"},
        "actor_type": {"enum": ["Integration", "OrganizationAdmin", "RepositoryRole", "Team", "DeployKey", "User"]},
        "bypass_mode": {"enum": ["always", "pull_request", "exempt"]},
    }
)
REFS = {"type": "array", "items": {"type": "string", "pattern": "^refs/heads/"}}
SCHEMA = closed(
    {
        "name": {"type": "string"},
        "target": {"const": "branch"},
        "enforcement": {"enum": ["disabled", "active", "evaluate"]},
        "bypass_actors": {"type": "array", "items": ACTOR},
        "conditions": closed({"ref_name": closed({"include": REFS, "exclude": REFS})}),
        "rules": {
            "type": "array",
            "items": {"anyOf": [rule("deletion"), rule("non_fast_forward"), REVIEWS, CHECKS, QUEUE]},
        },
    }
)


def judged(ruleset: dict[str, Any]) -> dict[str, Any]:
    """Its rules by their types, each with its parameters."""
    jsonschema.Draft202012Validator(SCHEMA).validate(ruleset)
    assert ruleset["conditions"]["ref_name"] == {"include": ["refs/heads/main"], "exclude": []}
    assert ruleset["enforcement"] == "active"
    rules = {one["type"]: one.get("parameters") for one in ruleset["rules"]}
    assert len(rules) == len(ruleset["rules"])
    return rules


def test_main_takes_pull_requests_that_were_judged_and_approved():
    ruleset = rulesets.of_pull_requests(repo_of(good()))
    rules = judged(ruleset)
    assert rules.keys() == {"deletion", "non_fast_forward", "pull_request", "required_status_checks"}
    reviews = rules["pull_request"]
    for name in ("dismiss_stale_reviews_on_push", "require_code_owner_review", "require_last_push_approval"):
        assert reviews[name] is True
    checks = rules["required_status_checks"]
    assert checks["required_status_checks"] == [{"context": "onboarding-gate", "integration_id": 15368}]
    assert checks["strict_required_status_checks_policy"] is True
    assert ruleset["bypass_actors"] == []


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("{by: platform, count: 1}", 1),
        ("{by: platform, count: 3}", 3),
        ("{by: none}", 1),
        ("{by: none, count: 5}", 1),
    ],
)
def test_as_many_approvals_as_the_strictest_environment_asks_for(said, count):
    files = edited("platform.yaml", "{by: platform, count: 1}", said)
    assert judged(rulesets.of_pull_requests(repo_of(files)))["pull_request"]["required_approving_review_count"] == count


def test_where_nobody_approves_there_is_an_approval_still():
    platform = good()["platform.yaml"].replace("{by: platform, count: 1}", "{by: none}")
    files = good() | {"platform.yaml": platform.replace("{by: team, count: 1}", "{by: none}")}
    assert judged(rulesets.of_pull_requests(repo_of(files)))["pull_request"]["required_approving_review_count"] == 1


def test_environments_that_ask_for_fewer_are_told():
    told = list(
        rulesets.limits(repo_of(edited("platform.yaml", "{by: platform, count: 1}", "{by: platform, count: 2}")), 7)
    )
    assert any("2 for each pull request, though fewer do for staging" in line for line in told), told
    assert not any("fewer" in line for line in rulesets.limits(repo_of(good()), 7))


def test_the_merge_queue_takes_one_at_a_time():
    queue = judged(rulesets.of_pull_requests(repo_of(good()), merge_queue=True))["merge_queue"]
    assert {queue[name] for name in ("max_entries_to_build", "min_entries_to_merge", "max_entries_to_merge")} == {1}
    assert queue["merge_method"] == "MERGE"


def test_the_bot_may_push_but_not_rewrite():
    ruleset = rulesets.of_pull_requests(repo_of(good()), 4242)
    judged(ruleset)
    assert ruleset["bypass_actors"] == [{"actor_id": 4242, "actor_type": "Integration", "bypass_mode": "always"}]
    history = rulesets.of_history()
    assert judged(history).keys() == {"deletion", "non_fast_forward"}
    assert history["bypass_actors"] == []
    assert history["name"] != ruleset["name"]


def test_without_owners_a_review_of_them_cannot_be_required():
    teams = TEAMS.replace("{github: acme/platform, members: [{login: kim, id: 1}]}", "{}")
    with pytest.raises(UsageError) as caught:
        rulesets.of_pull_requests(repo_of(good() | {"teams.yaml": teams}))
    assert "platform-team" in caught.value.message
    assert "onboard team add platform-team --github ORG/SLUG" in caught.value.hint


@pytest.mark.parametrize(
    ("address", "slug"),
    [
        ("https://github.com/acme/config.git", "acme/config"),
        ("https://github.com/acme/config", "acme/config"),
        ("git@github.com:acme/config.git", "acme/config"),
        ("ssh://git@github.com/acme/on.board.git", "acme/on.board"),
        ("", "OWNER/REPO"),
    ],
)
def test_which_repository_it_is(address, slug):
    assert rulesets.slug(address) == slug

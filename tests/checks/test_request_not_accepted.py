import pytest

from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.checks import request_not_accepted as rule
from tests.support.git import commit, merge, repository
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, places
from tests.test_releases import APP, request_to

FILES = good() | {REQUEST_PATH: REQUEST}
PROD = "requests: queue"


def test_an_active_api_on_main_passes():
    assert findings(rule, FILES) == []
    assert findings(rule, edited("platform.yaml", PROD, f"{PROD}\n    revision: refs/heads/main", FILES)) == []


@pytest.mark.parametrize("revision", ["refs/tags/customer-a-v1.2.0", "refs/heads/release"])
def test_a_pinned_environment_takes_no_requests(revision):
    found = findings(rule, edited("platform.yaml", PROD, f"{PROD}\n    revision: {revision}", FILES))
    assert places(found) == [(REQUEST_PATH, 1, 1)]
    assert found[0].rule == "request-not-accepted"
    assert revision in found[0].message
    assert "moves that ref" in found[0].hint


def test_another_environment_that_is_pinned_does_not_matter():
    files = edited("platform.yaml", "requests: latest-wins", "requests: latest-wins\n    revision: refs/tags/v1", FILES)
    assert findings(rule, files) == []


@pytest.mark.parametrize("lifecycle", ["retiring", "removed"])
def test_an_api_that_goes_takes_no_requests(lifecycle):
    found = findings(rule, edited("apps/payments/metadata.yaml", "active", lifecycle, FILES))
    assert places(found) == [(REQUEST_PATH, 1, 1)]
    assert f"payments is {lifecycle}" in found[0].message


STAGING = "apps/payments/requests/staging"


def found_in(root, environment, how, **words):
    """What the rule finds where three requests arrived: the first two by `how`, the third in a change of its own."""
    folder = f"apps/payments/requests/{environment}"
    texts = [request_to(environment, target_image=f"{APP}:v{number}", **words) for number in (2, 3, 4)]
    one, two, three = (f"{folder}/r{number}.yaml" for number in (2, 3, 4))
    how(root, {one: texts[0], two: texts[1]})
    commit(root, {three: texts[2]})
    files = good() | dict(zip((one, two, three), texts, strict=True))
    return findings(rule, files, history=GitRepo.open(root).history())


@pytest.mark.parametrize("how", [commit, merge])
def test_two_for_one_slot_in_one_change_are_both_found_where_the_latest_wins(tmp_path, how):
    found = found_in(repository(tmp_path / "repo"), "staging", how)
    assert places(found) == [(f"{STAGING}/r2.yaml", 1, 1), (f"{STAGING}/r3.yaml", 1, 1)]
    assert "two requests for one slot came in one change" in found[0].message
    assert [f"{STAGING}/r3.yaml" in found[0].message, f"{STAGING}/r2.yaml" in found[1].message] == [True, True]


def test_in_a_queue_two_may_come_together(tmp_path):
    assert found_in(repository(tmp_path / "repo"), "prod", merge) == []


def test_two_for_different_containers_may_come_together(tmp_path):
    assert found_in(repository(tmp_path / "repo"), "staging", merge, container="web") == []


def test_two_that_no_commit_holds_yet_pass(tmp_path):
    root = repository(tmp_path / "repo")
    files = {f"{STAGING}/r{tag}.yaml": request_to("staging", target_image=f"{APP}:{tag}") for tag in ("v2", "v3")}
    assert findings(rule, good() | files, history=GitRepo.open(root).history()) == []

import pytest

from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.checks import request_not_added_alone as rule
from onboarding_tool.findings import Who
from onboarding_tool.load import request_id
from tests.support.git import commit, git, merge, repository
from tests.support.repos import REQUEST, REQUEST_PATH, findings, good, places

OTHER = "apps/orders/requests/prod/2026-11-20-v2-0-0-aaaa.yaml"


@pytest.fixture
def found(tmp_path):
    """What the rule finds in a repository after each of these changes was merged."""

    def find(*changes, how=merge):
        root = repository(tmp_path / "repo")
        for change in changes:
            how(root, change)
        return findings(rule, good() | {REQUEST_PATH: REQUEST}, history=GitRepo.open(root).history())

    return find


@pytest.mark.parametrize("how", [merge, commit])
def test_requests_alone_pass(found, how):
    assert found({REQUEST_PATH: REQUEST, OTHER: "x", REQUEST_PATH.replace("v2", "v3"): "y"}, how=how) == []


@pytest.mark.parametrize("how", [merge, commit])
@pytest.mark.parametrize(
    "path",
    [
        "apps/payments/overlays/prod/kustomization.yaml",
        "platform.yaml",
        "README.md",
        "apps/payments/requests/README.md",
        "apps/payments/requests/prod/x.yml",
        "apps/payments/releases/prod/000001-0123456789abcdef.yaml",
    ],
)
def test_anything_else_is_found(found, path, how):
    problems = found({REQUEST_PATH: REQUEST, path: "x: 1\n"}, how=how)
    assert places(problems) == [(REQUEST_PATH, 1, 1)]
    assert (problems[0].rule, problems[0].who) == ("request-not-added-alone", Who.APP_TEAM)
    assert path in problems[0].hint


def test_a_later_change_of_the_request_is_found(found):
    assert f"{REQUEST_PATH} (M)" in found({REQUEST_PATH: "x: 1\n"}, {REQUEST_PATH: REQUEST})[0].hint


def test_a_request_that_replaces_another_is_found(found):
    assert f"{OTHER} (D)" in found({OTHER: "x"}, {OTHER: None, REQUEST_PATH: REQUEST})[0].hint


def test_many_other_files_are_counted(found):
    hint = found({REQUEST_PATH: REQUEST} | {f"apps/payments/base/x{number}": "x" for number in range(9)})[0].hint
    assert "x0 (A), apps/payments/base/x1 (A), apps/payments/base/x2 (A) and 6 more files." in hint


def test_what_no_commit_holds_yet_passes(found):
    assert found({"apps/payments/base/x": "x"}) == []


def test_a_reverted_release_is_another_rules_finding(tmp_path):
    root = repository(tmp_path / "repo")
    commit(root, {REQUEST_PATH: REQUEST})
    record = f"apps/payments/releases/prod/000001-{request_id(REQUEST_PATH, REQUEST.encode())[:16]}.yaml"
    commit(root, {REQUEST_PATH: None, record: "x: 1\n"})
    git(root, "revert", "--no-edit", "HEAD")
    assert findings(rule, good() | {REQUEST_PATH: REQUEST}, history=GitRepo.open(root).history()) == []

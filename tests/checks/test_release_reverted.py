from dataclasses import replace

import pytest

from onboarding_tool import load
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.checks import record_chain_broken, record_rewritten, request_not_added_alone
from onboarding_tool.checks import release_reverted as rule
from onboarding_tool.findings import Who
from onboarding_tool.load import request_id
from tests.support.git import commit, git, merge, repository
from tests.support.repos import REQUEST, REQUEST_PATH, findings, good, places

ID = request_id(REQUEST_PATH, REQUEST.encode())
RECORD = f"apps/payments/releases/prod/000001-{ID[:16]}.yaml"
RELEASE = {REQUEST_PATH: None, RECORD: f"id: {ID}\n"}
FILES = good() | {REQUEST_PATH: REQUEST}


@pytest.fixture
def root(tmp_path):
    root = repository(tmp_path / "repo")
    commit(root, {REQUEST_PATH: REQUEST})
    return root


def found(root, files=FILES):
    return findings(rule, files, history=GitRepo.open(root).history())


def test_a_request_that_waits_passes(root):
    assert found(root) == []


def test_a_reverted_release_is_found_with_the_way_out(root):
    commit(root, RELEASE)
    git(root, "revert", "--no-edit", "HEAD")
    revert = git(root, "rev-parse", "HEAD")
    problems = found(root)
    assert places(problems) == [(REQUEST_PATH, 1, 1)]
    assert problems[0].rule == "release-reverted"
    assert f"the release {ID[:16]} was reverted" in problems[0].message
    assert f"`git revert {revert[:12]}`" in problems[0].hint
    assert f"onboard request payments prod IMAGE --rollback-of {ID[:16]}" in problems[0].hint


def test_a_revert_in_two_steps_is_found(root):
    commit(root, RELEASE)
    commit(root, {RECORD: None})
    commit(root, {REQUEST_PATH: REQUEST})
    assert len(found(root)) == 1


def test_a_request_that_was_taken_back_before_it_was_decided_passes(root):
    commit(root, {REQUEST_PATH: None})
    commit(root, {REQUEST_PATH: REQUEST})
    assert found(root) == []


def test_the_record_of_another_request_does_not_matter(root):
    other = RECORD.replace(ID[:16], "0" * 16)
    commit(root, {other: "x"})
    commit(root, {other: None})
    assert found(root) == []


def test_where_the_record_is_back_too_it_is_another_rules_finding(root):
    commit(root, RELEASE)
    git(root, "revert", "--no-edit", "HEAD")
    assert found(root, FILES | {RECORD: f"id: {ID}\n"}) == []


@pytest.mark.parametrize(
    ("decision", "what", "then"),
    [
        ("applied", "release", f"ask for the rollback: `onboard request payments prod IMAGE --rollback-of {ID[:16]}`"),
        ("refused", "refusal", "Then ask anew: `onboard request payments prod IMAGE`."),
        ("superseded", "decision", "Then ask anew: `onboard request payments prod IMAGE`."),
    ],
)
def test_the_way_out_depends_on_what_was_decided(root, decision, what, then):
    commit(root, {REQUEST_PATH: None, RECORD: f"id: {ID}\ndecision: {decision}\n"})
    git(root, "revert", "--no-edit", "HEAD")
    (finding,) = found(root)
    assert finding.message.startswith(f"the {what} {ID[:16]} was reverted")
    assert finding.hint.startswith(f"Revert the revert: `git revert {git(root, 'rev-parse', 'HEAD')[:12]}`. ")
    assert then in finding.hint
    assert ("--rollback-of" in finding.hint) is (decision == "applied")
    assert finding.who is Who.PLATFORM


def test_a_revert_that_was_merged_is_reverted_as_a_merge(root):
    commit(root, RELEASE)
    merged = merge(root, {REQUEST_PATH: REQUEST, RECORD: None})
    (finding,) = found(root)
    command = finding.hint.split("`")[1].split()
    assert command == ["git", "revert", "-m", "1", merged[:12]]
    git(root, *command[1:], "--no-edit")
    assert (root / RECORD).exists()


def test_only_this_rule_speaks_of_a_revert(root):
    commit(root, RELEASE)
    newer = RECORD.replace("000001", "000002").replace(ID[:16], "0" * 16)
    outcome = RECORD.replace(".yaml", ".outcome.yaml")
    commit(root, {newer: "seq: 2\n"})
    git(root, "revert", "--no-edit", "HEAD~1")
    commit(root, {outcome: "x: 1\n"})
    repo = load.load(FolderTree(root))[0]
    repo = replace(repo, history=GitRepo.open(root).history())
    rules = (record_chain_broken, record_rewritten, rule, request_not_added_alone)
    assert [finding.rule for each in rules for finding in each.check(repo) if finding.path != newer] == [
        "release-reverted"
    ]
    assert not any("is gone" in finding.message for finding in record_chain_broken.check(repo))

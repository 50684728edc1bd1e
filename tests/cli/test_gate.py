"""`onboard gate` as it is typed: on a laptop, in a pipeline, and wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from onboarding_tool import report_gate
from onboarding_tool.gate.verdict import Approval
from onboarding_tool.model import Member
from tests.support.cli import onboard
from tests.support.git import commit, git, repository, status, write
from tests.support.repos import REQUEST, REQUEST_PATH, good, with_generated

HEADLINE = "release request of payments: accepted\n"


@pytest.fixture
def config(tmp_path) -> Path:
    return repository(tmp_path / "config", with_generated(good()))


@pytest.fixture
def asked(config) -> Path:
    git(config, "switch", "-q", "-c", "topic")
    commit(config, {REQUEST_PATH: REQUEST})
    return config


def test_a_pull_request_is_judged_by_its_commits(asked):
    done = onboard("gate", "main", "topic", "--author", "alice", at=asked)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(HEADLINE)
    assert "  payments prod: image app v1.9.3 -> v2.0.0; 2 replicas roll; nothing else changes\n" in done.out
    assert "  approval: 1 of platform-team, not alice, for prod\n" in done.out


def test_in_a_folder_of_the_config_repo_it_judges_the_whole(asked):
    done = onboard("gate", "main", "topic", "--author", "alice", at=asked / "apps/payments")
    assert (done.code, done.out.startswith(HEADLINE)) == (0, True)


def test_a_stranger_is_refused(asked):
    done = onboard("gate", "main", "topic", "--author", "mallory", at=asked)
    assert done.code == 1
    assert done.out.startswith("release request of payments: refused\n")
    assert "author-not-owner: payments is payments-team's, and mallory is in no team of teams.yaml" in done.out


def test_a_bare_repository_will_do(asked, tmp_path):
    git(tmp_path, "clone", "-q", "--bare", str(asked), "bare.git")
    done = onboard("gate", "main", "topic", "--author-id", "1001", at=tmp_path / "bare.git")
    assert (done.code, done.out.startswith(HEADLINE)) == (0, True)
    without = onboard("gate", at=tmp_path / "bare.git")
    assert (without.code, "a bare repository has no working tree" in without.err) == (2, True)


@pytest.mark.parametrize("words", [(), ("--staged",)])
def test_on_a_laptop_it_judges_what_lies_there(config, words):
    write(config, {REQUEST_PATH: REQUEST})
    if words:
        git(config, "add", REQUEST_PATH)
    before = status(config)
    done = onboard("gate", *words, at=config)
    assert (done.code, done.out.startswith(HEADLINE)) == (0, True)
    assert "note: who asks is not known, so whose the files are was not judged" in done.out
    assert status(config) == before
    assert git(config, "count-objects") == git(config, "count-objects")


def test_on_a_laptop_there_may_be_nothing_to_judge(config):
    empty = onboard("gate", at=config)
    assert empty.code == 1
    assert "change-empty: what lies here differs in nothing from the base" in empty.out
    assert "who asks" not in empty.out


def test_the_hook_lets_a_commit_pass_that_takes_everything_back(asked):
    git(asked, "rm", "-q", REQUEST_PATH)
    done = onboard("gate", "--staged", at=asked)
    assert (done.code, done.out) == (0, "")
    assert done.err == "What is staged differs in nothing from the base, so there is nothing to judge.\n"


@pytest.mark.parametrize("words", [(), ("-a",), (REQUEST_PATH,)], ids=["staged before", "all", "one file"])
def test_the_hook_judges_what_is_committed_however_that_is_said(asked, words):
    """`git commit -a` and `git commit FILE` stage in an index of their own."""
    hook = asked / ".git/hooks/pre-commit"
    run = f"{sys.executable} -c 'from onboarding_tool.cli import main; main()' gate --staged"
    hook.write_text(f"#!/bin/sh\n{run} >{asked.parent}/said 2>&1\n")
    hook.chmod(0o755)
    write(asked, {REQUEST_PATH: REQUEST.replace("app:v2.0.0", "app:latest")})
    if not words:
        git(asked, "add", REQUEST_PATH)
    done = subprocess.run(["git", "commit", "-q", "-m", "x", *words], cwd=asked, capture_output=True, check=False)
    assert (done.returncode, "request-image-forbidden" in (asked.parent / "said").read_text()) == (1, True)


@pytest.mark.parametrize("words", [(), ("--staged",)])
def test_a_merge_that_is_not_committed_yet_is_judged_as_one(config, words):
    """What was solved in it is no conflict with the base any more."""
    git(config, "switch", "-q", "-c", "topic")
    commit(config, {"README.md": "mine\n"})
    git(config, "switch", "-q", "main")
    commit(config, {"README.md": "theirs\n"})
    git(config, "switch", "-q", "topic")
    subprocess.run(["git", "merge", "main"], cwd=config, capture_output=True, check=False)
    write(config, {"README.md": "both\n"})
    git(config, "add", "README.md")
    done = onboard("gate", "main", *words, at=config)
    assert (done.code, done.out.partition("\n")[0]) == (0, "platform change: accepted")


def test_an_index_of_another_repository_is_not_judged(asked, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository(tmp_path / "other") / ".git/index"))
    assert onboard("gate", "--staged", at=asked).out.startswith(HEADLINE)


def test_what_is_committed_and_what_is_not_are_judged_together(asked):
    write(asked, {"README.md": "x", "apps/payments/README.md": "x"})
    done = onboard("gate", at=asked)
    assert done.code == 1
    assert "change-mixed: requests come alone, and this pull request also touches apps/payments/README.md" in done.out


def test_what_git_knows_is_judged_wherever_it_lies(config):
    commit(config, {"README.md": "known", "apps/payments/README.md": "known"})
    write(config, {REQUEST_PATH: REQUEST, "README.md": "changed"})
    done = onboard("gate", at=config)
    assert (done.code, "this pull request also touches README.md" in done.out) == (1, True)


def test_what_a_merge_has_left_open_is_not_staged(asked):
    commit(asked, {"platform.yaml": "ours"})
    git(asked, "switch", "-q", "main")
    commit(asked, {"platform.yaml": "theirs"})
    with pytest.raises(AssertionError):
        git(asked, "merge", "topic")
    done = onboard("gate", "--staged", at=asked)
    assert (done.code, done.out) == (5, "")
    assert "nothing is staged of platform.yaml: a merge has stopped there" in done.err


def test_reports_are_written_beside_what_is_printed(asked, tmp_path):
    reports = [f"--report={form}={tmp_path / form}" for form in ("json", "markdown", "github")]
    done = onboard("gate", "main", "topic", "--author", "alice", *reports, "--format", "json", at=asked)
    assert json.loads(done.out) == json.loads((tmp_path / "json").read_text())
    assert json.loads(done.out)["passes"] is True
    told = report_gate.read((tmp_path / "json").read_bytes())
    assert told.approvals == (Approval("platform-team", 1, "prod", (Member("kim", 1),)),)
    assert (tmp_path / "markdown").read_text().startswith("### ✅ `release request of payments: accepted`\n")
    assert (tmp_path / "github").read_text() == HEADLINE


def merged(asked: Path, *more: str) -> str:
    """The topic merged into main, with something beside it."""
    git(asked, "switch", "-q", "main")
    commit(asked, {"README.md": "meanwhile"})
    git(asked, "merge", "-q", "--no-ff", "--no-commit", "topic")
    write(asked, dict.fromkeys(more, "sneaked in"))
    git(asked, "add", "-A")
    git(asked, "commit", "-q", "-m", "Merge")
    return git(asked, "rev-parse", "HEAD")


def test_what_landed_is_what_was_judged(asked):
    landed = merged(asked)
    done = onboard("gate", "--landed", landed, "--author", "alice", at=asked)
    assert (done.code, done.out.startswith(HEADLINE)) == (0, True)
    assert onboard("gate", "--landed", landed, "--author", "mallory", at=asked).code == 1


def test_what_landed_beside_it_is_told(asked):
    landed = merged(asked, "apps/payments/base/extra.yaml", "platform.yaml")
    done = onboard("gate", "--landed", "HEAD", "--author", "alice", at=asked)
    assert done.code == 1
    for path in ("apps/payments/base/extra.yaml", "platform.yaml"):
        assert f"{path}:1:1" in done.out
    assert done.out.count(f"landed-otherwise: {landed[:12]} holds something else here than was judged") == 2


def test_a_squashed_pull_request_landed_as_it_was_judged_if_both_commits_are_named(asked):
    git(asked, "switch", "-q", "main")
    git(asked, "merge", "-q", "--squash", "topic")
    git(asked, "commit", "-q", "-m", "Squashed")
    done = onboard("gate", "--landed", "HEAD", "--author", "alice", at=asked)
    assert (done.code, "is no merge of two commits" in done.err) == (2, True)
    done = onboard("gate", "HEAD^", "topic", "--landed", "HEAD", "--author", "alice", at=asked)
    assert (done.code, done.out.startswith(HEADLINE)) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("main", "topic"), "a pull request is judged as that of its author, and none is given"),
        (("main", "topic", "--author", ""), "--author and --teams are empty"),
        (("main", "topic", "--teams", " , "), "--author and --teams are empty"),
        (("main", "topic", "--author", "a", "--staged"), "--staged and HEAD exclude each other"),
        (("--landed", "main", "--author", "a", "--staged"), "--staged and --landed exclude each other"),
        (("--landed", "main"), "a pull request is judged as that of its author, and none is given"),
        (("main", "--report", "json"), "--report: 'json' is not FORMAT=FILE"),
        (("main", "--report", "yaml=x"), "--report: 'yaml=x' is not FORMAT=FILE"),
        (("main", "--report", "json=-"), "--report: 'json=-' names no file"),
        (("main", "--report", "json=x", "--report", "markdown=./x"), "--report names x twice"),
        (("--upload-pack=x", "topic", "--author", "a"), "no option"),
        (("main", "", "--author", "a"), "a commit is given by an empty word"),
        (("main...topic", "--author", "a"), "two as two words: A B"),
    ],
)
def test_wrong_words_are_no_verdict(asked, words, said):
    done = onboard("gate", *words, at=asked)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_commit_that_is_not_here_is_said(asked):
    done = onboard("gate", "main", "nothing", "--author", "alice", at=asked)
    assert (done.code, done.out) == (3, "")
    assert "there is no commit 'nothing' here" in done.err


def test_without_a_main_branch_the_base_is_named(asked):
    git(asked, "branch", "-q", "-m", "main", "trunk")
    done = onboard("gate", at=asked)
    assert (done.code, "there is neither origin/main nor main here" in done.err) == (2, True)
    assert onboard("gate", "trunk", at=asked).code == 0


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("/nowhere/x", "/nowhere/x lies in no folder that is there\n  `mkdir -p /nowhere`"),
        ("apps", "apps is a folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_said_before_anything_is_judged(asked, file, said):
    words = ("--report", f"markdown={asked.parent / 'first'}", "--report", f"json={file}")
    done = onboard("gate", "main", "nothing", "--author", "alice", *words, at=asked)
    assert (done.code, done.out) == (3, "")
    assert f"--report: {said}" in done.err
    assert not (asked.parent / "first").exists()


def test_before_the_first_commit_there_is_nothing_to_judge(tmp_path):
    git(tmp_path, "init", "-q", "-b", "main")
    write(tmp_path, good())
    done = onboard("gate", at=tmp_path)
    assert (done.code, "there is no commit yet" in done.err) == (3, True)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    done = onboard("-C", "nowhere", "gate", at=tmp_path)
    assert (done.code, "nowhere does not exist" in done.err) == (3, True)

from dataclasses import replace

import pytest

from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.checks import record_rewritten as rule
from onboarding_tool.checks import release_reverted
from onboarding_tool.findings import Who
from onboarding_tool.load import load, request_id
from tests.support.git import commit, git, merge, repository, write
from tests.support.repos import REQUEST, REQUEST_PATH
from tests.test_releases import released

FILES, IDS = released(["v2", "v3"])
OLDER, NEWEST = sorted(path for path in FILES if "/releases/" in path)
OUTCOME = NEWEST.replace(".yaml", ".outcome.yaml")
HEALTHY = f"apiVersion: onboarding/v1\nkind: ReleaseOutcome\nid: {IDS[1]}\nseq: 2\nresult: healthy\n"


@pytest.fixture(params=["", "deploy/config"])
def root(request, tmp_path):
    """Two releases and the outcome of one, each committed in a change of its own."""
    root = repository(tmp_path / "repo", at=request.param)
    for path in (OLDER, NEWEST):
        commit(root, {path: FILES[path]})
    merge(root, {OUTCOME: HEALTHY})
    return root


def found(root):
    repo, _ = load(FolderTree(root))
    return sorted(rule.check(_with_history(repo, root)))


def _with_history(repo, root):
    return replace(repo, history=GitRepo.open(root).history())


def test_records_as_they_were_committed_pass(root):
    assert found(root) == []
    write(root, {NEWEST.replace("000002", "000003"): "new and not committed\n"})
    assert found(root) == []


@pytest.mark.parametrize("path", [OLDER, NEWEST, OUTCOME])
@pytest.mark.parametrize("text", [None, "changed\n"])
@pytest.mark.parametrize("how", [commit, merge])
def test_what_was_changed_or_deleted_is_found(root, path, text, how):
    brought = git(root, "log", "-1", "--first-parent", "--format=%H", "--", path)
    change = how(root, {path: text})
    (finding,) = found(root)
    assert (finding.path, finding.line, finding.rule, finding.who) == (path, 1, "record-rewritten", Who.PLATFORM)
    what = "outcome" if path == OUTCOME else "release record"
    did = "deleted" if text is None else "changed"
    assert finding.message.startswith(f"this {what} was {did} by the change {change[:12]};")
    assert f"`git checkout {brought[:12]} -- {path}`" in finding.hint


def test_the_hint_mends_it(root):
    commit(root, {NEWEST: "changed\n", OUTCOME: None})
    for finding in found(root):
        git(root, *finding.hint.split("`")[1].split()[1:])
    assert found(root) == []
    git(root, "commit", "-q", "-m", "back")
    assert found(root) == []


def test_what_came_back_as_something_else_is_found(root):
    commit(root, {NEWEST: None})
    commit(root, {NEWEST: FILES[NEWEST] + "# more\n"})
    assert [finding.path for finding in found(root)] == [NEWEST]


def test_a_change_that_is_not_committed_is_found(root):
    write(root, {NEWEST: FILES[NEWEST].replace("Bot", "Tim"), OLDER: None})
    assert [(finding.path, "not committed yet" in finding.message) for finding in found(root)] == [
        (OLDER, True),
        (NEWEST, True),
    ]


def test_who_undoes_a_repair_without_a_commit_is_told_so(root):
    commit(root, {NEWEST: None})
    git(root, "revert", "--no-edit", "HEAD")
    assert found(root) == []
    write(root, {NEWEST: None})
    assert ["not committed yet" in finding.message for finding in found(root)] == [True]


def test_all_of_an_apis_records_are_missed_even_without_the_api(root):
    git(root, "rm", "-rq", "apps/payments")
    git(root, "commit", "-q", "-m", "all gone")
    assert [finding.path for finding in found(root)] == [OLDER, OUTCOME, NEWEST]


def test_other_files_below_releases_do_not_matter(root):
    commit(root, {"apps/payments/releases/prod/notes.txt": "x"})
    commit(root, {"apps/payments/releases/prod/notes.txt": None})
    assert found(root) == []


def test_a_reverted_release_is_another_rules_finding(root):
    commit(root, {REQUEST_PATH: REQUEST})
    record = f"apps/payments/releases/prod/000003-{request_id(REQUEST_PATH, REQUEST.encode())[:16]}.yaml"
    commit(root, {REQUEST_PATH: None, record: "decision: applied\n"})
    git(root, "revert", "--no-edit", "HEAD")
    assert found(root) == []
    repo = _with_history(load(FolderTree(root))[0], root)
    assert [finding.path for finding in release_reverted.check(repo)] == [REQUEST_PATH]
    commit(root, {REQUEST_PATH: None})
    assert [finding.path for finding in found(root)] == [record]

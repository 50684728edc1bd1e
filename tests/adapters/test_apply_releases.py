"""The life of release requests on real git, kills included."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from onboarding_tool import load
from onboarding_tool.adapters import apply_releases
from onboarding_tool.adapters.apply_releases import Outcome
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.checks import environment_unknown, judging, record_chain_broken, request_not_added_alone
from onboarding_tool.errors import ConflictError, UsageError, WorldError
from onboarding_tool.model import Api
from tests.support.git import commit, git, merge, repository, status, write
from tests.support.repos import REQUEST, REQUEST_PATH, edited, good, second_api
from tests.test_releases import APP, OVERLAY, request_to

NOW = "2026-11-20T16:40:02Z"


@pytest.fixture(params=["", "deploy/config"])
def root(request, tmp_path) -> Path:
    return repository(tmp_path / "repo", at=request.param)


def apply(root: Path, *names: str, **words) -> Outcome:
    git_repo = GitRepo.open(root)
    return apply_releases.apply_all(git_repo, names or None, decided_at=lambda: NOW, tool_version="0.1.0", **words)


def said(outcome: Outcome) -> list[str]:
    """The decisions in order."""
    return [item.decision.kind.value if hasattr(item, "decision") else item.finding.rule for item in outcome.items]


def payments(root: Path) -> Api:
    """The API as HEAD has it; that must be a repo that breaks no rule about releases."""
    repo, found = load.load(GitRepo.open(root).tree("HEAD"))
    assert found == []
    assert list(record_chain_broken.check(repo)) == []
    return repo.apis["payments"]


def wish(tag: str, name: str, environment: str = "prod") -> dict[str, str]:
    """A request file that expects nothing of what runs."""
    path = f"apps/payments/requests/{environment}/{name}.yaml"
    return {path: request_to(environment, target_image=f"{APP}:{tag}", expected_current=None)}


# One after another


def test_a_release_is_one_commit(root):
    brought = merge(root, {REQUEST_PATH: REQUEST})
    outcome = apply(root)
    assert said(outcome) == ["applied"]
    assert outcome.complete
    record = payments(root).records[0]
    assert git(root, "show", "--no-renames", "--name-status", "--format=", "--relative").splitlines() == [
        f"M\t{OVERLAY}",
        f"A\t{record.path}",
        f"D\t{REQUEST_PATH}",
    ]
    assert git(root, "rev-list", "--count", f"{brought}..HEAD") == "1"
    assert git(root, "log", "-1", "--format=%s") == "release(payments/prod): app v1.9.3 -> v2.0.0"
    assert git(root, "log", "-1", "--format=%(trailers:key=Release-Record,valueonly)") == record.id
    assert record.value["base_commit"] == brought
    assert record.value["requested_by"] == {
        "name": "Kim Example",
        "login": None,
        "id": None,
        "source": "git",
        "commit": brought,
    }
    assert status(root) == []
    assert apply(root).items == ()


def test_the_lines_tell_what_became_of_each(root):
    commit(root, {REQUEST_PATH: REQUEST})
    commit(root, wish("latest", "z"))
    lines = list(apply(root).lines())
    commits = git(root, "rev-list", "--reverse", "-2", "HEAD").split()
    assert lines[0] == f"{REQUEST_PATH}: applied: app v1.9.3 -> v2.0.0 ({commits[0][:12]})"
    assert lines[1].startswith("apps/payments/requests/prod/z.yaml: refused: the tag 'latest' moves")
    assert list(apply(root).lines()) == ["No release request is pending."]


def test_requests_are_decided_in_the_order_of_their_arrival(root):
    for name, tag in (("z", "v2"), ("a", "v3"), ("m", "v4")):
        commit(root, wish(tag, name))
    apply(root)
    moved = [(record.seq, record.value["old_image"][-2:], record.value["new_image"][-2:]) for record in records(root)]
    assert moved == [(1, ".3", "v2"), (2, "v2", "v3"), (3, "v3", "v4")]


def records(root: Path, environment: str = "prod"):
    return payments(root).records_in(environment)


def test_the_latest_wins_in_staging(root):
    for name, tag in (("z", "v2"), ("a", "v3"), ("m", "v4")):
        commit(root, wish(tag, name, "staging"))
    assert said(apply(root)) == ["superseded", "superseded", "applied"]
    assert [record.decision for record in records(root, "staging")] == ["superseded", "superseded", "applied"]


def test_only_the_named_are_decided(root):
    commit(root, {**wish("v2", "a"), **wish("v3", "b"), **wish("v4", "c")})
    assert said(apply(root, "b.yaml")) == ["applied"]
    assert said(apply(root, "apps/payments/requests/prod/c.yaml")) == ["applied"]
    assert [request.path[-6:] for request in payments(root).requests] == ["a.yaml"]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("./apps/payments/requests/prod/b.yaml", ""),
        ("apps//payments/requests/../requests/prod/b.yaml", ""),
        ("prod/b.yaml", "apps/payments/requests"),
        ("./b.yaml", "apps/payments/requests/prod"),
        ("apps/payments/requests/prod/b.yaml", "apps/payments"),
    ],
)
def test_a_path_may_be_typed_in_any_way(root, monkeypatch, name, folder):
    commit(root, {**wish("v2", "b"), **wish("v2", "b", "staging")})
    monkeypatch.chdir(root / folder)
    assert [item.decision.request.path for item in apply(root, name).items] == ["apps/payments/requests/prod/b.yaml"]


def test_an_absolute_path_through_a_link_is_found(root, tmp_path):
    commit(root, wish("v2", "b"))
    (tmp_path / "link").symlink_to(root)
    assert said(apply(root, f"{tmp_path}/link/apps/payments/requests/prod/b.yaml")) == ["applied"]


@pytest.mark.parametrize(
    "name", ["nothing", "b", "../b.yaml", "/apps/payments/requests/prod/b.yaml", "apps/payments/requests/prod", ""]
)
def test_what_is_no_pending_request_is_a_usage_error(root, name):
    commit(root, wish("v2", "b"))
    with pytest.raises(UsageError):
        apply(root, name)


def test_a_name_that_two_have_is_a_usage_error(root):
    commit(root, {**wish("v2", "a"), **wish("v2", "a", "staging")})
    with pytest.raises(UsageError) as raised:
        apply(root, "a.yaml")
    assert "apps/payments/requests/staging/a.yaml" in raised.value.hint


def test_what_is_not_committed_is_not_pending(root):
    write(root, {REQUEST_PATH: REQUEST})
    assert apply(root).items == ()
    assert [line[:2] for line in status(root)] == ["??"]
    git(root, "add", "-A")
    assert apply(root).items == ()


def test_only_one_api_is_read_for_a_decision(tmp_path):
    root = repository(tmp_path / "repo", {**good(), **second_api()})
    commit(root, {"apps/orders/metadata.yaml": "broken: ["})
    commit(root, {REQUEST_PATH: REQUEST})
    assert said(apply(root)) == ["applied"]


def test_several_apis_are_decided(tmp_path):
    root = repository(tmp_path / "repo", {**good(), **second_api()})
    path = REQUEST_PATH.replace("payments", "orders")
    text = REQUEST.replace("payments", "orders").replace("acme/orders", "acme/payments")
    merge(root, {REQUEST_PATH: REQUEST, path: text})
    assert said(apply(root)) == ["applied", "applied"]
    repo, _ = load.load(GitRepo.open(root).tree("HEAD"))
    assert [api.records[0].seq for api in repo.apis.values()] == [1, 1]


# Refused and held


def test_a_request_that_came_with_another_change_is_refused(root):
    merge(root, {REQUEST_PATH: REQUEST, "apps/payments/base/hpa.yaml": "changed: too\n"})
    assert said(apply(root)) == ["refused"]
    record = records(root)[0]
    assert "apps/payments/base/hpa.yaml (M)" in record.value["reason"]
    assert b"v1.9.3" in GitRepo.open(root).tree("HEAD").read(OVERLAY)


def test_a_request_that_was_changed_after_its_arrival_is_refused(root):
    merge(root, {REQUEST_PATH: REQUEST})
    changed = commit(root, {REQUEST_PATH: REQUEST.replace("v2.0.0", "v6.6.6")})
    assert said(apply(root)) == ["refused"]
    assert records(root)[0].value["requested_by"]["commit"] == changed


def test_a_merge_from_an_old_branch_is_added_alone(root):
    git(root, "branch", "topic")
    commit(root, {"apps/payments/base/hpa.yaml": "kind: x\n"})
    git(root, "switch", "-q", "topic")
    commit(root, {REQUEST_PATH: REQUEST})
    git(root, "switch", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "Merge", "topic")
    assert said(apply(root)) == ["applied"]


def test_a_reverted_release_holds_until_the_revert_is_reverted(root):
    merge(root, {REQUEST_PATH: REQUEST})
    apply(root)
    release = git(root, "rev-parse", "HEAD")
    git(root, "revert", "--no-edit", release)
    commit(root, wish("v3", "other"))
    commit(root, wish("v3", "another", "staging"))
    head = git(root, "rev-parse", "HEAD")
    outcome = apply(root)
    assert said(outcome) == ["release-reverted", "release-reverted", "applied"]
    assert not outcome.complete
    assert "--rollback-of" in "\n".join(outcome.lines())
    assert git(root, "rev-list", "--count", f"{head}..HEAD") == "1"
    git(root, "revert", "--no-edit", git(root, "log", "-1", "--format=%H", "--grep=^Revert"))
    outcome = apply(root)
    assert said(outcome) == ["applied"]
    undone = records(root)[0].id
    path = "apps/payments/requests/prod/back.yaml"
    commit(root, {path: request_to(target_image=f"{APP}:v1.9.3", expected_current=None, rollback_of=f'"{undone}"')})
    assert said(apply(root)) == ["applied"]
    assert [record.value["new_image"] for record in records(root)] == [
        f"{APP}:{tag}" for tag in ("v2.0.0", "v3", "v1.9.3")
    ]


def test_a_revert_by_pull_request_holds_too(root):
    merge(root, {REQUEST_PATH: REQUEST})
    apply(root)
    git(root, "switch", "-q", "-c", "undo")
    git(root, "revert", "--no-edit", "HEAD")
    commit(root, {"apps/payments/base/hpa.yaml": "kind: x\n"})
    git(root, "switch", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "Merge undo", "undo")
    assert said(apply(root)) == ["release-reverted"]


def test_a_request_that_comes_back_beside_its_record_is_refused(root):
    commit(root, {REQUEST_PATH: REQUEST})
    apply(root)
    commit(root, {REQUEST_PATH: REQUEST})
    assert said(apply(root)) == ["refused"]
    assert "decided already" in records(root)[1].value["reason"]


def test_an_edited_record_holds(root):
    commit(root, {REQUEST_PATH: REQUEST})
    commit(root, wish("v3", "z"))
    apply(root)
    first = records(root)[0].path
    commit(root, {first: (root / first).read_text().replace("Kim", "Tim"), **wish("v4", "y")})
    assert said(apply(root)) == ["record-chain-broken"]


@pytest.mark.parametrize("how", ["edit", "delete", "delete all"])
def test_the_newest_record_cannot_be_touched_either(root, how):
    commit(root, {REQUEST_PATH: REQUEST})
    commit(root, wish("v3", "z"))
    apply(root)
    first, newest = (record.path for record in records(root))
    text = (root / newest).read_text()
    changes = {
        "edit": {newest: text.replace("Kim", "Tim")},
        "delete": {newest: None},
        "delete all": {first: None, newest: None},
    }
    merge(root, {**changes[how]})
    commit(root, {**wish("v4", "y"), **wish("v4", "x", "staging")})
    assert said(apply(root)) == ["record-rewritten", "applied"]
    git(root, "checkout", "-q", "HEAD~3", "--", first, newest)
    git(root, "commit", "-q", "-m", "back")
    assert said(apply(root)) == ["applied"]


def test_two_for_one_slot_in_one_change_are_both_refused_where_the_latest_wins(root):
    merge(root, {**wish("v2", "a", "staging"), **wish("v3", "b", "staging")})
    commit(root, wish("v4", "c", "prod"))
    assert said(apply(root)) == ["refused", "refused", "applied"]
    reasons = [record.value["reason"] for record in records(root, "staging")]
    assert ["two requests for one slot came in one change" in reason for reason in reasons] == [True, True]
    commit(root, wish("v3", "c", "staging"))
    assert said(apply(root)) == ["applied"]


def test_a_request_for_an_unknown_environment_is_refused_and_leaves_nothing_red(root):
    path = "apps/payments/requests/produ/a.yaml"
    commit(root, {path: request_to("staging")})
    assert said(apply(root)) == ["refused"]
    reason = records(root, "produ")[0].value["reason"]
    assert (
        reason == "there is no environment 'produ' in platform.yaml. Did you mean 'prod'? There are staging and prod."
    )
    repo, found = load.load(GitRepo.open(root).tree("HEAD"))
    assert (found, list(environment_unknown.check(repo))) == ([], [])


def test_a_broken_declaration_is_named_with_its_line(root):
    commit(root, {REQUEST_PATH: REQUEST})
    commit(root, {"platform.yaml": good()["platform.yaml"] + "a: [\n"})
    (line,) = apply(root).lines()
    assert re.match(rf"{REQUEST_PATH}: not decided: yaml-invalid: platform\.yaml:[0-9]{{2}}: not YAML", line)
    assert line.count(REQUEST_PATH) == 1


def test_check_knows_before_what_apply_will_refuse(root):
    merge(root, {REQUEST_PATH: REQUEST, "teams.yaml": good()["teams.yaml"] + "# more\n"})
    git_repo = GitRepo.open(root)
    repo, found = load.load(git_repo.tree("HEAD"))
    findings = list(request_not_added_alone.check(replace(repo, history=git_repo.history())))
    assert [finding.path for finding in findings] == [REQUEST_PATH]
    assert judging.run(repo, found).skipped != ()


# Conflicts


def test_other_uncommitted_changes_stay(root):
    commit(root, {REQUEST_PATH: REQUEST})
    write(root, {"teams.yaml": "staged", "apps/loose": "untracked", "apps/payments/base/hpa.yaml": "changed"})
    git(root, "add", "teams.yaml")
    before = status(root)
    assert said(apply(root)) == ["applied"]
    assert status(root) == before


def test_a_dirty_path_is_a_conflict_that_says_what_was_done_before(root):
    commit(root, wish("v2", "a", "staging"))
    commit(root, wish("v2", "b"))
    write(root, {OVERLAY: "mine"})
    told = []
    with pytest.raises(ConflictError) as raised:
        apply(root, tell=lambda item: told.append(item.decision.request.path))
    assert OVERLAY in raised.value.message
    assert raised.value.hint.endswith("1 request had been decided before; that stays.")
    assert told == ["apps/payments/requests/staging/a.yaml"]
    assert (root / OVERLAY).read_text() == "mine"
    write(root, {OVERLAY: good()[OVERLAY]})
    assert said(apply(root)) == ["applied"]


def test_a_detached_head_is_a_conflict(root):
    commit(root, {REQUEST_PATH: REQUEST})
    git(root, "checkout", "-q", "--detach")
    with pytest.raises(ConflictError):
        apply(root)


def test_a_shallow_clone_is_a_broken_world(tmp_path):
    root = repository(tmp_path / "repo")
    commit(root, {REQUEST_PATH: REQUEST})
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    with pytest.raises(WorldError) as raised:
        apply(tmp_path / "shallow")
    assert "git fetch --unshallow" in raised.value.hint


def test_no_identity_is_a_broken_world(root, monkeypatch):
    commit(root, {REQUEST_PATH: REQUEST})
    monkeypatch.delenv("GIT_COMMITTER_EMAIL")
    monkeypatch.delenv("EMAIL", raising=False)
    with pytest.raises(WorldError) as raised:
        apply(root)
    assert "git config --global user.email" in raised.value.hint


def test_an_unborn_branch_is_a_broken_world(tmp_path):
    GitRepo.init(tmp_path)
    with pytest.raises(WorldError):
        apply(tmp_path)


def test_somebody_elses_commit_between_two_decisions_is_seen(root):
    """The clock is asked once per decision; here it lets somebody else commit before the second one."""
    commit(root, {**wish("v2", "a"), **wish("v3", "b")})

    asked = []

    def clock() -> str:
        asked.append(1)
        if len(asked) == 2:
            commit(root, wish("v4", "c"))
        return NOW

    with pytest.raises(ConflictError):
        apply_releases.apply_all(GitRepo.open(root), decided_at=clock, tool_version="0.1.0")
    assert said(apply(root)) == ["applied", "applied"]
    assert len(records(root)) == 3


def test_many_requests_are_decided_in_one_run(tmp_path):
    others = {path: text for number in range(30) for path, text in second_api(f"api{number}").items()}
    root = repository(tmp_path / "repo", {**good(), **others})
    for number in range(20):
        write(root, wish(f"v{number + 2}", f"r{number:03}"))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "twenty")
    assert said(apply(root)) == ["applied"] * 20


def test_policy_is_that_of_head_not_of_the_folder(root):
    commit(root, {REQUEST_PATH: REQUEST})
    write(root, {"platform.yaml": edited("platform.yaml", "europe-docker", "us-docker")["platform.yaml"]})
    assert said(apply(root)) == ["applied"]

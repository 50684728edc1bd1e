"""`onboard request` and `release apply` as they are typed, and what `check` says about history."""

import json

import pytest

from onboarding_tool.adapters.git_repo import GitRepo
from tests.support.cli import onboard
from tests.support.git import commit, git, repository, write
from tests.support.repos import REQUEST, REQUEST_PATH, edited
from tests.test_releases import APP, OVERLAY, request_to

STAGING = "apps/payments/requests/staging/a.yaml"


@pytest.fixture
def root(tmp_path):
    return repository(tmp_path / "repo")


def skipped(root) -> dict[str, str]:
    """Why `check` skipped each rule that it skipped."""
    return {
        item["rule"]: item["reason"]
        for item in json.loads(onboard("check", "--format", "json", at=root).out)["skipped"]
    }


def test_what_was_applied_is_printed_before_the_conflict(root):
    commit(root, {STAGING: request_to("staging", expected_current=None)})
    commit(root, {REQUEST_PATH: REQUEST})
    write(root, {OVERLAY: "mine"})
    done = onboard("release", "apply", at=root)
    assert done.code == 5
    assert done.out.startswith(f"{STAGING}: applied: app v1.9.3 -> v2.0.0 (")
    assert done.out.count("\n") == 1
    assert f"{OVERLAY} has uncommitted changes" in done.err
    assert "1 request had been decided before; that stays." in done.err
    assert (
        GitRepo.open(root).tree("HEAD").read("apps/payments/overlays/staging/kustomization.yaml").count(b"v2.0.0") == 1
    )


@pytest.fixture
def remote(root, tmp_path):
    """Where `root` pushes to."""
    bare = tmp_path / "remote.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    git(root, "remote", "add", "origin", str(bare))
    git(root, "push", "-q", "-u", "origin", "main")
    return bare


def test_decisions_are_pushed_and_nothing_else_is(root, remote):
    before = git(remote, "rev-parse", "main")
    assert onboard("release", "apply", "--push", at=root).out == "No release request is pending.\n"
    commit(root, {REQUEST_PATH: REQUEST})
    assert git(remote, "rev-parse", "main") == before
    assert onboard("release", "apply", "--push", at=root).code == 0
    assert git(remote, "rev-parse", "main") == git(root, "rev-parse", "HEAD")


def test_a_release_is_whole_though_argo_cd_cannot_be_asked_to_look(root, remote, tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    text = (root / "platform.yaml").read_text()
    commit(root, {"platform.yaml": f"{text}argocd: {{refresh: true}}\n"})
    commit(root, {REQUEST_PATH: REQUEST})
    done = onboard("release", "apply", "--push", at=root)
    assert done.code == 0
    assert git(remote, "rev-parse", "main") == git(root, "rev-parse", "HEAD")
    assert done.err.startswith("Argo CD could not be asked to look now: ")


def test_argo_cd_is_not_asked_if_platform_yaml_only_speaks_of_it(root, remote, tmp_path, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    text = (root / "platform.yaml").read_text() + "# refresh: true would be nice.\n"
    commit(root, {"platform.yaml": text})
    commit(root, {REQUEST_PATH: REQUEST})
    assert onboard("release", "apply", "--push", at=root).err == ""


def test_a_push_that_comes_too_late_is_a_conflict_and_says_how_to_go_on(root, remote, tmp_path):
    git(tmp_path, "clone", "-q", str(remote), "other")
    commit(tmp_path / "other", {"README.md": "x"})
    git(tmp_path / "other", "push", "-q")
    commit(root, {REQUEST_PATH: REQUEST})
    done = onboard("release", "apply", "--push", at=root)
    assert (done.code, done.out.partition(": ")[0]) == (5, REQUEST_PATH)
    assert "somebody else was first to push" in done.err
    assert "git reset --hard" in done.err


def test_a_remote_that_is_gone_is_told(root, remote):
    remote.rename(remote.with_name("gone"))
    commit(root, {REQUEST_PATH: REQUEST})
    done = onboard("release", "apply", "--push", at=root)
    assert done.code == 3
    assert "remote.git" in done.err


def test_apply_prints_each_decision_once(root):
    commit(root, {REQUEST_PATH: REQUEST})
    assert onboard("release", "apply", at=root).out.count("applied") == 1
    assert onboard("release", "apply", at=root).out == "No release request is pending.\n"


@pytest.mark.parametrize(
    ("folder", "word"), [("", f"./{REQUEST_PATH}"), ("apps/payments", REQUEST_PATH.removeprefix("apps/payments/"))]
)
def test_a_request_is_named_as_it_is_typed(root, folder, word):
    commit(root, {REQUEST_PATH: REQUEST})
    done = onboard("release", "apply", word, at=root / folder)
    assert (done.code, done.out.partition(": ")[0]) == (0, REQUEST_PATH)


def test_two_requests_asked_for_one_after_another_are_both_applied(root):
    for number, tag in enumerate(("v2", "v3")):
        done = onboard("request", "payments", "prod", f"{APP}:{tag}", at=root)
        assert done.code == 0
        assert ("declared now" in done.err) is (number == 0)
        git(root, "add", "-A")
        git(root, "commit", "-q", "-m", tag)
    assert f"where {APP}:v2 is declared after 1 request that waits before it." in done.err
    assert onboard("release", "apply", at=root).out.count(": applied: ") == 2


def test_a_request_that_is_not_accepted_is_not_to_be_deleted(tmp_path):
    path = "apps/payments/metadata.yaml"
    root = repository(tmp_path / "repo", edited(path, "lifecycle: active", "lifecycle: retiring"))
    done = onboard("request", "payments", "prod", f"{APP}:v2", at=root)
    assert done.code == 2
    assert "payments is retiring" in done.err
    assert "Delete" not in done.err


def test_a_shallow_clone_says_so_in_what_is_skipped(root, tmp_path):
    commit(root, {REQUEST_PATH: REQUEST})
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    reason = "this clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` in actions/checkout"
    told = skipped(tmp_path / "shallow")
    assert {told[rule] for rule in ("record-rewritten", "release-reverted", "request-not-added-alone")} == {reason}
    assert onboard("release", "apply", at=tmp_path / "shallow").code == 3
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    assert "record-rewritten" not in skipped(tmp_path / "shallow")


def test_a_folder_without_git_says_so_in_what_is_skipped(root):
    git(root, "config", "core.bare", "false")
    (root / ".git").rename(root.parent / "elsewhere")
    assert "is in no git repository" in skipped(root)["record-rewritten"]


def test_check_finds_a_config_repo_in_a_folder(tmp_path):
    root = repository(tmp_path / "repo", at="config")
    found = json.loads(onboard("check", "--format", "json", at=root).out)["findings"]
    assert "config-repo-not-at-root" in {finding["rule"] for finding in found}


def test_check_finds_that_the_newest_record_was_deleted(root):
    commit(root, {REQUEST_PATH: REQUEST})
    onboard("release", "apply", at=root)
    (record,) = (root / "apps/payments/releases/prod").iterdir()
    git(root, "rm", "-q", record)
    git(root, "commit", "-q", "-m", "hide it")
    done = onboard("check", at=root)
    assert done.code == 1
    assert "record-rewritten" in done.out

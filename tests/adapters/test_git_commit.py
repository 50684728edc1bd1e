import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.errors import ConflictError, WorldError
from tests.support.git import commit, git, repository, status, write
from tests.support.repos import good

CHANGES = {"teams.yaml": b"new", "apps/payments/base/hpa.yaml": None, "apps/a b\u00fc/c.yaml": b"c\r\n"}


@pytest.fixture(params=["", "deploy/config"])
def root(request, tmp_path) -> Path:
    return repository(tmp_path / "repo", at=request.param)


def files_in_head(root: Path) -> dict[str, bytes]:
    tree = GitRepo.open(root).tree("HEAD")
    return {path: tree.read(path) for path in tree.paths()}


def after_changes() -> dict[str, bytes]:
    files = {path: text.encode() for path, text in good().items()} | CHANGES
    return {path: data for path, data in files.items() if data is not None}


def test_a_commit_moves_branch_index_and_files(root):
    old = git(root, "rev-parse", "HEAD")
    new = GitRepo.open(root).commit(CHANGES, "release(payments/prod): x\n\nRelease-Record: 1\n", old)
    assert git(root, "rev-parse", "main", "HEAD", "HEAD^").splitlines() == [new, new, old]
    assert git(root, "log", "-1", "--format=%B") == "release(payments/prod): x\n\nRelease-Record: 1"
    assert git(root, "log", "-1", "--format=%(trailers:key=Release-Record,valueonly)") == "1"
    assert files_in_head(root) == after_changes()
    assert (root / "teams.yaml").read_bytes() == b"new"
    assert status(root) == []
    assert git(root, "diff-files", "--name-only") == ""  # the index knows the files' times: nobody need compare them
    git(root, "fsck", "--strict")


def test_every_other_change_stays_as_it_is(root):
    write(root, {"platform.yaml": "staged", "apps/other": "staged, then changed", "apps/gone": "x"})
    git(root, "add", "-A")
    write(root, {"apps/other": "changed", "apps/payments/metadata.yaml": "not staged", "apps/loose": "untracked"})
    git(root, "rm", "-q", "--cached", "apps/payments/base/service.yaml")
    before, staged = status(root), git(root, "diff", "--cached")
    GitRepo.open(root).commit(CHANGES, "a release")
    assert status(root) == before
    assert git(root, "diff", "--cached").replace("index", "") == staged.replace("index", "")
    assert files_in_head(root) == after_changes()


def test_commits_follow_each_other(root):
    repo = GitRepo.open(root)
    for number in range(5):
        repo.commit({"apps/x": str(number).encode(), f"apps/{number}": b""}, f"number {number}")
        commit(root, {"apps/between": str(number)})  # by somebody else, so that the scratch index is out of date
    assert git(root, "rev-list", "--count", "HEAD") == "11"
    assert {"apps/x", "apps/0", "apps/4", "apps/between"} < files_in_head(root).keys()
    assert status(root) == []


@pytest.mark.parametrize("how", ["changed", "staged", "untracked", "deleted", "ignored"])
def test_a_dirty_path_is_a_conflict_and_nothing_is_written(root, how):
    if how == "ignored":
        commit(root, {".gitignore": "c.yaml\n"})
    write(
        root,
        {
            "changed": {"teams.yaml": "mine"},
            "staged": {"teams.yaml": "mine"},
            "untracked": {"apps/a b\u00fc/c.yaml": "mine"},
            "deleted": {"apps/payments/base/hpa.yaml": None},
            "ignored": {"apps/a b\u00fc/c.yaml": "mine"},
        }[how],
    )
    if how == "staged":
        git(root, "add", "-A")
    head, before = git(root, "rev-parse", "HEAD"), status(root)
    with pytest.raises(ConflictError) as raised:
        GitRepo.open(root).commit(CHANGES, "m")
    assert "uncommitted" in raised.value.message
    assert (git(root, "rev-parse", "HEAD"), status(root)) == (head, before)


def test_a_file_where_a_folder_must_be_stops_it_before_the_branch_moves(root):
    write(root, {"apps/a b\u00fc": "a file"})
    head, before = git(root, "rev-parse", "HEAD"), status(root)
    with pytest.raises(WorldError):
        GitRepo.open(root).commit(CHANGES, "m")
    assert (git(root, "rev-parse", "HEAD"), status(root)) == (head, before)


def test_a_moved_head_is_a_conflict(root):
    old = git(root, "rev-parse", "HEAD")
    new = commit(root, {"apps/x": "somebody else"})
    with pytest.raises(ConflictError) as raised:
        GitRepo.open(root).commit(CHANGES, "m", old)
    assert "refs/heads/main" in raised.value.message
    assert git(root, "rev-parse", "HEAD") == new
    assert status(root) == []


def test_a_head_that_moves_at_the_last_moment_is_a_conflict(root, tmp_path):
    """The branch is moved by a real git that runs where ours would move it."""
    script = tmp_path / "bin/git"
    real = shutil.which("git")
    other = f'{real} commit-tree "HEAD^{{tree}}" -p HEAD -m "somebody else"'
    case = f'case "$*" in *update-ref*) {real} update-ref refs/heads/main $({other});; esac'
    write(tmp_path, {"bin/git": f'#!/bin/sh\n{case}\nexec {real} "$@"\n'})
    script.chmod(0o755)
    code = f"""
from pathlib import Path
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.errors import ConflictError
try:
    GitRepo.open(Path({str(root)!r})).commit({CHANGES!r}, "m")
except ConflictError as error:
    print(error.message)
"""
    environment = {**os.environ, "PATH": f"{script.parent}:{os.environ['PATH']}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "the branch moved meanwhile\n"
    assert git(root, "log", "-1", "--format=%s") == "somebody else"
    assert status(root) == []


def test_a_detached_head_is_a_conflict(root):
    git(root, "checkout", "-q", "--detach")
    with pytest.raises(ConflictError) as raised:
        GitRepo.open(root).commit(CHANGES, "m")
    assert "git switch" in raised.value.hint
    assert status(root) == []


def test_no_commit_yet_is_said(tmp_path):
    with pytest.raises(WorldError):
        GitRepo.init(tmp_path).commit(CHANGES, "m")


def test_another_git_at_work_is_a_conflict(root):
    lock = GitRepo.open(root).folder / "index.lock"
    lock.touch()
    with pytest.raises(ConflictError) as raised:
        GitRepo.open(root).commit(CHANGES, "m")
    assert str(lock) in raised.value.hint
    assert lock.exists()


def test_no_hook_runs(root):
    repo = GitRepo.open(root)
    for hook in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"):
        write(repo.folder, {f"hooks/{hook}": f"#!/bin/sh\ntouch {repo.folder}/ran-{hook}\nexit 1\n"})
        (repo.folder / "hooks" / hook).chmod(0o755)
    repo.commit(CHANGES, "m")
    assert list(repo.folder.glob("ran-*")) == []


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="there is no ssh-keygen to make a key with")
def test_a_commit_is_signed_where_git_is_told_to(root, tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    git(root, "config", "gpg.format", "ssh")
    git(root, "config", "user.signingKey", str(tmp_path / "key"))
    git(root, "config", "commit.gpgSign", "true")
    GitRepo.open(root).commit(CHANGES, "m")
    assert "BEGIN SSH SIGNATURE" in git(root, "cat-file", "commit", "HEAD")
    (tmp_path / "key").unlink()
    head = git(root, "rev-parse", "HEAD")
    for commit_it in (GitRepo.open(root).commit, lambda _, message: GitRepo.open(root).add_and_commit(message)):
        write(root, {"apps/new": "x"})
        with pytest.raises(WorldError) as raised:
            commit_it({"teams.yaml": b"newer"}, "m")
        said = f"{raised.value.message}\n{raised.value.hint}".splitlines()
        assert said[0] == "the commit could not be signed"
        assert len(said) == len(set(said)) >= 3
        assert "`git config commit.gpgSign false`" in said[-1]
    git(root, "reset", "-q")
    (root / "apps/new").unlink()
    assert git(root, "rev-parse", "HEAD") == head
    assert status(root) == []


def test_a_linked_worktree_commits_to_its_own_branch(tmp_path):
    main = repository(tmp_path / "repo")
    git(main, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    new = GitRepo.open(tmp_path / "side").commit(CHANGES, "m")
    assert git(main, "rev-parse", "side") == new
    assert git(main, "rev-parse", "main") != new
    assert status(main) == status(tmp_path / "side") == []


# Kills

DYING = """
import os, sys
from pathlib import Path
from onboarding_tool.adapters import git_commit, writing
from onboarding_tool.adapters.git_repo import GitRepo
die = lambda *a, **k: os.kill(os.getpid(), 9)
owner = {{"Committer": git_commit.Committer, "Journal": git_commit._Journal, "Staged": writing._Staged}}[{owner!r}]
setattr(owner, {method!r}, die)
GitRepo.open(Path({root!r})).commit({changes!r}, "m")
"""


def die_in(root: Path, owner: str, method: str) -> None:
    """A commit by a process that is killed when it calls the method."""
    code = DYING.format(owner=owner, method=method, root=str(root), changes=CHANGES)
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("owner", "method", "moved"),
    [
        ("Committer", "_make", False),
        ("Journal", "write", False),
        ("Committer", "_move_branch", False),
        ("Staged", "write", True),
        ("Committer", "_renew", True),
        ("Journal", "remove", True),
    ],
)
def test_a_killed_commit_is_finished_or_never_was(root, owner, method, moved):
    write(root, {"platform.yaml": "unrelated"})
    git(root, "add", "-A")
    head = git(root, "rev-parse", "HEAD")
    die_in(root, owner, method)
    assert (git(root, "rev-parse", "HEAD") != head) is moved
    repo = GitRepo.open(root)
    repo.finish_interrupted()
    if moved:
        assert files_in_head(root) == after_changes()
    else:
        assert files_in_head(root) == {path: text.encode() for path, text in good().items()}
    repo.commit({"apps/next": b"x"}, "the next")
    assert [line.split()[0] for line in status(root) if "onboard-tmp" not in line] == ["M"]
    git(root, "fsck", "--strict")


def test_what_somebody_changed_since_a_kill_is_left_alone(root):
    die_in(root, "Staged", "write")
    (GitRepo.open(root).folder / "index.lock").unlink()  # as git tells people to
    write(root, {"teams.yaml": "mine", "apps/payments/base/hpa.yaml": "mine too"})
    git(root, "add", "apps/payments/base/hpa.yaml")
    GitRepo.open(root).finish_interrupted()
    assert (root / "teams.yaml").read_text() == "mine"
    assert (root / "apps/payments/base/hpa.yaml").read_text() == "mine too"
    assert (root / "apps/a b\u00fc/c.yaml").read_bytes() == b"c\r\n"


def test_a_branch_that_was_taken_back_since_a_kill_is_left_alone(root):
    head = git(root, "rev-parse", "HEAD")
    die_in(root, "Staged", "write")
    (GitRepo.open(root).folder / "index.lock").unlink()
    git(root, "reset", "-q", "--hard", head)
    GitRepo.open(root).finish_interrupted()
    assert git(root, "rev-parse", "HEAD") == head
    assert [line for line in status(root) if "onboard-tmp" not in line] == []


def test_the_lock_of_a_living_process_is_respected(root):
    code = DYING.format(owner="Committer", method="_make", root=str(root), changes=CHANGES)
    code = code.replace("os.kill(os.getpid(), 9)", "(print(flush=True), sys.stdin.read())")
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdout.readline()
        with pytest.raises(ConflictError):
            GitRepo.open(root).commit({"apps/x": b""}, "m")
        child.kill()
    GitRepo.open(root).commit({"apps/x": b""}, "m")


def interrupt(child: subprocess.Popen[bytes]) -> None:
    """More than once if need be: Python loses a Ctrl-C that comes while it runs a destructor."""
    for _ in range(5):
        os.killpg(child.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            child.wait(5)
            return
    child.kill()
    pytest.fail("five times Ctrl-C did not end it")


def test_ctrl_c_waits_until_the_move_is_complete(tmp_path):
    """The group of the process gets SIGINT at random moments, as from a terminal; no state in between is ever seen."""
    root = repository(tmp_path / "repo")
    code = f"""
import itertools
from pathlib import Path
from onboarding_tool.adapters.git_repo import GitRepo
repo = GitRepo.open(Path({str(root)!r}))
for number in itertools.count():
    repo.commit({{"apps/x": str(number).encode()}}, "m")
    print(flush=True)
"""
    chance = random.Random(7)
    for _ in range(12):
        words = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "start_new_session": True}
        with subprocess.Popen([sys.executable, "-c", code], **words) as child:
            child.stdout.readline()
            time.sleep(chance.random() * 0.15)
            interrupt(child)
        assert not (GitRepo.open(root).folder / "index.lock").exists()
        assert status(root) == []

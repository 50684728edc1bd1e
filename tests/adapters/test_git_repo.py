import os
import subprocess
import sys
from pathlib import Path

import pytest

from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.errors import ConflictError, Exit, UsageError, WorldError
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK
from tests.support.git import commit, git, repository, status, write
from tests.support.repos import good

ODD = "apps/payments/base/a b\u00fc\n'\"*.yaml"


@pytest.fixture(params=["at the top", "in a folder", "in a worktree"])
def root(request, tmp_path) -> Path:
    """A config repo in each of the places where it may lie."""
    files = {**good(), ODD: "odd"}
    if request.param == "at the top":
        return repository(tmp_path / "repo", files)
    if request.param == "in a folder":
        return repository(tmp_path / "mono repo", files, at="deploy/[config]*")
    repository(tmp_path / "repo", files)
    git(tmp_path / "repo", "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    return tmp_path / "side"


def in_head(root: Path) -> dict[str, bytes]:
    tree = GitRepo.open(root).tree("HEAD")
    return {path: tree.read(path) for path in tree.paths()}


# Opening


def test_no_repository_is_said_with_the_way_out(tmp_path):
    with pytest.raises(WorldError) as raised:
        GitRepo.open(tmp_path)
    assert "git init" in raised.value.hint


def test_a_bare_repository_is_refused(tmp_path):
    git(tmp_path, "init", "-q", "--bare", "repo.git")
    with pytest.raises(WorldError) as raised:
        GitRepo.open(tmp_path / "repo.git")
    assert "bare" in raised.value.message


def test_missing_git_is_said(tmp_path):
    repository(tmp_path / "repo")
    code = f"""
from pathlib import Path
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.errors import WorldError
for ask in (lambda: GitRepo.open(Path({str(tmp_path / "repo")!r})), lambda: GitRepo.init(Path({str(tmp_path)!r}))):
    try:
        ask()
    except WorldError as error:
        print(error.message)
"""
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "git is not installed, or not on the PATH\n" * 2


def test_what_a_hook_says_of_another_index_has_no_effect(tmp_path, monkeypatch):
    root = repository(tmp_path / "repo", at="config")
    other = repository(tmp_path / "other", {"platform.yaml": "other"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    monkeypatch.setenv("GIT_PREFIX", "config/")
    repo = GitRepo.open(root)
    assert repo.dirty(["platform.yaml"]) == set()
    repo.commit({"teams.yaml": b"new"}, "a change")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"):
        monkeypatch.delenv(name)
    assert in_head(root)["teams.yaml"] == b"new"
    assert status(root) == status(other) == []


# Reading


def test_a_commit_reads_as_its_folder_does(root):
    tree, folder = GitRepo.open(root).tree("HEAD"), FolderTree(root)
    assert ODD in tree
    assert list(tree.paths()) == list(folder.paths())
    assert [tree[path] for path in tree.paths()] == [folder[path] for path in folder.paths()]


def test_a_commit_is_read_without_a_checkout(root):
    repo = GitRepo.open(root)
    first = repo.head()
    commit(root, {"teams.yaml": "second", "apps/payments/base/hpa.yaml": None})
    assert first is not None
    assert repo.tree(first).read("teams.yaml") == good()["teams.yaml"].encode()
    assert "apps/payments/base/hpa.yaml" in repo.tree(first)
    assert repo.tree("HEAD").read("teams.yaml") == b"second"
    assert "apps/payments/base/hpa.yaml" not in repo.tree("HEAD")


def test_a_part_of_a_commit_is_all_that_is_listed(root):
    commit(root, {"apps/pay/metadata.yaml": "x", "apps/payments-eu/metadata.yaml": "x"})
    tree = GitRepo.open(root).tree("HEAD", below=("platform.yaml", "apps/pay", "apps/none"))
    assert list(tree.paths()) == ["apps/pay/metadata.yaml", "platform.yaml"]
    assert list(GitRepo.open(root).tree("HEAD", below=()).paths()) == []


def test_modes_come_from_the_commit(tmp_path):
    root = repository(tmp_path / "repo", {"apps/a": "1", "apps/run": "2"})
    (root / "apps/run").chmod(0o755)
    (root / "apps/link").symlink_to("a/../..//x")
    inner = repository(root / "apps/inner", {"x": "3"})
    git(root, "add", "apps")
    git(root, "commit", "-q", "-m", "modes")
    tree = GitRepo.open(root).tree("HEAD")
    assert {path: (tree[path].mode, tree[path].data) for path in tree.paths()} == {
        "apps/a": (REGULAR, b"1"),
        "apps/inner": (SUBMODULE, b""),
        "apps/link": (SYMLINK, b"a/../..//x"),
        "apps/run": (EXECUTABLE, b"2"),
    }
    assert [FolderTree(root)[path] for path in FolderTree(root).paths()] == [tree[path] for path in tree.paths()]
    assert inner.is_dir()


def test_a_name_that_is_no_utf8_can_be_read(tmp_path):
    root = repository(tmp_path / "repo", {"apps/x": "1"})
    name = os.fsdecode(b"apps/\xff\xfe.yaml")
    commit(root, {name: "2"})
    assert GitRepo.open(root).tree("HEAD").read(name) == b"2"
    assert list(FolderTree(root).paths()) == list(GitRepo.open(root).tree("HEAD").paths())


def test_many_files_of_every_size(tmp_path):
    files = {f"apps/a{n % 7}/f{n}": bytes([n % 251]) * (n * 37 % 5000) for n in range(300)} | {
        "apps/big": b"x" * 300000
    }
    root = repository(tmp_path / "repo", files)
    tree = GitRepo.open(root).tree("HEAD")
    assert {path: tree.read(path) for path in reversed(list(tree.paths()))} == files


@pytest.mark.parametrize("revision", ["-x", "--upload-pack=touch x", "nothing", "HEAD~9", "HEAD:teams.yaml", ""])
def test_what_is_no_commit_is_refused(tmp_path, revision):
    repo = GitRepo.open(repository(tmp_path / "repo"))
    with pytest.raises((WorldError, UsageError)):
        repo.tree(revision)


def test_a_lost_object_is_said(tmp_path):
    root = repository(tmp_path / "repo")
    blob = git(root, "rev-parse", "HEAD:teams.yaml")
    (root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(WorldError) as raised:
        GitRepo.open(root).tree("HEAD").read("teams.yaml")
    assert "git fsck" in raised.value.hint


# What is uncommitted


def test_dirty_is_every_way_to_differ(root):
    repo = GitRepo.open(root)
    assert repo.dirty([*good(), ODD, "apps/new"]) == set()
    write(
        root, {"teams.yaml": "changed", ODD: None, "apps/new": "untracked", "apps/staged": "s", ".gitignore": "*.tmp\n"}
    )
    write(root, {"apps/x.tmp": "ignored", "apps/ign/ored.tmp": "ignored", "platform.yaml": "staged and put back"})
    git(root, "add", "apps/staged", "platform.yaml")
    write(root, {"platform.yaml": good()["platform.yaml"]})
    asked = [*good(), ODD, "apps/new", "apps/staged", "apps/x.tmp", "apps/ign/ored.tmp", "apps/absent"]
    differ = {"teams.yaml", ODD, "apps/new", "apps/staged", "apps/x.tmp", "apps/ign/ored.tmp", "platform.yaml"}
    assert repo.dirty(asked) == differ
    assert repo.dirty(asked + [f"apps/{n}" for n in range(500)]) == differ


def test_a_touched_file_is_not_dirty(tmp_path):
    root = repository(tmp_path / "repo")
    os.utime(root / "teams.yaml", (1, 1))
    assert GitRepo.open(root).dirty(["teams.yaml"]) == set()


# Who


def test_identity_is_gits(tmp_path, monkeypatch):
    monkeypatch.delenv("GIT_COMMITTER_NAME")
    root = repository_with(tmp_path, "Zoë <the> bot")
    assert GitRepo.open(root).identity().name == "Zoë the bot"
    assert GitRepo.open(root).identity().source == "git"


def repository_with(folder: Path, name: str) -> Path:
    os.environ["GIT_COMMITTER_NAME"] = name
    return repository(folder / "repo")


def test_no_identity_is_said_with_the_two_commands(tmp_path, monkeypatch):
    root = repository(tmp_path / "repo")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    monkeypatch.delenv("EMAIL", raising=False)
    for ask in (GitRepo.require_identity, GitRepo.open(root).identity):
        with pytest.raises(WorldError) as raised:
            ask()
        assert raised.value.exit == Exit.WORLD
        assert raised.value.hint.splitlines() == [
            'git config --global user.name "Your Name"',
            "git config --global user.email you@example.com",
        ]


# The first commit


def test_init_and_the_first_commit(tmp_path):
    repo = GitRepo.init(tmp_path)
    assert (repo.head(), repo.branch()) == (None, "refs/heads/main")
    write(tmp_path, {**good(), "README.md": "all of it", "apps/.onboard-tmp-0123": "of a killed process"})
    head = repo.add_and_commit("Begin")
    assert repo.head() == head
    assert sorted(git(tmp_path, "ls-files").splitlines()) == sorted([*good(), "README.md"])


def test_only_the_named_paths_are_committed(root):
    write(root, {"teams.yaml": "t", "apps/new": "n", "apps/[x]*": "x"})
    git(root, "add", "teams.yaml")
    GitRepo.open(root).add_and_commit("some", ["apps/[x]*"])
    assert "apps/[x]*" in in_head(root)
    assert in_head(root)["teams.yaml"] != b"t"
    assert [line[:2] for line in status(root)] == ["M ", "??"]


def test_nothing_beside_the_config_repo_is_committed(tmp_path):
    root = repository(tmp_path / "repo", at="config")
    write(root, {"teams.yaml": "t", "../code.py": "mine"})
    GitRepo.open(root).add_and_commit("all")
    assert status(root) == ["?? code.py"]


def test_committing_nothing_is_a_world_error(tmp_path):
    root = repository(tmp_path / "repo")
    with pytest.raises(WorldError):
        GitRepo.open(root).add_and_commit("nothing")


def test_detached(tmp_path):
    root = repository(tmp_path / "repo")
    git(root, "checkout", "-q", "--detach")
    head = git(root, "rev-parse", "HEAD").strip()
    assert GitRepo.open(root).branch() is None
    assert GitRepo.open(root).branch_and_head() == (None, head)
    with pytest.raises(ConflictError):
        GitRepo.open(root).commit({"x": b""}, "m")


def test_the_branch_and_its_commit(tmp_path):
    root = repository(tmp_path / "repo")
    git(root, "switch", "-q", "-c", "release/HEAD")
    head = git(root, "rev-parse", "HEAD").strip()
    assert GitRepo.open(root).branch_and_head() == ("refs/heads/release/HEAD", head)


def test_a_branch_without_a_commit(tmp_path):
    (tmp_path / "repo").mkdir()
    assert GitRepo.init(tmp_path / "repo").branch_and_head() == ("refs/heads/main", None)


def test_a_push_goes_where_the_branch_comes_from(tmp_path):
    root = repository(tmp_path / "repo")
    for name in ("origin", "upstream"):
        git(tmp_path, "init", "-q", "--bare", name)
        git(root, "remote", "add", name, str(tmp_path / name))
    git(root, "push", "-q", "-u", "upstream", "main:config")
    commit(root, {"a": "b"}, "m")
    GitRepo.open(root).push()
    assert git(tmp_path / "upstream", "for-each-ref", "--format=%(refname) %(objectname)") == (
        f"refs/heads/config {git(root, 'rev-parse', 'HEAD')}"
    )
    assert git(tmp_path / "origin", "for-each-ref") == ""


def test_a_push_of_a_branch_that_comes_from_nowhere_goes_to_origin(tmp_path):
    root = repository(tmp_path / "repo")
    git(tmp_path, "init", "-q", "--bare", "origin")
    git(root, "remote", "add", "origin", str(tmp_path / "origin"))
    GitRepo.open(root).push()
    assert git(tmp_path / "origin", "for-each-ref", "--format=%(refname)") == "refs/heads/main"


def test_the_version_of_git():
    assert git(Path("/"), "version").startswith(f"git version {GitRepo.version()}")


def test_what_a_disk_may_take_for_a_path_is_tracked_as_that_path(root):
    repo = GitRepo.open(root)
    commit(root, {".onboard/cached/x": "x", ".onboard/[cache]/x": "x"})
    assert not repo.tracks(".onboard/cache")
    commit(root, {".Onboard/Cache/x": "x"})
    assert repo.tracks(".onboard/cache")
    assert repo.tracks(".onboard/cache/x")

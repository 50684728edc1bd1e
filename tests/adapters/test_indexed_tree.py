"""The tree that trusts git's index answers as the one that reads the folder does, whatever happened to the folder."""

import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from onboarding_tool.adapters import files
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.adapters.indexed_tree import IndexedTree, tree_of
from onboarding_tool.tree import EXECUTABLE, REGULAR
from tests.support.clones import LAST_YEAR, PLACES, copied, place, same
from tests.support.disorder import FILES, ON_FILES, ON_FOLDERS, steps
from tests.support.git import commit, git, repository, write

METADATA = "apps/payments/metadata.yaml"
SERVICE = "apps/payments/base/service.yaml"
pytestmark = pytest.mark.usefixtures("few_are_many")


@pytest.mark.parametrize("where", PLACES)
def test_what_is_as_it_was_committed_is_neither_listed_nor_read(tmp_path, where):
    root = place(tmp_path, where)
    tree = same(root)
    assert isinstance(tree, IndexedTree)
    tree = tree_of(GitRepo.open(root))
    shutil.rmtree(root / "apps")
    assert tree.holds(METADATA, FILES[METADATA].encode())
    assert list(tree.paths("apps/payments")) == [path for path in sorted(FILES) if path.startswith("apps/payments/")]
    assert tree.has_file(METADATA)


@pytest.fixture(scope="module", params=PLACES)
def pristine(request, tmp_path_factory) -> Path:
    return place(tmp_path_factory.mktemp("pristine"), request.param)


@pytest.fixture
def root(pristine, tmp_path) -> Path:
    return copied(pristine, tmp_path / "copy")


@pytest.mark.parametrize(
    ("step", "path"),
    [*((step, SERVICE) for step in ON_FILES), *((step, "apps/payments") for step in ON_FOLDERS)],
    ids=lambda value: getattr(value, "__name__", None),
)
@pytest.mark.parametrize("pristine", PLACES[:1], indirect=True)
def test_the_answers_are_those_of_the_folder_after_each_step(root, step, path):
    with suppress(OSError):
        step(root, path)
    assert isinstance(same(root), IndexedTree)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_answers_are_those_of_the_folder_whatever_happened(pristine, tmp_path, done):
    root = copied(pristine, tmp_path / "copy")
    for _, step in done:
        step(root)
    same(root)


# What git takes for unchanged


@pytest.fixture
def repo(tmp_path) -> Path:
    """At the top of a repository, where nobody has touched anything for long."""
    return place(tmp_path, PLACES[0])


def test_an_edit_in_the_moment_of_the_last_look_is_seen(repo):
    """Git's index notes whole seconds; what is as young as the index itself is compared."""
    for number in range(4):
        write(repo, {SERVICE: f"a: {number}\n"})
        git(repo, "add", SERVICE)
        write(repo, {SERVICE: f"b: {number}\n"})
        assert same(repo).holds(SERVICE, b"b: %d\n" % number)


@pytest.mark.parametrize("setting", ["core.trustCtime=false", "core.checkStat=minimal", "core.trustCtime=true"])
def test_an_edit_that_hides_behind_the_old_time_is_seen(repo, setting):
    """Same size, same time of modification: what still tells is the time of the change."""
    git(repo, "config", *setting.split("="))
    time.sleep(1.1)
    write(repo, {SERVICE: FILES[SERVICE].replace("8080", "6666")})
    os.utime(repo / SERVICE, (LAST_YEAR, LAST_YEAR))
    assert b"6666" in same(repo).read(SERVICE)


def test_a_file_whose_name_differs_in_case_alone_is_another_one(repo):
    git(repo, "config", "core.ignoreCase", "true")
    write(repo, {"apps/payments/base/SERVICE.yaml": "a: b\n", "apps/payments/.GIT/x": "a: b\n"})
    assert "apps/payments/base/SERVICE.yaml" in list(same(repo).paths("apps/payments/base"))


def test_no_program_of_the_repository_runs(repo, tmp_path):
    """Nor is one believed that says that nothing changed."""
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nprintf 'token\\0'\n")
    evil.chmod(0o755)
    git(repo, "config", "core.fsmonitor", str(evil))
    git(repo, "update-index", "--fsmonitor")
    git(repo, "status")
    assert (tmp_path / "ran").exists()
    (tmp_path / "ran").unlink()
    write(repo, {SERVICE: "a: b\n"})
    assert same(repo).holds(SERVICE, b"a: b\n")
    assert not (tmp_path / "ran").exists()


def test_a_temporary_file_is_none_of_ours_though_it_is_committed(repo):
    """As a FolderTree has it. A kustomization that lists it lists a file that is not there."""
    name, hidden = ".onboard-tmp-0123456789abcdef", "generated/prod/.onboard-tmp-0123456789abcdef.yaml"
    commit(repo, dict.fromkeys((f"apps/payments/base/{name}", f"apps/{name}/metadata.yaml", hidden), "a: b\n"))
    tree = same(repo)
    assert isinstance(tree, IndexedTree)
    assert [path for path in tree.paths() if "tmp" in path] == [hidden]


def test_without_a_commit_the_index_counts(tmp_path):
    git(tmp_path, "init", "-q")
    write(tmp_path, FILES)
    assert list(same(tmp_path).paths()) == sorted(FILES)
    git(tmp_path, "add", "-A")
    write(tmp_path, {METADATA: "a: b\n"})
    assert isinstance(same(tmp_path), IndexedTree)


def test_names_of_another_kind_are_not_compared(tmp_path):
    """In a repository of SHA-256 objects everything is read."""
    git(tmp_path, "init", "-q", "--object-format=sha256")
    commit(tmp_path, FILES)
    assert same(tmp_path).holds(METADATA, FILES[METADATA].encode())


def test_what_a_hook_says_of_another_index_has_no_effect(repo, tmp_path, monkeypatch):
    other = repository(tmp_path / "other", {METADATA: "other"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    tree = same(repo)
    assert isinstance(tree, IndexedTree)
    assert tree.holds(METADATA, FILES[METADATA].encode())


def test_few_apis_are_read_at_once(repo, monkeypatch):
    monkeypatch.setattr(files, "LARGE", 100)
    assert type(tree_of(GitRepo.open(repo))) is FolderTree


def test_an_index_that_git_cannot_read_is_not_needed(repo):
    git_repo = GitRepo.open(repo)
    (repo / ".git/index").write_bytes(b"broken")
    tree = tree_of(git_repo)
    assert type(tree) is FolderTree
    assert list(tree.paths()) == sorted(FILES)


SHIM = """\
#!/bin/sh
{git} "$@"
code=$?
case "$*" in *--stage*) {git} -C {root} add -A ;; esac
exit $code
"""


def test_who_is_at_work_with_git_meanwhile_makes_nothing_unseen(repo, tmp_path, monkeypatch):
    """What is added between two looks is the old content to the first one, and unchanged to the second."""
    real = shutil.which("git")
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin/git"
    shim.write_text(SHIM.format(git=real, root=repo))
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    write(repo, {SERVICE: "a: b\n"})
    tree = tree_of(GitRepo.open(repo))
    assert git(repo, "diff", "--cached", "--name-only") == SERVICE
    assert tree.holds(SERVICE, b"a: b\n")


# Where git and the folder say different things, the answer is what a commit of this working tree holds


@pytest.mark.parametrize("then", [lambda file: None, os.utime, lambda file: file.write_text("a: b\n")])
@pytest.mark.parametrize("mode", [REGULAR, EXECUTABLE])
def test_where_modes_mean_nothing_those_of_the_index_count(repo, mode, then):
    """core.fileMode=false: on such a disk every file may look like a program, and a commit says otherwise."""
    git(repo, "update-index", f"--chmod={'+' if mode == EXECUTABLE else '-'}x", SERVICE)
    git(repo, "config", "core.fileMode", "false")
    (repo / SERVICE).chmod(0o644 if mode == EXECUTABLE else 0o755)
    then(repo / SERVICE)
    tree = tree_of(GitRepo.open(repo))
    assert tree.mode(SERVICE) == tree[SERVICE].mode == mode
    assert FolderTree(repo).mode(SERVICE) == REGULAR
    git(repo, "commit", "-q", "-a", "--allow-empty", "-m", "what it is")
    assert GitRepo.open(repo).tree("HEAD").mode(SERVICE) == mode


def test_what_was_checked_out_with_other_ends_of_lines_is_what_git_keeps(repo):
    """The attributes are gone since, and git does not look again at what it wrote itself. Who reads gets the file."""
    commit(repo, {".gitattributes": "*.yaml text eol=crlf\n"})
    (repo / SERVICE).unlink()
    git(repo, "checkout", "--", SERVICE)
    os.utime(repo / SERVICE, (LAST_YEAR, LAST_YEAR))
    git(repo, "update-index", "-q", "--refresh")
    commit(repo, {".gitattributes": None})
    text = FILES[SERVICE].encode()
    tree, plain = tree_of(GitRepo.open(repo)), FolderTree(repo)
    assert isinstance(tree, IndexedTree)
    assert plain.read(SERVICE) == tree.read(SERVICE) == text.replace(b"\n", b"\r\n")
    assert tree.holds(SERVICE, text)
    git(repo, "commit", "-q", "-a", "--allow-empty", "-m", "what it is")
    assert GitRepo.open(repo).tree("HEAD").read(SERVICE) == text


def test_a_folder_that_only_looks_like_a_repository_and_holds_no_file_is_nothing(repo):
    """To a FolderTree it is a submodule. No commit can hold it, so nobody can bring it."""
    (repo / "apps/payments/requests/prod/x.yaml/.git").mkdir(parents=True)
    tree, plain = tree_of(GitRepo.open(repo)), FolderTree(repo)
    assert (list(tree.paths("apps/payments/requests")), len(list(plain.paths("apps/payments/requests")))) == ([], 1)
    git(repo, "add", "-A")
    assert git(repo, "status", "--porcelain") == ""


# Conversions

CRLF = {SERVICE: FILES[SERVICE].replace("\n", "\r\n"), METADATA: "# $Id$\n"}
CONVERSIONS = ("* text=auto", "*.yaml text", "* eol=crlf", "* crlf", "* ident", "* filter=lfs", "[attr]odd text\n* odd")
CONVERSIONS += ("*.yaml working-tree-encoding=UTF-16LE-BOM", '"a b" text', "*.txt\ttext", "* -text\n*.yaml text")
HARMLESS = (
    "* -text",
    "* binary",
    "* -diff merge=union",
    "*.yaml linguist-generated=true my-text",
    "",
    "* -text -ident",
)


@pytest.mark.parametrize("text", CONVERSIONS)
def test_files_that_git_keeps_otherwise_are_read(repo, text):
    commit(repo, {".gitattributes": f"{text}\n"})
    assert type(tree_of(GitRepo.open(repo))) is FolderTree


@pytest.mark.parametrize("text", HARMLESS)
def test_attributes_that_convert_nothing_are_no_reason(repo, text):
    commit(repo, {".gitattributes": f"{text}\n"})
    commit(repo, CRLF)
    assert isinstance(same(repo), IndexedTree)


INSIDE = (
    "apps/.gitattributes",
    "apps/payments/base/.gitattributes",
    ".onboard/.gitattributes",
    "generated/.gitattributes",
)


@pytest.mark.parametrize("folder", ["", "..", "apps", "apps/payments/base", ".onboard", "generated"])
def test_attributes_count_wherever_they_are(tmp_path, folder):
    root = place(tmp_path, "in a folder")
    write(root / folder, {".gitattributes": "*.yaml ident\n"})
    assert type(tree_of(GitRepo.open(root))) is FolderTree


def test_attributes_beside_the_config_repo_are_not_for_it(tmp_path):
    root = place(tmp_path, "in a folder")
    write(tmp_path, {"repo/other/.gitattributes": "* text\n", ".gitattributes": "* text\n"})
    assert isinstance(same(root), IndexedTree)


@pytest.mark.parametrize("where", PLACES)
def test_attributes_that_nobody_else_has_count(tmp_path, where):
    root = place(tmp_path, where)
    info = Path(git(root, "rev-parse", "--path-format=absolute", "--git-path", "info/attributes"))
    info.parent.mkdir(exist_ok=True)
    info.write_text("* text\n")
    assert type(tree_of(GitRepo.open(root))) is FolderTree


@pytest.mark.parametrize("named", ["/{}/attributes", "attributes", "~/attributes", None])
def test_attributes_of_a_user_count(repo, tmp_path, monkeypatch, named):
    """A relative path is one from the top of the repository; without any it is git's own place."""
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    assert isinstance(tree_of(GitRepo.open(repo)), IndexedTree)
    if named is None:
        write(home, {"git/attributes": "* text\n"})
    else:
        folder = home if named.startswith("~") else repo
        write(folder, {"attributes": "* text\n"})
        git(repo, "config", "core.attributesFile", named.format(repo))
    assert git(repo, "check-attr", "text", "--", METADATA).endswith("text: set")
    assert type(tree_of(GitRepo.open(repo))) is FolderTree


@pytest.mark.parametrize("value", ["true", "input", None])
@pytest.mark.parametrize("text", [None, "* -text\n*.yaml !text", "[attr]odd !text\n* -text\n* odd"])
def test_ends_of_lines_that_git_changes_are_read(repo, value, text):
    """Unless `* -text` says that it does not."""
    if text:
        commit(repo, {".gitattributes": f"{text}\n"})
    with (repo / ".git/config").open("a") as config:
        config.write("[core]\n\tautocrlf" + (f" = {value}" if value else "") + "\n")
    assert type(tree_of(GitRepo.open(repo))) is FolderTree
    commit(repo, {".gitattributes": "* -text\n"})
    assert isinstance(same(repo), IndexedTree)


def test_attributes_behind_a_symlink_are_not_looked_at(repo, tmp_path):
    """A pull request can bring such a link, to a file without end."""
    write(tmp_path, {"attributes": "* -text\n"})
    (repo / ".gitattributes").symlink_to(tmp_path / "attributes")
    assert type(tree_of(GitRepo.open(repo))) is FolderTree


def test_attributes_of_some_commit_are_too_much_to_ask(repo):
    """attr.tree, which git 2.43 and newer know."""
    git(repo, "config", "attr.tree", "HEAD")
    assert type(tree_of(GitRepo.open(repo))) is FolderTree


def test_git_is_asked_only_of_the_roots_that_are_wanted(repo):
    write(repo, {METADATA: "changed", "generated/prod/x.yaml": "new"})
    tree, plain = tree_of(GitRepo.open(repo), "apps"), FolderTree(repo)
    assert isinstance(tree, IndexedTree)
    assert list(tree.paths()) == list(plain.paths())
    assert {path: tree[path] for path in plain.paths()} == {path: plain[path] for path in plain.paths()}
    assert all(path.startswith("apps/") for path in tree._indexed)

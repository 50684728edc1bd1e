"""What happens to a clone between two commits: a Hypothesis strategy for steps, done by the real git and the real disk.

A step that makes no sense where the ones before have led does nothing.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import strategies as st

from tests.support.repos import good, second_api

# What sorts around a slash, and what has to be quoted.
NAMES = (
    "apps/a/x",
    "apps/a-b/x",
    "apps/a.b",
    "apps/a0/x",
    "apps/pay/b\u00fc\n'\"*.yaml",
    os.fsdecode(b"apps/a/\xff.yaml"),
)
FILES = (
    good()
    | second_api()
    | dict.fromkeys(NAMES, "text\n")
    | {"generated/prod/apps/payments/kustomization.yaml": "a: b\n"}
)
FOLDERS = ("apps/payments", "apps/payments/base", "apps/orders/overlays/prod", "apps/a", "generated/prod", "apps")
UNTRACKED = (
    "apps/new/metadata.yaml",
    "apps/payments/base/more.yaml",
    "apps/payments/base/MORE.yaml",
    "apps/payments/.onboard-tmp-0123456789abcdef",
    "apps/.onboard-tmp-0123456789abcdef/x",
    "generated/prod/.onboard-tmp-0123456789abcdef.yaml",
    "apps/payments/base/ignored",
    "generated/prod/apps/payments/routes.yaml",
    ".onboard/schemas/api.json",
    "README.md",
)

Step = Callable[[Path], object]


def _git(root: Path, *words: str, stdin: bytes = b"") -> bytes:
    return subprocess.run(["git", *words], cwd=root, input=stdin, capture_output=True, check=False).stdout


def _clear(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def write(root: Path, path: str, data: bytes) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(data)


def edit_to_the_same_size(root: Path, path: str) -> None:
    data = (root / path).read_bytes()
    (root / path).write_bytes(data[1:] + data[:1])


def touch(root: Path, path: str) -> None:
    os.utime(root / path)


def delete(root: Path, path: str) -> None:
    _clear(root / path)


def run_by_all(root: Path, path: str) -> None:
    (root / path).chmod(0o755)


def symlink(root: Path, path: str) -> None:
    _clear(root / path)
    (root / path).symlink_to("../orders")


def move_behind_a_symlink(root: Path, path: str) -> None:
    (root / path).rename(root / "behind")
    (root / path).symlink_to(root / "behind")


def folder(root: Path, path: str) -> None:
    _clear(root / path)
    write(root, f"{path}/inside", b"text")


def empty_folder(root: Path, path: str) -> None:
    _clear(root / path)
    (root / path).mkdir(parents=True)


def fifo(root: Path, path: str) -> None:
    _clear(root / path)
    os.mkfifo(root / path)


def rename(root: Path, path: str) -> None:
    (root / path).rename(root / f"{path}-moved")


def repository_inside(root: Path, path: str) -> None:
    _git(root / path, "init", "-q")


def repository_with_a_commit_inside(root: Path, path: str) -> None:
    repository_inside(root, path)
    _git(root / path, "add", "-A")
    _git(root / path, "commit", "-q", "--allow-empty", "-m", "inside")


def folder_named_as_a_repository(root: Path, path: str) -> None:
    (root / path / ".git").mkdir()


def file_named_as_a_repository(root: Path, path: str) -> None:
    (root / path / ".git").write_text("gitdir: /nowhere\n")


def link_named_as_a_repository(root: Path, path: str) -> None:
    (root / path / ".git").symlink_to("/nowhere")


def add(root: Path, path: str) -> None:
    _git(root, "add", "-A", "-f", "--", path)


def add_as_executable(root: Path, path: str) -> None:
    _git(root, "update-index", "--chmod=+x", "--", path)


def intend_to_add(root: Path, path: str) -> None:
    _git(root, "add", "-N", "-f", "--", path)


def forget(root: Path, path: str) -> None:
    _git(root, "rm", "-r", "-q", "--cached", "--", path)


def assume_unchanged(root: Path, path: str) -> None:
    _git(root, "update-index", "--assume-unchanged", "--", path)


def skip(root: Path, path: str) -> None:
    _git(root, "update-index", "--skip-worktree", "--", path)


def conflict(root: Path, path: str) -> None:
    """As a merge leaves it."""
    whole = _git(root, "rev-parse", "--show-prefix").strip() + os.fsencode(path)
    name = _git(root, "hash-object", "-w", "--stdin", stdin=b"theirs\n").strip()
    entries = b"".join(b"100644 %s %d\t%s\0" % (name, stage, whole) for stage in (1, 2, 3))
    _git(root, "update-index", "-z", "--index-info", stdin=b"0 %s\t%s\0" % (b"0" * 40, whole) + entries)


def submodule(root: Path, path: str) -> None:
    """A commit that nobody has checked out."""
    forget(root, path)
    _git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{path}")


def reset(root: Path, path: str) -> None:
    _git(root, "reset", "-q", "--", path)


def commit(root: Path, _: str) -> None:
    _git(root, "commit", "-q", "-a", "-m", "a change")


def look(root: Path, _: str) -> None:
    _git(root, "status")


def check_out_a_part(root: Path, path: str) -> None:
    _git(root, "sparse-checkout", "set", "--cone", "--sparse-index", path)


ON_FILES = (
    edit_to_the_same_size,
    touch,
    delete,
    run_by_all,
    symlink,
    folder,
    fifo,
    rename,
    add,
    add_as_executable,
    forget,
    assume_unchanged,
    skip,
    conflict,
    reset,
)
ON_FOLDERS = (
    delete,
    symlink,
    move_behind_a_symlink,
    empty_folder,
    rename,
    repository_inside,
    repository_with_a_commit_inside,
    folder_named_as_a_repository,
    file_named_as_a_repository,
    link_named_as_a_repository,
    add,
    forget,
    submodule,
    reset,
    commit,
    look,
    check_out_a_part,
)
SETTINGS = (
    ("core.ignoreCase", "true"),
    ("core.quotePath", "false"),
    ("core.splitIndex", "true"),
    ("core.untrackedCache", "true"),
    ("core.trustCtime", "false"),
    ("core.checkStat", "minimal"),
    ("core.symlinks", "false"),
    ("core.ignoreStat", "true"),
    ("diff.ignoreSubmodules", "all"),
    ("diff.relative", "true"),
    ("submodule.recurse", "true"),
    ("index.version", "4"),
)


def _step(do: Callable[[Path, str], object], path: str) -> tuple[str, Step]:
    def done(root: Path) -> None:
        with suppress(OSError):
            do(root, path)

    return f"{do.__name__} {path!r}", done


def _writing(path: str, data: bytes, then: Callable[[Path, str], object] | None) -> tuple[str, Step]:
    def done(root: Path) -> None:
        with suppress(OSError):
            write(root, path, data)
            if then:
                then(root, path)

    return f"write {path!r} {data!r} {then and then.__name__}", done


def _setting(name: str, value: str) -> tuple[str, Step]:
    return f"{name}={value}", lambda root: _git(root, "config", name, value)


paths = st.sampled_from(sorted(FILES))
folders = st.sampled_from(FOLDERS)
# Each step with what it is called, for who reads of a failure.
steps = st.lists(
    st.one_of(
        st.builds(_step, st.sampled_from(ON_FILES), paths),
        st.builds(_step, st.sampled_from(ON_FOLDERS), folders),
        st.builds(
            _writing,
            paths | st.sampled_from(UNTRACKED),
            st.sampled_from((b"", b"text\n", b"a longer text\n")),
            st.sampled_from((None, None, add, intend_to_add)),
        ),
        st.builds(lambda setting: _setting(*setting), st.sampled_from(SETTINGS)),
    ),
    min_size=1,
    max_size=6,
)

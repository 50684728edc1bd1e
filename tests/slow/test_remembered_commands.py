"""With a hundred APIs and more, commands remember what did not change; what they print is what they print without."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import fleet, shapes
from onboarding_tool.adapters import files
from onboarding_tool.adapters.cache import FILE, FOLDER
from tests.support.cli import Done, onboard
from tests.support.git import commit, git, write

SIZE = shapes.Size(120, 1, 1)
COMMANDS = (("api", "list", "--format", "json"), ("generate", "--check"), ("check", "--no-render"))


def run(root: Path, *words: str) -> tuple[int, str]:
    done = onboard(*words, at=root)
    return done.code, done.out + _talk(done)


def _talk(done: Done) -> str:
    """Without what is said of the cache itself."""
    return "\n".join(line for line in done.err.splitlines() if not line.startswith(FOLDER))


def forgotten(root: Path, *words: str) -> tuple[int, str]:
    """As in a config repo that is too small for it to be worth while, and without a cache."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(files, "LARGE", 10_000)
        return run(root, *words, *(["--no-cache"] if words[0] == "check" else []))


def same(root: Path, *words: str) -> str:
    code, printed = forgotten(root, *words)
    for _ in range(2):
        assert run(root, *words) == (code, printed)
    return printed


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> Path:
    """A fleet of which everything is known."""
    root = tmp_path_factory.mktemp("fleet") / "config"
    fleet.write(root, SIZE)
    for words in COMMANDS:
        run(root, *words)
    return root


@pytest.fixture
def root(known, tmp_path) -> Path:
    shutil.copytree(known, tmp_path / "config", symlinks=True)
    git(tmp_path / "config", "update-index", "-q", "--refresh")
    return tmp_path / "config"


def some_api(root: Path, number: int = 0) -> str:
    """The folder of an API that has an overlay."""
    found = [path for path in sorted((root / "apps").iterdir()) if list(path.glob("overlays/*"))]
    return f"apps/{found[number].name}"


def edit(root: Path, path: str, old: str, new: str) -> dict[str, str]:
    text = (root / path).read_text()
    assert old in text
    write(root, {path: text.replace(old, new)})
    return {path: text.replace(old, new)}


def break_some(root: Path) -> dict[str, str]:
    """A metadata.yaml that cannot be read, another capability, an object that is privileged, a file too many."""
    first, second = some_api(root), some_api(root, 1)
    found = edit(root, f"{first}/metadata.yaml", "kind: Api", "kind: [")
    found |= edit(root, f"{second}/metadata.yaml", "lifecycle: active", "lifecycle: retiring")
    more = {f"{second}/overlays/.hidden": "", f"{second}/base/\u00fc.yaml": "a: b\n"}
    write(root, more)
    return found | more


def nothing(root: Path) -> None:
    pass


def edit_only(root: Path) -> None:
    break_some(root)


def edit_and_commit(root: Path) -> None:
    commit(root, break_some(root))


def edit_and_go_back(root: Path) -> None:
    edit_and_commit(root)
    for words in COMMANDS:
        run(root, *words)
    git(root, "reset", "-q", "--hard", "HEAD~1")


def generate(root: Path) -> None:
    edit(root, f"{some_api(root)}/metadata.yaml", "lifecycle: active", "lifecycle: retiring")
    assert onboard("generate", at=root).code == 0


def rename(root: Path) -> None:
    (root / some_api(root)).rename(root / "apps/new")


def damage_the_cache(root: Path) -> None:
    edit_only(root)
    file = root / FOLDER / FILE
    file.write_bytes(file.read_bytes()[:20_000])


def edit_the_platform(root: Path) -> None:
    edit(root, "platform.yaml", "registries:", "forbidden_namespaces: [kube-system]\nregistries:")


@pytest.mark.parametrize(
    "change",
    [
        nothing,
        edit_only,
        edit_and_commit,
        edit_and_go_back,
        generate,
        rename,
        damage_the_cache,
        edit_the_platform,
    ],
)
def test_every_command_prints_what_it_prints_without(root, change: Callable[[Path], None]):
    change(root)
    for words in COMMANDS:
        assert same(root, *words)


def test_so_it_is_with_renders(root):
    api = some_api(root)
    overlay = next((root / api / "overlays").iterdir()).relative_to(root).as_posix()
    assert run(root, "check")[1].endswith("No findings.\n")
    patch = '\npatches: [{target: {kind: Deployment}, patch: \'[{"op": "add", "path": "/spec/x", "value": 1}]\'}]\n'
    write(root, {f"{overlay}/kustomization.yaml": (root / overlay / "kustomization.yaml").read_text() + patch})
    assert f"{overlay}/kustomization.yaml" in same(root, "check")


def test_a_cache_that_git_tracks_is_neither_read_nor_written(root):
    """Whoever can commit one could say anything."""
    git(root, "add", "-f", f"{FOLDER}/{FILE}")
    data = (root / FOLDER / FILE).read_bytes()
    break_some(root)
    for words in COMMANDS:
        done = onboard(*words, at=root)
        assert f"{FOLDER} is tracked by git, so it is not used" in done.err
        assert (done.code, done.out + _talk(done)) == forgotten(root, *words)
    assert (root / FOLDER / FILE).read_bytes() == data


def test_without_git_nothing_is_remembered(root, monkeypatch):
    shutil.rmtree(root / ".git")
    shutil.rmtree(root / ".onboard/cache")
    for words in COMMANDS:
        assert run(root, *words) == forgotten(root, *words)
    assert not os.path.lexists(root / FOLDER)

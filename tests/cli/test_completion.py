"""What a shell is told when somebody presses the tab key."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.cli import ONBOARD
from tests.support.git import write
from tests.support.repos import good, second_api


@pytest.fixture
def root(tmp_path) -> Path:
    write(tmp_path, good() | second_api())
    return tmp_path


def complete(root: Path, line: str, shell: str = "bash") -> list[str]:
    """The answers for a line, with the cursor at its end. Each as the shell gets it."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    if shell != "bash":
        asked = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    settings = {**os.environ, "_ONBOARD_COMPLETE": f"complete_{shell}", **asked}
    done = subprocess.run([ONBOARD], cwd=root / "apps", env=settings, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("command", ["api show", "api retire", "request", "bump", "render", "wait"])
def test_names_of_apis(root, command):
    assert complete(root, f"onboard {command} ") == ["orders", "payments"]
    assert complete(root, f"onboard {command} pa") == ["payments"]
    assert complete(root, f"onboard {command} x") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells(root, shell):
    assert "payments" in " ".join(complete(root, "onboard api show pa", shell))
    assert "orders" not in " ".join(complete(root, "onboard api show pa", shell))


def test_names_of_commands(root):
    assert complete(root, "onboard re") == ["request", "render", "release"]
    assert complete(root, "onboard api") == ["api"]
    assert complete(root, "onboard api re") == ["retire", "remove"]
    assert complete(root, "onboard api show") == ["show"]


def test_names_of_options_and_their_values(root):
    assert complete(root, "onboard release apply --p") == ["--push"]
    assert complete(root, "onboard check --format g") == ["github"]


def test_after_an_option_of_the_whole(root):
    assert complete(root, "onboard -C .. api show pa") == ["payments"]


def test_outside_of_a_config_repo_nothing_is_offered(tmp_path):
    (tmp_path / "apps").mkdir()
    assert complete(tmp_path, "onboard api show ") == []

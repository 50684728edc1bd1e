"""Commands that are killed at random moments: every file is old or new, and the same command, run again, finishes."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.support.cli import ONBOARD
from tests.support.git import contents, git, write
from tests.support.repos import good, second_api

APIS = [f"api-{number:02}" for number in range(20)]
IMAGE = "europe-docker.pkg.dev/acme/payments/app:v9.0.0"
TEMPORARY = ".onboard-tmp-"
MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: brought}
spec:
  selector: {matchLabels: {app: brought}}
  template:
    metadata: {labels: {app: brought}}
    spec: {containers: [{name: app, image: "europe-docker.pkg.dev/acme/brought/app:v1.0.0"}]}
---
apiVersion: v1
kind: Service
metadata: {name: brought}
spec: {selector: {app: brought}, ports: [{port: 80, targetPort: 8080}]}
"""
OWNERS = ("--tenant", "customer-a", "--team", "payments-team")
BRING_IN = ("api", "import", "brought", "--from", "../brought.yaml", *OWNERS, "--namespace", "prod=brought")
FRESH = ("--port", "8080", "--image", "europe-docker.pkg.dev/acme/fresh/app:v1.0.0", "--namespace", "prod=fresh")
# Ends at the number of a rename, which is how every file gets to its place, as if it was killed then.
DYING = """
import os, sys
from onboarding_tool.cli import main
left, replace = int(sys.argv.pop(1)), os.replace
def last(path, target):
    global left
    left -= 1
    return replace(path, target) if left else os._exit(9)
os.replace = last
main()
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A command; how often it is killed. `again`: what it ends with when it was finished before it was killed."""

    words: tuple[str, ...]
    kills: int
    again: int = 0


CASES = {
    "generate": Case(("generate",), 80),
    "api import": Case(BRING_IN, 40, again=2),
    "api add": Case(("api", "add", "fresh", *OWNERS, *FRESH), 40, again=2),
    "team add": Case(("team", "add", "new-team", "--tenant", "customer-a"), 20),
    "bump": Case(("bump", "payments", "prod", IMAGE), 20),
}
assert sum(case.kills for case in CASES.values()) == 200


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before") / "config"
    files: dict[str, str] = good()
    for name in APIS:
        files |= second_api(name)
    write(folder, files)
    (folder.parent / "brought.yaml").write_text(MANIFESTS, encoding="utf-8")
    git(folder, "init", "-q")
    return folder


@pytest.mark.parametrize("name", CASES)
def test_a_killed_command_leaves_each_file_old_or_new_and_is_finished_by_running_it_again(name, before, tmp_path):
    case, random_ = CASES[name], random.Random(name)
    old = ours(before)
    place = copied(before, tmp_path / "whole")
    began = time.monotonic()
    assert run(place, case.words).returncode == 0
    moment, new = time.monotonic() - began, ours(place)
    assert new != old
    ends = set()
    for number in range(case.kills):
        place = copied(before, tmp_path / str(number))
        kill_after(place, case.words, random_.uniform(0.8, 1.2) * moment)
        left = ours(place)
        moment *= 1.15 if left == old else 0.9  # about when it writes, however fast the machine is just now
        halves = {path for path, data in left.items() if data not in (old.get(path), new.get(path))}
        assert halves == set(), number
        gone = {path for path in old if path not in left and path in new}
        assert gone == set(), number
        done = run(place, case.words)
        assert done.returncode == (case.again if left == new else 0), done.stderr
        assert ours(place) == new, number
        ends.add("new" if left == new else "old" if left == old else "between")
        shutil.rmtree(place.parent)
    assert {"new", "old"} <= ends, "no kill came in time, or all came too early"


@pytest.mark.parametrize("name", CASES)
def test_a_command_that_dies_between_two_files_is_finished_by_running_it_again(name, before, tmp_path):
    case = CASES[name]
    place = copied(before, tmp_path / "whole")
    assert run(place, case.words).returncode == 0
    old, new = ours(before), ours(place)
    for number in count(1):
        place = copied(before, tmp_path / str(number))
        command = [sys.executable, "-c", DYING, str(number), *case.words]
        if subprocess.run(command, cwd=place, capture_output=True, check=False).returncode == 0:
            break
        if name != "generate":
            assert ours(place) == old, "all or nothing"
        done = run(place, case.words)
        assert done.returncode == 0, (number, done.stderr)
        assert ours(place) == new, number
    assert number > 1, "it never got as far"


def ours(folder: Path) -> Mapping[str, bytes]:
    """Every file but git's, and those that only a killed process left, which nothing reads."""
    found = contents(folder).items()
    return {path: data for path, data in found if not path.startswith(".git/") and TEMPORARY not in path}


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder.parent, to)
    return to / folder.name


def run(folder: Path, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ONBOARD, *words], cwd=folder, capture_output=True, text=True, check=False)


def kill_after(folder: Path, words: tuple[str, ...], seconds: float) -> None:
    quiet = subprocess.DEVNULL
    with subprocess.Popen([ONBOARD, *words], cwd=folder, stdout=quiet, stderr=quiet, env={**os.environ}) as process:
        time.sleep(seconds)
        process.kill()

"""Commands that are killed at random moments: every file is old or new, and the same command, run again, finishes."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from onboarding_tool import __version__
from tests.support.cli import ONBOARD
from tests.support.git import contents, git, write
from tests.support.repos import METADATA, good, second_api

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
PATH = "apps/payments/metadata.yaml"
RETIRING = METADATA.replace("lifecycle: active", "lifecycle: retiring")
BRING_IN = ("api", "import", "brought", "--from", "../brought.yaml", *OWNERS, "--namespace", "prod=brought")
FRESH = ("--port", "8080", "--image", "europe-docker.pkg.dev/acme/fresh/app:v1.0.0", "--namespace", "prod=fresh")
# Ends at the number of a step, as if it was killed then: a rename, by which files get to their places, or a deletion.
DYING = """
import os, sys
from onboarding_tool.cli import main
left = int(sys.argv.pop(1))
def dying(step):
    def last(*words, **options):
        global left
        left -= 1
        return step(*words, **options) if left else os._exit(9)
    return last
os.replace, os.unlink, os.rename = map(dying, (os.replace, os.unlink, os.rename))
main()
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A command; how often it is killed. `again`: what it ends with when it was finished before it was killed.

    `whole`: it does all or nothing; else what it left undone is done by running it again. `files` lie there before.
    """

    words: tuple[str, ...]
    kills: int
    again: int = 0
    whole: bool = True
    files: Mapping[str, str] = field(default_factory=dict)


CASES = {
    "generate": Case(("generate",), 60, whole=False),
    "api remove": Case(("api", "remove", "payments"), 20, whole=False, files={PATH: RETIRING}),
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
    before = prepared(before, case, tmp_path)
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
        assert left in (old, new) or not case.whole, number
        done = run(place, case.words)
        assert done.returncode == (case.again if left == new else 0), done.stderr
        assert ours(place) == new, number
        ends.add("new" if left == new else "old" if left == old else "between")
        shutil.rmtree(place.parent)
    assert {"new", "old"} <= ends, "no kill came in time, or all came too early"


@pytest.mark.parametrize("name", CASES)
def test_a_command_that_dies_between_two_files_is_finished_by_running_it_again(name, before, tmp_path):
    case = CASES[name]
    before = prepared(before, case, tmp_path)
    place = copied(before, tmp_path / "whole")
    assert run(place, case.words).returncode == 0
    old, new = ours(before), ours(place)
    for number in count(1):
        place = copied(before, tmp_path / str(number))
        command = [sys.executable, "-c", DYING, str(number), *case.words]
        if subprocess.run(command, cwd=place, capture_output=True, check=False).returncode == 0:
            break
        assert ours(place) == old or not case.whole
        done = run(place, case.words)
        assert done.returncode == 0, (number, done.stderr)
        assert ours(place) == new, number
    assert number > 1, "it never got as far"


def test_an_upgrade_that_dies_anywhere_is_finished_by_the_next(before, tmp_path):
    """Its commit has moved the branch, and files and index are behind."""
    before = copied(before, tmp_path / "before")
    assert run(before.parent, ("init", "made")).returncode == 0
    made = before.parent / "made"
    platform = (made / "platform.yaml").read_text(encoding="utf-8")
    write(made, {"platform.yaml": platform.replace(f'version: "{__version__}"', 'version: "0.0.9"', 1)})
    (made / ".onboard/schemas/api.json").unlink()
    git(made, "commit", "-qam", "An older version")
    heads = set()
    for number in count(1):
        place = copied(made, tmp_path / str(number))
        began = git(place, "rev-parse", "HEAD")
        died = subprocess.run(
            [sys.executable, "-c", DYING, str(number), "upgrade"], cwd=place, capture_output=True, check=False
        )
        heads.add(git(place, "rev-parse", "HEAD") == began)
        done = run(place, ("upgrade",))
        assert done.returncode == 0, (number, done.stderr)
        assert git(place, "log", "--format=%s", "-1").startswith("Upgrade to onboard"), number
        assert git(place, "status", "--porcelain") == "", number
        assert (place / ".onboard/schemas/api.json").is_file(), number
        if died.returncode == 0:
            break
    assert heads == {True, False}


def test_an_init_that_dies_anywhere_made_all_or_nothing(tmp_path):
    ends = set()
    for number in count(1):
        place = tmp_path / str(number)
        place.mkdir()
        died = subprocess.run([sys.executable, "-c", DYING, str(number), "init", "new"], cwd=place, check=False)
        made = (place / "new").exists()
        ends.add(made)
        assert run(place, ("init", "new")).returncode == (2 if made else 0), number
        assert run(place / "new", ("check", "--strict")).returncode == 0, number
        assert git(place / "new", "status", "--porcelain") == "", number
        if died.returncode == 0:
            break
    assert number > 1
    assert ends == {True, False}


def ours(folder: Path) -> Mapping[str, bytes]:
    """Every file but git's, and those that only a killed process left, which nothing reads."""
    found = contents(folder).items()
    return {path: data for path, data in found if not path.startswith(".git/") and TEMPORARY not in path}


def prepared(before: Path, case: Case, folder: Path) -> Path:
    place = copied(before, folder / "before")
    write(place, case.files)
    return place


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

"""Releases whose process is killed at random moments."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.adapters.test_apply_releases import payments, records, wish
from tests.support.git import commit, git, repository, status

RUN = """
import sys
from pathlib import Path
from onboarding_tool.adapters import apply_releases
from onboarding_tool.adapters.git_repo import GitRepo

def clock():
    print("deciding", flush=True)
    return "2026-11-20T16:40:02Z"

apply_releases.apply_all(GitRepo.open(Path(sys.argv[1])), decided_at=clock, tool_version="0.1.0")
"""


def run_and_kill(root: Path, chance: random.Random) -> bool:
    """Whether a process that applies releases came to its end before it, or its whole group, was killed."""
    words = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen([sys.executable, "-c", RUN, str(root)], **words) as child:
        for _ in range(chance.randrange(4)):
            child.stdout.readline()
        time.sleep(chance.random() * 0.2)
        if chance.random() < 0.5:
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)
        problem = child.stderr.read().decode()
    assert child.returncode in (0, -signal.SIGKILL), problem
    return child.returncode == 0


def test_releases_survive_kills_at_random_moments(tmp_path):
    """Whole commits, an unbroken chain, nothing lost, nothing doubled, and no repair by hand."""
    root = repository(tmp_path / "repo")
    for number in range(12):
        commit(root, wish(f"v{number + 2}", f"r{number:02}", "prod" if number % 2 else "staging"))
    start = git(root, "rev-parse", "HEAD")
    chance = random.Random(2027)
    kills = 0
    while not run_and_kill(root, chance):
        kills += 1
        assert kills < 100
    assert kills >= 3
    commits = git(root, "rev-list", f"{start}..HEAD").split()
    decided = [record for name in ("prod", "staging") for record in records(root, name)]
    assert len(commits) == len(decided) == len({record.id for record in decided}) == 12
    for each in commits:
        changes = git(root, "show", "--no-renames", "--name-status", "--format=", each).splitlines()
        kinds = sorted((line[0], line.split("/")[2]) for line in changes)
        whole = [("A", "releases"), ("D", "requests")]
        assert kinds in (whole, [*whole, ("M", "overlays")])
    assert payments(root).requests == ()
    assert [line for line in status(root) if ".onboard-tmp-" not in line] == []
    assert not (root / ".git/index.lock").exists()
    git(root, "fsck", "--strict")

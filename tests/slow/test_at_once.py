"""Several processes change one config repo at once: what each of them did is there in the end."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.cli import ONBOARD
from tests.support.git import git, repository, write
from tests.support.repos import good


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [ONBOARD, *words], cwd=folder, env={**os.environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_teams_that_are_added_at_once(tmp_path):
    write(tmp_path, good())
    names = [f"team-{number}" for number in range(8)]
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: run(tmp_path, "team", "add", name, "--tenant", "acme"), names))
    text = (tmp_path / "teams.yaml").read_text()
    assert [name for name in names if f"  {name}:" not in text] == []


def test_slots_that_are_bumped_at_once(tmp_path):
    write(tmp_path, good())
    targets = [(environment, f"v9.0.{number}") for environment in ("prod", "staging") for number in range(3)]
    with ThreadPoolExecutor(len(targets)) as pool:
        list(
            pool.map(
                lambda target: run(
                    tmp_path, "bump", "payments", target[0], f"europe-docker.pkg.dev/acme/payments/app:{target[1]}"
                ),
                targets,
            )
        )
    for environment in ("prod", "staging"):
        text = (tmp_path / f"apps/payments/overlays/{environment}/kustomization.yaml").read_text()
        assert text.count("newTag: v9.0.") == 1


def test_what_is_generated_several_times_at_once(tmp_path):
    root = repository(tmp_path / "repo", good())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: run(root, "generate"), range(4)))
    git(root, "add", "-A")
    assert run(root, "generate", "--check") == ""

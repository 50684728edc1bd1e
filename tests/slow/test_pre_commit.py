"""The hook that config repos name: installed and run by pre-commit itself, from a repository of these sources."""

from pathlib import Path

import pytest

from tests.support.git import commit, git, repository, write
from tests.support.installing import copied, fresh_python, run
from tests.support.repos import REQUEST, REQUEST_PATH, good, with_generated

CONFIG = """\
repos:
  - repo: {repository}
    rev: {revision}
    hooks: [{{id: onboard-gate}}]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config repo whose branch `topic` begins at main, and which uses the hook."""
    sources = copied(tmp_path / "sources")
    git(sources, "init", "-q", "-b", "main")
    git(sources, "add", "-A")
    git(sources, "commit", "-q", "-m", "The tool")
    root = repository(tmp_path / "config", with_generated(good()))
    commit(
        root, {".pre-commit-config.yaml": CONFIG.format(repository=sources, revision=git(sources, "rev-parse", "HEAD"))}
    )
    git(root, "switch", "-q", "-c", "topic")
    return root


def test_the_hook_judges_what_is_staged(config, tmp_path):
    python = fresh_python(tmp_path / "venv")
    assert run(python, "-m", "pip", "install", "-q", "pre-commit", at=tmp_path).returncode == 0
    words = (python.with_name("pre-commit"), "run", "onboard-gate")
    write(config, {REQUEST_PATH: REQUEST})
    git(config, "add", REQUEST_PATH)
    passed = run(*words, at=config, PRE_COMMIT_HOME=str(tmp_path / "cache"))
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout
    write(config, {REQUEST_PATH: REQUEST.replace("app:v2.0.0", "app:latest")})
    git(config, "add", REQUEST_PATH)
    failed = run(*words, at=config, PRE_COMMIT_HOME=str(tmp_path / "cache"))
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "request-image-forbidden" in failed.stdout

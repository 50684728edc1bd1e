"""What the workflows install: what the lock names, by its hashes, and nothing else."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import onboard
from tests.support.git import repository
from tests.support.installing import ROOT, make_wheel, run
from tests.support.workflows import Runner, read, wheel

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
WORKFLOWS = ROOT / "repo-template/.github/workflows"
SCRIPT = ".github/onboard/install.sh"
LOCK = ".github/onboard-requirements.txt"
NAME = "Install the tool"


def install_steps(workflow: str, job: str) -> list[dict[str, Any]]:
    return [step for step in read(WORKFLOWS / workflow)["jobs"][job]["steps"] if step["name"] == NAME]


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two wheels, and pip knows no others."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel(folder, "needed")
    wheel(folder, "onboarding-tool", "needed>=0.1", "def main(): print('it runs')")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def locked(place: Path, source: str) -> str:
    at = repository(place / "config")
    done = onboard("github", "lock", source, "--python", PYTHON, at=at)
    assert done.code == 0, done.err
    return (at / LOCK).read_text()


def on_the_gate(place: Path, lock: str) -> Runner:
    runner = Runner(place / "gate", {"github": {"event": {}}})
    repository(runner.workspace, {SCRIPT: (ROOT / "repo-template" / SCRIPT).read_bytes(), LOCK: lock})
    return runner.job(install_steps("validate.yml", "onboarding-gate"), "bash")


def on_the_comment(place: Path, lock: str) -> Runner:
    needs = {"find": {"outputs": {"lock": lock}}}
    runner = Runner(place / "comment", {"github": {"event": {}}, "needs": needs})
    runner.outputs["verdict"] = {"found": "true"}
    return runner.job(install_steps("comment.yml", "comment"), "bash")


def another_hash(lock: str) -> str:
    kept, _, digest = lock.rpartition("sha256:")
    return f"{kept}sha256:{'0' if digest[0] != '0' else '1'}{digest[1:]}"


def no_hash(lock: str) -> str:
    return "".join(f"{line.partition(' --hash')[0]}\n" for line in lock.splitlines())


def incomplete(lock: str) -> str:
    return "".join(line for line in lock.splitlines(keepends=True) if not line.startswith("needed"))


@pytest.mark.parametrize("runs", [on_the_gate, on_the_comment])
@pytest.mark.parametrize(
    ("spoilt", "said"),
    [(another_hash, "DO NOT MATCH THE HASHES"), (no_hash, "--require-hashes mode"), (incomplete, "requires needed")],
)
def test_what_the_lock_does_not_name_is_not_installed(
    runs: Callable[[Path, str], Runner], spoilt: Callable[[str], str], said: str, wheels: Path, tmp_path: Path
) -> None:
    lock = locked(tmp_path, (wheels / "onboarding_tool-0.1.0-py3-none-any.whl").as_uri())
    runner = runs(tmp_path, spoilt(lock))
    assert runner.failed
    assert said in runner.steps[0].text


def test_a_wheel_that_was_changed_is_not_installed(wheels: Path, tmp_path: Path) -> None:
    lock = locked(tmp_path, (wheels / "onboarding_tool-0.1.0-py3-none-any.whl").as_uri())
    wheel(wheels, "onboarding-tool", "needed>=0.1", "def main(): print('something else')")
    runner = on_the_gate(tmp_path, lock)
    assert runner.failed
    assert "DO NOT MATCH THE HASHES" in runner.steps[0].text


def test_the_tool_itself(tmp_path: Path) -> None:
    """Its wheel, with all that it needs: locked, installed in both places, and it knows its renderer."""
    asked = ["-c", "import hatch_build; print(hatch_build.target())"]
    target = run(sys.executable, *asked, at=ROOT / "renderer").stdout.strip()
    lock = locked(tmp_path, make_wheel(ROOT, target, tmp_path / "built").as_uri())
    assert "\nPyYAML==" in lock
    for runs in (on_the_gate, on_the_comment):
        runner = runs(tmp_path, lock)
        assert not runner.failed, runner.steps
        told = run(runner.temp / "onboard/bin/onboard", "--version", "--verbose", at=tmp_path, PYTHONPATH="")
        assert "renders with kustomize" in told.stdout, told.stderr

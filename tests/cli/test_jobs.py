"""However many processes there are, a command says the same."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from onboarding_tool.adapters import declarations, fleet, processes
from tests.support.broken import everything
from tests.support.cli import Done, onboard
from tests.support.git import contents, repository, write
from tests.support.repos import edited, second_api

pytestmark = pytest.mark.usefixtures("few_are_many")

COMMANDS = ("check", "check --format json", "generate --check", "generate", "api list", "api list --format json")
METADATA = "apps/payments/metadata.yaml"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many processes were asked for, each time that one is not enough; every API is a part."""
    asked: list[int] = []

    class Pool(processes.ProcessPoolExecutor):
        def __init__(self, jobs: int, *rest: object) -> None:
            asked.append(jobs)
            super().__init__(jobs, *rest)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    for module, name in ((declarations, "AT_ONCE"), (fleet, "AT_ONCE"), (fleet, "WORTH_IT")):
        monkeypatch.setattr(module, name, 1)
    return asked


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A config repo of four APIs in which every kind of file is."""
    return repository(tmp_path / "config", everything() | second_api("carts") | second_api("search"))


def told(command: str, config: Path, *jobs: str) -> tuple[Done, dict[str, bytes]]:
    """By one that knows nothing of earlier runs; with what is generated then."""
    with TemporaryDirectory() as folder:
        copy = shutil.copytree(config, Path(folder) / "config")
        return onboard(*command.split(), *jobs, at=copy), contents(copy / "generated")


@pytest.mark.parametrize("command", COMMANDS)
def test_three_processes_say_what_one_says(config, started, command):
    alone = told(command, config, "--jobs", "1")
    assert (alone[0].text != "", started) == (True, [])
    assert told(command, config, "--jobs", "3") == alone
    assert started == [3]


@pytest.mark.parametrize("command", COMMANDS)
def test_also_of_what_is_broken(config, started, command):
    write(config, edited(METADATA, "kind: Api", "kind: Apis"))
    write(config, {"apps/carts/metadata.yaml": "kind: [\n"})
    alone = told(command, config, "--jobs", "1")
    assert (any(said in alone[0].text for said in (METADATA, "may be incomplete")), started) == (True, [])
    assert told(command, config, "--jobs", "3") == alone
    assert started == [3]


@pytest.mark.parametrize("command", ["check", "generate", "api list"])
def test_without_a_number_there_is_one_for_each_core(config, started, monkeypatch, command):
    monkeypatch.setattr("onboarding_tool.adapters.renderer.cores", lambda: 2)
    assert told(command, config, "--jobs", "0") == told(command, config)
    assert started == [2, 2]

import os
import signal

import pytest

from onboarding_tool.adapters.asking import Asker
from onboarding_tool.errors import WorldError


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """A folder without a kubeconfig."""
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)


def test_what_keeps_it_from_asking_is_raised_here():
    with Asker() as asker, pytest.raises(WorldError) as raised:
        asker.ask(None, "argocd", ["payments-prod"])
    assert "kubeconfig" in raised.value.message


def test_a_process_that_was_killed_is_said():
    with Asker() as asker:
        os.kill(asker.pid, signal.SIGKILL)
        with pytest.raises(WorldError) as raised:
            asker.ask(None, "argocd", ["payments-prod"])
    assert raised.value.message == "the process that asks ended with -9"


def test_it_ends_with_the_block_though_nobody_asked():
    with Asker() as asker:
        os.kill(asker.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(asker.pid, 0)


def test_nothing_is_imported_from_the_folder_that_we_are_in(tmp_path):
    (tmp_path / "kubernetes.py").write_text("open('imported', 'w')\n")
    with Asker() as asker, pytest.raises(WorldError):
        asker.ask(None, "argocd", ["payments-prod"])
    assert [path.name for path in tmp_path.iterdir()] == ["kubernetes.py"]

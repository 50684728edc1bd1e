"""What several of the slow tests need."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, give_up


@pytest.fixture(scope="session")
def forge_folder() -> Path:
    """Where Node, emulate and what GitHub has sent to others lie."""
    script = ROOT / "tests/tools/install_forge.sh"
    done = subprocess.run(["sh", str(script), sys.executable], capture_output=True, text=True, check=False)
    if done.returncode:
        give_up(f"no emulate: {done.stderr.strip()[-300:]}")
    return Path(done.stdout.strip().splitlines()[-1])

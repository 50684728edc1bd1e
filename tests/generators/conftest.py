"""The CustomResourceDefinitions that generated objects are judged by; they lie beside the repo, not in it."""

from pathlib import Path

import pytest

from tests.conftest import IN_CI, ROOT


@pytest.fixture(scope="session")
def shared_crds() -> Path:
    folder = ROOT.parent / "shared" / "crds"
    if not folder.is_dir():
        (pytest.fail if IN_CI else pytest.skip)(f"{folder} is not here")
    return folder

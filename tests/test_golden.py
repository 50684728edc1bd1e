"""What generating from each example gives, as files that a reviewer can read. `pytest --bless` rewrites them."""

import shutil
from pathlib import Path

import pytest

from onboarding_tool import generators, load
from onboarding_tool.checks import judging
from onboarding_tool.tree import tree_of
from tests.support.examples import NAMES, example, example_repo, files_below

GOLDEN = Path(__file__).resolve().parent / "golden"


@pytest.mark.parametrize("name", NAMES)
def test_generating_gives_exactly_the_golden_files(name, pytestconfig):
    wanted = generators.generate(example_repo(name))
    if pytestconfig.getoption("bless"):
        bless(GOLDEN / name, wanted)
    held = files_below(GOLDEN / name)
    assert sorted(held) == sorted(wanted), "`pytest --bless` rewrites tests/golden"
    differing = [path for path in wanted if held[path] != wanted[path]]
    assert differing == [], "`pytest --bless` rewrites tests/golden"


def test_every_golden_folder_is_of_an_example():
    assert sorted(path.name for path in GOLDEN.iterdir()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_example_with_its_golden_files_passes_every_rule(name):
    repo, found = load.load(tree_of(example(name) | files_below(GOLDEN / name)))
    assert judging.run(repo, found).findings == ()


def bless(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)

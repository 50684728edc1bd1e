"""The miniature config repos below tests/examples, as files and as repos."""

from pathlib import Path

from onboarding_tool import load
from onboarding_tool.model import Repo
from onboarding_tool.tree import tree_of

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir())


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file by its path from the folder; none if there is no such folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def example(name: str) -> dict[str, bytes]:
    return files_below(EXAMPLES / name)


def example_repo(name: str) -> Repo:
    """The example as loaded; whatever load finds in it is a mistake of the example."""
    repo, findings = load.load(tree_of(example(name)))
    assert findings == []
    return repo

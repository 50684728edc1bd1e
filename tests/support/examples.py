"""The miniature config repos below tests/examples, as files and as repos; and the corpus of kustomizations."""

from pathlib import Path

import yaml

from onboarding_tool import load
from onboarding_tool.model import Repo
from onboarding_tool.tree import tree_of

TESTS = Path(__file__).resolve().parent.parent
EXAMPLES = TESTS / "examples"
CORPUS = TESTS / "corpus/kustomizations"
BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app}}
spec: {{template: {{spec: {{containers: [{{name: app, image: "{image}:base"}}]}}}}}}
"""
NAMES = sorted(path.name for path in EXAMPLES.iterdir())


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file by its path from the folder; none if there is no such folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def example(name: str) -> dict[str, bytes]:
    return files_below(EXAMPLES / name)


def example_with_generated(name: str) -> dict[str, bytes]:
    return example(name) | files_below(TESTS / "golden" / name)


def corpus() -> dict[str, str | bytes]:
    """Every kustomization of the corpus as the overlay <number>/overlays/prod over a base of its own."""
    files: dict[str, str | bytes] = {}
    for number, case in enumerate(yaml.safe_load((CORPUS / "INDEX.yaml").read_text(encoding="utf-8"))):
        files[f"{number}/overlays/prod/kustomization.yaml"] = (CORPUS / case["file"]).read_bytes()
        files[f"{number}/base/kustomization.yaml"] = "resources: [deployment.yaml]\n"
        files[f"{number}/base/deployment.yaml"] = BASE.format(image=case["image"])
    return files


def example_repo(name: str) -> Repo:
    """The example as loaded; whatever load finds in it is a mistake of the example."""
    repo, findings = load.load(tree_of(example(name)))
    assert findings == []
    return repo

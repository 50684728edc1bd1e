"""Run after run over a config repo that changes: what is remembered against what is judged each time."""

from pathlib import Path

from onboarding_tool.adapters import fleet
from onboarding_tool.adapters.fleet import Source, Wish
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.adapters.indexed_tree import tree_of
from onboarding_tool.checks.judging import Verdict
from onboarding_tool.tree import Tree
from tests.support.broken import everything
from tests.support.disorder import add
from tests.support.git import repository
from tests.support.repos import edited, with_component
from tests.support.trees import lay

OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
PATCH = '[{"op": "add", "path": "/spec/replicas", "value": 1}]'
TODAY = "2026-11-20"


def without_requests() -> dict[str, str]:
    """A file of every kind but what waits for a decision: such an API is judged each time anyway. All can be built, and
    is generated.
    """
    files = {path: text for path, text in everything().items() if "/requests/" not in path}
    files = edited(OVERLAY, '"[{op: replace, path: /spec/replicas, value: 1}]"', f"'{PATCH}'", files)
    return with_component("labels: [{pairs: {tier: api}}]\n", files)


def verdict(root: Path, not_rendered: str, *, cached: bool) -> Verdict:
    wish = Wish(Source(root), TODAY, not_rendered, cached)
    return fleet.check(tree_of(GitRepo.open(root)), wish, None, "none", 1)


def hold_against_each_other(folder: Path, history: list[Tree], not_rendered: str = "") -> None:
    """With one cache for all of it. Every other state is known to git's index."""
    root = repository(folder, without_requests())
    for number, tree in enumerate(history):
        lay(root, tree)
        if number % 2:
            add(root, "apps")
        whole = verdict(root, not_rendered, cached=False)
        assert verdict(root, not_rendered, cached=True) == whole
        assert verdict(root, not_rendered, cached=True) == whole

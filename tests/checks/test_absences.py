"""Where a file cannot be read, what it may hold is not called missing: one mistake is one finding."""

from onboarding_tool import load
from onboarding_tool.checks import judging
from onboarding_tool.checks.rule import Scope
from onboarding_tool.tree import tree_of
from tests.support.repos import edited


def test_a_file_that_cannot_be_read_hides_nothing_and_adds_nothing():
    for name in ("service", "deployment", "hpa"):
        files = edited(f"apps/payments/base/{name}.yaml", "apiVersion:", "apiVersion: !!str")
        repo, found = load.load(tree_of(files))
        verdict = judging.run(repo, found, frozenset({Scope.API, Scope.DECLARATION}))
        assert {(f.rule, f.path) for f in verdict.findings} == {("yaml-tag", f"apps/payments/base/{name}.yaml")}

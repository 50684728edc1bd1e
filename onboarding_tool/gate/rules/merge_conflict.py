"""A pull request merges into its base without a conflict.

What is judged is the merged result, and with a conflict there is none.

Bad:

    both sides changed the same line of apps/payments/overlays/prod/kustomization.yaml

Good:

    the branch has been brought up to date, and the conflict solved in it

Fix: `git fetch && git rebase origin/main`, solve what it stops at, push again.
"""

from collections.abc import Iterable, Iterator

from onboarding_tool.findings import Finding, Who

RULE = "merge-conflict"


def findings(paths: Iterable[str]) -> Iterator[Finding]:
    for path in paths:
        message = "the base and this pull request both changed it, and git cannot merge that"
        hint = "`git fetch && git rebase origin/main`, solve the conflict, and push again."
        yield Finding(path, 1, 1, RULE, message, hint, who=Who.APP_TEAM)

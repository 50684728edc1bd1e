"""What landed on the branch is what was judged: the merge of the pull request into its base, and nothing else.

A merge button, a merge queue and a force push are outside of this tool. Each of them can land another tree than the one
that was judged: made on another base, with a conflict solved by hand, or with a commit that was pushed in between.
`onboard gate --landed COMMIT` merges once more and compares.

Bad:

    the merge commit also changes apps/payments/overlays/prod/kustomization.yaml, which the pull request does not touch

Good:

    the tree of the merge commit is the tree that git makes of its two parents

Fix: find out who merged, and how: `git show COMMIT`. Take back what nobody judged, in a pull request of its own.
"""

from collections.abc import Iterable, Iterator

from onboarding_tool.findings import Finding, Who

RULE = "landed-otherwise"
SHOWN = 20  # paths; the others are counted


def findings(commit: str, paths: Iterable[str]) -> Iterator[Finding]:
    """`paths`: those at which the commit is not what was judged, sorted."""
    known, short = list(paths), commit[:12]
    for path in known[:SHOWN]:
        problem = f"{short} holds something else here than was judged"
        hint = f"`git show {short}` tells what landed. Take it back in a pull request of its own."
        yield Finding(path, 1, 1, RULE, problem, hint, who=Who.PLATFORM)
    if len(known) > SHOWN:
        problem = f"{short} differs from what was judged in {len(known) - SHOWN:,} more files"
        yield Finding(known[SHOWN], 1, 1, RULE, problem, f"`git show {short}` tells which.", who=Who.PLATFORM)

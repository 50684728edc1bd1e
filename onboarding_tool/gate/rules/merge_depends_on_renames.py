"""A merge takes each path as one of both sides has it, or merges what both made of that very path.

git guesses renames by likeness and then carries changes from one path to another. That is a guess about content that
whoever wrote the pull request chose, and another git may guess otherwise: what was judged and what lands could differ.
So the merged result is compared, path by path, with one that knows nothing of renames.

Bad:

    main renamed apps/payments/base/hpa.yaml; the pull request changes the file at its old place

Good:

    the branch has been brought up to date, and changes the file at its new place

Fix: `git fetch && git rebase origin/main`, and push again.
"""

from collections.abc import Iterable, Iterator

from onboarding_tool.findings import Finding, Who

RULE = "merge-depends-on-renames"


def findings(paths: Iterable[str]) -> Iterator[Finding]:
    for path in paths:
        message = "what git would merge here follows a rename that it guesses"
        hint = "`git fetch && git rebase origin/main`, look at the result, and push again."
        yield Finding(path, 1, 1, RULE, message, hint, who=Who.APP_TEAM)

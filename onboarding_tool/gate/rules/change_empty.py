"""A pull request changes something.

What is on the base already, or undone by a later commit of the same pull request, is no change: there is nothing to
judge, and nothing to merge.

Bad:

    main has the request already; the pull request adds the same file once more

Good:

    the pull request adds one request file that main does not have

Fix: close the pull request, or push the commit that is missing.
"""

from collections.abc import Iterator

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.case import Case
from onboarding_tool.model import PLATFORM_FILE

RULE = "change-empty"


def check(case: Case) -> Iterator[Finding]:
    if not case.changes:
        if case.author:
            message = "merged into its base, this pull request changes nothing"
            hint = (
                "Close it, or push what is missing: `git log BASE..HEAD` lists its commits. None? Swap BASE and HEAD."
            )
        else:
            message = "what lies here differs in nothing from the base"
            hint = (
                "`git status` tells what is changed, and what is staged; `onboard gate BASE` looks from another commit."
            )
        yield Finding(PLATFORM_FILE, 1, 1, RULE, message, hint, who=Who.APP_TEAM)

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
        message = "merged into its base, this pull request changes nothing"
        hint = "Close it, or push what is missing: `git log BASE..HEAD` lists its commits."
        yield Finding(PLATFORM_FILE, 1, 1, RULE, message, hint, who=Who.APP_TEAM)

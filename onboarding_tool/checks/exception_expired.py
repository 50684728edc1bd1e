"""No exception in exceptions.yaml is older than its expiry.

An exception accepts a finding for a while, until somebody has mended its cause. After its last day the finding counts
again, and the entry is only in the way.

Bad:

    # exceptions.yaml, read in November 2026
    exceptions:
      - rule: image-tag-missing
        path: apps/payments/overlays/prod/kustomization.yaml
        reason: The vendor ships no tags before October.
        owner: platform-team
        expiry: "2026-10-31"

Good:

    exceptions: []

Fix: delete the entry and mend what it excused. If that takes longer than planned, the owner writes a later `expiry`
and says in `reason` why.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import EXCEPTIONS_FILE, Repo

RULE = "exception-expired"
SCOPE = Scope.DECLARATION
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for index, item in enumerate(repo.exceptions):
        # The last day itself still counts. Without a day given nothing can have expired.
        if item.expiry and item.expiry < repo.today:
            message = f"the exception from {item.rule} for {item.path} ended on {item.expiry!r}"
            hint = f"Delete it and mend what it excused, or {item.owner} gives it a later `expiry` and the reason."
            yield repo.finding(RULE, EXCEPTIONS_FILE, message, hint, at=("exceptions", index, "expiry"))

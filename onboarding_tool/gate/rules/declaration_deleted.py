"""An API's metadata.yaml stays for good: an API is retired, not deleted.

The file says whose the records in releases/ are, and that the name is taken. To delete what runs takes two steps, so
that neither a slip nor a bad merge ends an API: `retiring` lets Argo CD delete it, `removed` takes its files away.

Bad:

    D apps/payments/metadata.yaml

Good:

    -lifecycle: active
    +lifecycle: retiring

Fix: `onboard api retire API`, and when that is merged and what ran is gone, `onboard api remove API`.
"""

from collections.abc import Iterator

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.case import Case
from onboarding_tool.gate.change import Area

RULE = "declaration-deleted"


def check(case: Case) -> Iterator[Finding]:
    for change in case.changes:
        if change.area is Area.METADATA and change.is_deleted:
            name = change.path.split("/")[1]
            hint = f"Bring it back, and use `onboard api retire {name}`, then `onboard api remove {name}`."
            yield Finding(
                change.path, 1, 1, RULE, f"this would delete the declaration of {name}", hint, who=Who.PLATFORM
            )

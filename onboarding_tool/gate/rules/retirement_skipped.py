"""An API is retiring, and that is merged and done, before it is removed.

While it is `retiring` Argo CD deletes what runs. Removed at once, its Applications go before they have deleted
anything: what ran is left in the cluster, with nobody to look after it.

Bad:

    # apps/payments/metadata.yaml
    -lifecycle: active
    +lifecycle: removed

Good:

    # apps/payments/metadata.yaml
    -lifecycle: retiring
    +lifecycle: removed

Fix: `onboard api retire API`, merge that, wait until what ran is gone, then `onboard api remove API`.
"""

from collections.abc import Iterator

from onboarding_tool.findings import Finding
from onboarding_tool.gate.case import Case
from onboarding_tool.model import Lifecycle

RULE = "retirement-skipped"


def check(case: Case) -> Iterator[Finding]:
    for name, api in case.base.apis.items():
        after = case.merged.apis.get(name)
        if api.lifecycle is Lifecycle.ACTIVE and after is not None and after.lifecycle is Lifecycle.REMOVED:
            problem = f"{name} would be removed, and was never retiring: what runs of it would stay in the cluster"
            then = f"`onboard api remove {name}` when that is merged and what ran is gone"
            hint = f"`onboard api retire {name}` first, {then}."
            yield case.merged.finding(RULE, api.path, problem, hint, at=("lifecycle",))

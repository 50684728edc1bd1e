"""An API is removed after it was retired, by a change of its own.

`retiring` lets Argo CD delete what runs, and holds until that is gone; `removed` takes the declaration away. A change
that goes to `removed` at once deletes no pod: they run on, and nothing in the repo says any more that they do.

Bad:

    -lifecycle: active
    +lifecycle: removed

Good:

    -lifecycle: active
    +lifecycle: retiring       # merged, and what ran is gone; then
    -lifecycle: retiring
    +lifecycle: removed

Fix: `onboard api retire API`, and when that is merged and what ran is gone, `onboard api remove API`.
"""

from collections.abc import Iterator

from onboarding_tool.findings import Finding
from onboarding_tool.gate.case import Case
from onboarding_tool.model import Lifecycle

RULE = "retirement-skipped"


def check(case: Case) -> Iterator[Finding]:
    for name, api in case.merged.apis.items():
        before = case.base.apis.get(name)
        if before and (before.lifecycle, api.lifecycle) == (Lifecycle.ACTIVE, Lifecycle.REMOVED):
            problem = f"{name} would go from active to removed, and what runs of it would stay behind"
            hint = f"First `onboard api retire {name}`; when that is merged and its pods are gone, remove it."
            yield case.merged.finding(RULE, api.path, problem, hint, at=("lifecycle",))

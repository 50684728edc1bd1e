"""The capability level of an API is one that platform.yaml lists under `capabilities`.

The level says what the app team's own pull requests may change besides asking for releases. What an unlisted level
allows nobody can say.

Bad:

    # platform.yaml
    capabilities: {L0: [], L1: [config]}
    # apps/payments/metadata.yaml
    capability: L3

Good:

    capability: L1

Fix: write a level that is listed; `L0` allows nothing but release requests. The platform team may add a level to
platform.yaml.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.wording import listed

RULE = "capability-unknown"
SCOPE = Scope.DECLARATION
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    levels = repo.platform.capabilities
    for api in living(repo):
        if api.capability not in levels:
            message = f"{api.name}: there is no capability level {api.capability!r} in platform.yaml"
            hint = f"The levels are {listed(levels)}."
            yield repo.finding(RULE, api.path, message, hint, at=("capability",))

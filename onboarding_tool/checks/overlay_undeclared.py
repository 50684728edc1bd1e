"""Each overlay is for an environment that metadata.yaml lists.

For an environment that is not listed nothing is generated, so what the overlay says never reaches a cluster, and
nobody notices.

Bad:

    # apps/payments/overlays/prod-eu/ exists, but apps/payments/metadata.yaml says
    environments:
      prod: {namespace: payments}

Good:

    environments:
      prod: {namespace: payments}
      prod-eu: {namespace: payments}

Fix: list the environment in metadata.yaml, rename the folder, or delete it.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.wording import did_you_mean

RULE = "overlay-undeclared"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for name in repo.tree.folders(f"{api.folder}/overlays"):
            if api.environments and name not in api.environments:
                path = next(repo.tree.paths(api.overlay_folder(name)))
                path = api.overlays[name].path if name in api.overlays else path
                message = f"{api.name}: {api.path} lists no environment {name!r}, so this overlay is never used"
                way_out = f"List {name!r} in metadata.yaml, rename the folder, or delete it."
                yield repo.finding(RULE, path, message, did_you_mean(name, api.environments, way_out))

"""No API has a name that begins with `tenant-`, `namespaces-` or `onboarding`.

So begin the names of the Applications with which Argo CD manages all others. An API of such a name could take the
place of one of them.

Bad:

    # apps/tenant-portal/metadata.yaml
    api_name: tenant-portal

Good:

    # apps/portal/metadata.yaml
    api_name: portal

Fix: choose another name and rename the directory with it: `git mv apps/OLD apps/NEW`, then `api_name` in its
metadata.yaml.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "api-name-reserved"
SCOPE = Scope.DECLARATION
NEEDS = NOTHING

RESERVED = ("tenant-", "namespaces-", "onboarding")


def check(repo: Repo) -> Iterator[Finding]:
    for api in repo.apis.values():
        for beginning in RESERVED:
            if api.name.startswith(beginning):
                message = (
                    f"{api.name}: names that begin with {beginning!r} are kept for the platform's own Applications"
                )
                hint = f"Choose another name: `git mv apps/{api.name} apps/NAME`, and write it as `api_name`."
                yield repo.finding(RULE, api.path, message, hint, at=("api_name",))

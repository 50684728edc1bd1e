"""An API has one name: its directory below apps/ and `api_name` in its metadata.yaml are the same.

Argo CD's Application, the generated folders and the ownership label are all made from it. With two names a pull
request could speak of one API and change another.

A name is lower-case letters, digits and hyphens; it begins with a letter, does not end with a hyphen, and has at most
40 characters.

Bad:

    # apps/payments/metadata.yaml
    api_name: payment

Good:

    # apps/payments/metadata.yaml
    api_name: payments

Fix: write the name of the directory as `api_name`. If the directory is what is wrong and the API does not run yet,
rename the directory: `git mv apps/OLD apps/NEW`. An API that runs is not renamed: Argo CD would see a new one beside
the old.
"""

import re
from collections.abc import Iterator

from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "api-name-mismatch"
SCOPE = Scope.DECLARATION
NEEDS = NOTHING

NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
GRAMMAR = "lower-case letters, digits and hyphens, from a letter to a letter or digit, at most 40 characters"


def check(repo: Repo) -> Iterator[Finding]:
    for api in repo.apis.values():
        if not NAME.fullmatch(api.name):
            message = f"the directory apps/{api.name} is not named like an API: {GRAMMAR}"
            yield repo.finding(RULE, api.path, message, f"Rename the directory: `git mv 'apps/{api.name}' apps/NAME`.")
        elif api.api_name and api.api_name != api.name:
            message = f"api_name is {api.api_name!r}, but the directory is apps/{api.name}"
            hint = f"Write `api_name: {api.name}`, or rename the directory if that is what is wrong."
            yield repo.finding(RULE, api.path, message, hint, at=("api_name",))

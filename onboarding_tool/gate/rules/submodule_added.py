"""No pull request brings a submodule, wherever in the repository.

A submodule is the content of another repository, which nobody here reviews; who clones with it also follows the paths
and addresses in .gitmodules, which have run the attacker's code more than once.

Bad:

    A .gitmodules
    A vendor/charts        # the mode 160000

Good:

    files of this repository

Fix: take it out: `git rm --cached PATH`, and delete .gitmodules.
"""

from collections.abc import Iterator

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.case import Case
from onboarding_tool.tree import SUBMODULE

RULE = "submodule-added"
SHOWN = 10
FILE = ".gitmodules"


def check(case: Case) -> Iterator[Finding]:
    found = [change for change in case.changes if change.new == SUBMODULE or (_is_list(change.path) and change.new)]
    for change in found[:SHOWN]:
        what = "names submodules" if _is_list(change.path) else "is a submodule"
        hint = f"Take it out: `git rm --cached {change.path}`."
        yield Finding(change.path, 1, 1, RULE, f"{change.path} {what}", hint, who=Who.APP_TEAM)


def _is_list(path: str) -> bool:
    """Where a disk takes upper and lower case for one, so does git."""
    return path.rpartition("/")[2].lower() == FILE

"""The config repo is a git repository of its own, not a folder of another one.

Every Application names the folder that it reads from the top of the git repository, such as
`generated/prod/apps/payments`, and `.github/` works at the top only. In a config repo that lies in a folder, no such
path leads anywhere: Argo CD would find nothing to deliver, and no CODEOWNERS would ask anybody for an approval.

Bad:

    platform.git/
      services/
      config/platform.yaml

Good:

    onboarding-config.git/
      platform.yaml

Fix: move it into a git repository of its own; `repository` in platform.yaml names that one. With its history:
`git subtree split --prefix=FOLDER -b config`, then push that branch as `main` of the new repository.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import Need, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import PLATFORM_FILE, Repo

RULE = "config-repo-not-at-root"
SCOPE = Scope.EVERYTHING
NEEDS = frozenset({Need.HISTORY})


def check(repo: Repo) -> Iterator[Finding]:
    prefix = repo.history.prefix.rstrip("/") if repo.history else ""
    if prefix:
        message = f"the config repo lies in {prefix}/ of a git repository, and Argo CD reads its paths from the top"
        hint = f"Give it a repository of its own: `git subtree split --prefix={prefix} -b config` keeps its history."
        yield repo.finding(RULE, PLATFORM_FILE, message, hint)

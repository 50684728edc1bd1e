"""Every entry of the repo is an ordinary file: no symlink, no submodule, no executable.

A symlink shows a reviewer one file and gives the tools another, even one outside the repo. A submodule brings in
content that nobody reviews here. Nothing in a config repo is run, so nothing needs to be executable.

Bad:

    apps/payments/base/deployment.yaml -> ../../orders/base/deployment.yaml

Good:

    apps/payments/base/deployment.yaml      # a file of its own

Fix: replace a symlink by a copy of the file, and take a submodule out with `git rm`. For an executable:
`git update-index --chmod=-x FILE`, and `chmod -x FILE`.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.subjects import who_mends
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, File

RULE = "path-mode-forbidden"
SCOPE = Scope.EVERYTHING
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for path in repo.tree.paths():
        if repo.tree.mode(path) != REGULAR:
            message, hint = _defect(path, repo.tree[path])
            yield Finding(path, 1, 1, RULE, message, hint, who=who_mends(path))


def _defect(path: str, file: File) -> tuple[str, str]:
    """What is wrong, and what mends it."""
    if file.mode == SYMLINK:
        target = file.data.decode("utf-8", "replace")
        return f"{path} is a symlink to {target!r}", "Put a copy of the file in its place."
    if file.mode == SUBMODULE:
        return f"{path} is a submodule", f"Take it out: `git rm --cached {path}`, and delete .gitmodules."
    if file.mode == EXECUTABLE:
        return f"{path} is executable", f"`git update-index --chmod=-x {path}` and `chmod -x {path}`."
    return f"{path} has the mode {file.mode:o}", f"Only ordinary files are allowed, of the mode {REGULAR:o}."

"""The tool that checks the repo is of the version that platform.yaml pins.

What is generated depends on the tool's version. Two people with two versions would undo each other's files for ever,
and a check by another version says nothing about what the pipeline will say.

Bad:

    $ onboard --version
    onboard 0.2.0
    # platform.yaml
    tool: {version: "0.1.0"}

Good:

    $ onboard --version
    onboard 0.1.0
    # platform.yaml
    tool: {version: "0.1.0"}

Fix: install the pinned version, the way this one was installed. To move the repo to a newer one, the platform team
runs `onboard upgrade` with the newer tool: one commit.
"""

from collections.abc import Iterator

from onboarding_tool import __version__
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import PLATFORM_FILE, Repo
from onboarding_tool.versions import is_newer

RULE = "tool-version-mismatch"
SCOPE = Scope.DECLARATION
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    pinned = repo.platform.tool_version
    if pinned and pinned != __version__:
        message = f"the repo is made with version {pinned!r} of the tool, and this is {__version__}"
        yield repo.finding(RULE, PLATFORM_FILE, message, _hint(pinned), at=("tool", "version"))


def _hint(pinned: str) -> str:
    install = f"Install version {pinned} of onboarding-tool"
    if is_newer(pinned, __version__):
        return f"{install}; a repo is never moved back to an older one."
    return f"{install}; or, to move the repo to {__version__} in one commit, the platform team runs `onboard upgrade`."

"""What is wrong with the world around a config repo, and how to mend it. Pure: the world comes in as values.

Every check ends with one result for each subject, also where nothing is wrong, and also where nobody could look.
"""

from collections.abc import Sequence

from onboarding_tool.doctor import of_argocd, of_clusters, of_git, of_tool
from onboarding_tool.doctor.results import Result, Status
from onboarding_tool.doctor.seen import World
from onboarding_tool.findings import Finding
from onboarding_tool.model import Environment, Repo

__all__ = ["Result", "Status", "examine"]


def examine(repo: Repo, findings: Sequence[Finding], wanted: Sequence[Environment], world: World) -> list[Result]:
    """The results of all checks. `findings`: what loading the repo found; `wanted`: the environments to judge."""
    found = [*of_tool.results(repo, findings, world), *of_git.results(repo.platform, wanted, world)]
    if not repo.platform.read:  # then nobody knows which clusters are meant
        return found
    found += of_argocd.results(repo.platform, wanted, world)
    found += of_clusters.results(repo.platform, wanted, world)
    return found

"""Every file that a kustomization names is there.

kustomize stops at the first file that it cannot find, and Argo CD then delivers nothing of the API.

Bad:

    # apps/payments/base/kustomization.yaml, and there is no apps/payments/base/servce.yaml
    resources:
      - deployment.yaml
      - servce.yaml

Good:

    resources:
      - deployment.yaml
      - service.yaml

Fix: correct the name, add the file, or delete the line. Folders cannot be listed: list their files one by one.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.paths import escape, file_of, is_base, is_remote
from onboarding_tool.checks.facts.written import Reference, Source, references, sources
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.wording import did_you_mean

RULE = "kustomization-path-missing"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for source in sources(repo):
        for reference in references(source.kustomization):
            path = file_of(source, reference)
            if path not in repo.tree and not _is_said_elsewhere(repo, source, reference):
                message = f"{source.owner}: there is no file {reference.path!r} in {source.kustomization.folder}/"
                hint = "Correct the name, add the file, or delete the line."
                if repo.tree.has_folder(path.rstrip("/")):
                    message = f"{source.owner}: {reference.path!r} is a folder"
                    hint = "List its files one by one."
                yield repo.finding(RULE, source.kustomization.path, message, _near(repo, path, hint), at=reference.at)


def _is_said_elsewhere(repo: Repo, source: Source, reference: Reference) -> bool:
    """Other rules speak of paths that lead out of the folder; `base-missing` of the base."""
    leaves = is_remote(source, reference, repo.tree) or escape(source, reference) is not None
    return leaves or is_base(source, reference)


def _near(repo: Repo, path: str, hint: str) -> str:
    folder, _, name = path.rpartition("/")
    beside = [other.rpartition("/")[2] for other in repo.tree.paths(folder) if other.rpartition("/")[0] == folder]
    return did_you_mean(name, beside, hint)

"""Every manifest beside a kustomization is listed in it.

A file that no line of kustomization.yaml names is not delivered. It looks as if it were in force, and it is not.

Bad:

    # apps/payments/base/ also holds pdb.yaml
    resources:
      - deployment.yaml

Good:

    resources:
      - deployment.yaml
      - pdb.yaml

Fix: list the file under `resources:` (settings under `configMapGenerator:`), or delete it.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.paths import file_of
from onboarding_tool.checks.facts.written import Source, references, sources
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding, Severity
from onboarding_tool.model import Repo

RULE = "manifest-unlisted"
SCOPE = Scope.API
NEEDS = NOTHING

MANIFESTS = (".yaml", ".yml", ".json")
KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml")  # the rule file-unexpected speaks of the second


def check(repo: Repo) -> Iterator[Finding]:
    for source in sources(repo):
        if source.kustomization.value:
            yield from _unlisted(repo, source)


def _unlisted(repo: Repo, source: Source) -> Iterator[Finding]:
    folder = source.kustomization.folder
    listed = {file_of(source, reference) for reference in references(source.kustomization)}
    for path in repo.tree.paths(folder):
        name = path.removeprefix(f"{folder}/")
        if path.endswith(MANIFESTS) and path not in listed and name not in KUSTOMIZATIONS:
            message = f"{source.owner}: {source.kustomization.path} does not list {name!r}, so it is not delivered"
            hint = f"Add `- {name}` to its `resources:` (settings: to `configMapGenerator:`), or delete the file."
            yield repo.finding(RULE, path, message, hint, severity=Severity.WARNING)

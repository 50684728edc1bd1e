"""A kustomization names only files of its own folder; an overlay also `../../base`.

Nothing of one API lives in another's directory: whoever may change a file must not thereby change another API, and
a change must show all it does in one place.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml
    resources:
      - ../../base
      - ../../../orders/base
      - ../../base/service.yaml
    configMapGenerator:
      - name: payments
        files: [/etc/passwd, config/*]

Good:

    resources:
      - ../../base
      - ingress.yaml
    configMapGenerator:
      - name: payments
        files: [config/payments/application.yaml]

Fix: copy the file into the folder of the kustomization and list it by its path from there, each file by itself,
with `/` between folders.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.paths import BASE, escape, is_remote
from onboarding_tool.checks.facts.written import Place, references, sources
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "kustomization-path-escapes"
SCOPE = Scope.API
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for source in sources(repo):
        for reference in references(source.kustomization):
            if is_remote(source, reference, repo.tree):
                continue
            if how := escape(source, reference):
                message = f"{source.owner}: {reference.path!r} {how}"
                besides = f"; besides, `resources:` has {BASE}" if source.place is Place.OVERLAY else ""
                hint = f"Name files of {source.kustomization.folder}/ one by one, as paths from there{besides}."
                yield repo.finding(RULE, source.kustomization.path, message, hint, at=reference.at)

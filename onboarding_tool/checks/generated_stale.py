"""Everything below generated/, and .github/CODEOWNERS, is exactly what `onboard generate` writes.

Argo CD deploys what stands there. A file that was edited by hand, forgotten after a change of platform.yaml, teams.yaml
or a metadata.yaml, or added by somebody deploys something that nobody declared and nobody reviewed as such.

Bad:

    # generated/prod/applications/customer-a/payments.yaml, edited by hand
    syncPolicy: {}

    # generated/prod/applications/customer-a/debug.yaml, which no metadata.yaml declares

Good: what is wanted stands in platform.yaml, teams.yaml or a metadata.yaml, and generated/ follows from it.

Fix: `onboard generate`, and commit what it writes together with the change that made it necessary.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.generated import differences
from onboarding_tool.checks.rule import Need, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.generators import State
from onboarding_tool.model import GENERATED, Repo

RULE = "generated-stale"
SCOPE = Scope.EVERYTHING
NEEDS = frozenset({Need.POLICY, Need.SOUND_METADATA})
HINT = "Run `onboard generate`"

SENTENCES = {
    State.STALE: (
        "this is not what `onboard generate` writes: it was edited by hand, or what it is generated from has changed",
        f"{HINT}. Edit platform.yaml, teams.yaml or the metadata.yaml, never this file.",
    ),
    State.MISSING: ("`onboard generate` writes this file, and it is not here", f"{HINT}."),
    State.FOREIGN: (
        "`onboard generate` does not write this file, and only what it writes may lie below generated/",
        f"{HINT}, which deletes it; first move it out of generated/ if it is wanted.",
    ),
}


def check(repo: Repo) -> Iterator[Finding]:
    nothing_there = not repo.tree.has_folder(GENERATED)
    if nothing_there:
        yield Finding(GENERATED, 1, 1, RULE, "there is no generated/, so there is nothing to deploy", f"{HINT}.")
    for one in differences(repo):
        if not (nothing_there and one.state is State.MISSING and one.path.startswith(f"{GENERATED}/")):
            yield Finding(one.path, one.line, 1, RULE, *SENTENCES[one.state])

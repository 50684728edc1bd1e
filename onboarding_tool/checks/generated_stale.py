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

from onboarding_tool import generators
from onboarding_tool.checks.rule import Need, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.generators import State
from onboarding_tool.model import GENERATED, Repo
from onboarding_tool.tree import Tree

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
    wanted = generators.generate(repo)
    nothing_there = not repo.tree.has_folder(GENERATED)
    if nothing_there:
        yield Finding(GENERATED, 1, 1, RULE, "there is no generated/, so there is nothing to deploy", f"{HINT}.")
    for state, path in generators.staleness(repo.tree, wanted):
        if not (nothing_there and state is State.MISSING and path.startswith(f"{GENERATED}/")):
            yield Finding(path, _line(repo.tree, state, path, wanted), 1, RULE, *SENTENCES[state])


def _line(tree: Tree, state: State, path: str, wanted: dict[str, bytes]) -> int:
    """Where a stale file first differs; 1 for the others."""
    if state is not State.STALE:
        return 1
    lines, expected = tree.read(path).split(b"\n"), wanted[path].split(b"\n")
    differing = (index for index, (one, other) in enumerate(zip(lines, expected, strict=False)) if one != other)
    return next(differing, min(len(lines), len(expected)) - 1) + 1

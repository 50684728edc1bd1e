"""kustomize can build every overlay, and every generated folder.

What cannot be built is not delivered: Argo CD keeps what runs, and no release of the API arrives any more. Nor can
what it would be be judged.

It says nothing where another rule has already found why: in a file that this build reads.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml
    patches:
      - target: {kind: Deployment, name: payment}
        path: memory.yaml   # a patch of the Deployment `payments`, which is not in the base

Good:

    patches:
      - target: {kind: Deployment, name: payments}
        path: memory.yaml

Fix: the message is kustomize's own and names the file or the object. `kustomize build` of the folder that the finding
names says the same.
"""

from collections.abc import Iterator

from onboarding_tool import generators, load
from onboarding_tool.checks import (
    base_missing,
    component_missing,
    images_entry_unsafe,
    kustomization_field_forbidden,
    kustomization_invalid,
    kustomization_path_escapes,
    kustomization_path_missing,
    kustomization_path_remote,
    manifest_invalid,
    path_mode_forbidden,
)
from onboarding_tool.checks.facts.excepted import is_silenced
from onboarding_tool.checks.facts.rendered import renders
from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import RENDERED, Rule, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.generators.layout import belongs_to
from onboarding_tool.model import Api, Render, Repo
from onboarding_tool.rendering import Failure, closure, links

RULE = "render-failed"
SCOPE = Scope.API
NEEDS = RENDERED

# What makes kustomize fail, and is said better by a rule of its own.
CAUSES: tuple[Rule, ...] = (
    base_missing,
    component_missing,
    images_entry_unsafe,
    kustomization_field_forbidden,
    kustomization_invalid,
    kustomization_path_escapes,
    kustomization_path_missing,
    kustomization_path_remote,
    manifest_invalid,
    path_mode_forbidden,
)
HINTS = {
    Failure.ERROR: "The message is kustomize's; `kustomize build` of the folder says the same.",
    Failure.PANIC: "kustomize itself breaks over it; look for odd characters in what the message speaks of.",
    Failure.REFUSED: "A build has no network, no programs and no files outside the repository.",
    Failure.TOO_LARGE: "Make it smaller: large files do not belong into a ConfigMap, which holds 1 MiB.",
    Failure.CRASHED: "Take out what was added last, and report it.",
}


def check(repo: Repo) -> Iterator[Finding]:
    found = renders(repo)
    for api in living(repo):
        for name in api.environments:
            key = api.name, name
            overlay, generated = found.overlay.get(key), found.generated.get(key)
            if overlay and overlay.failure:
                yield from _failed(repo, api, name, overlay)
            elif generated and generated.failure:
                yield from _failed(repo, api, name, generated)


def _failed(repo: Repo, api: Api, environment: str, render: Render) -> Iterator[Finding]:
    if render.failure == Failure.TIMED_OUT or _is_said_elsewhere(repo, api, environment, render):
        return
    what = {Failure.TOO_LARGE: "is too large", Failure.PANIC: "breaks kustomize", Failure.CRASHED: "breaks kustomize"}
    failure = Failure(render.failure)
    message = f"{api.name}: {render.folder} {what.get(failure, 'cannot be built')}: {render.message}"
    yield repo.finding(RULE, f"{render.folder}/kustomization.yaml", message, HINTS[failure])


def _is_said_elsewhere(repo: Repo, api: Api, environment: str, render: Render) -> bool:
    """Asked only of what failed, so it may take its time. What an exception silences is said nowhere."""
    files = {
        f"{render.folder}/kustomization.yaml",
        *closure(repo.tree, render.folder),
        *links(repo.tree, render.folder),
    }
    alone, by_load = load.load(repo.tree, [api.name])
    found = [finding for rule in CAUSES for finding in rule.check(alone)]
    said = (finding for finding in (*by_load, *found) if finding.path in files)
    return any(not is_silenced(finding, repo) for finding in said) or _is_stale(repo, environment, render)


def _is_stale(repo: Repo, environment: str, render: Render) -> bool:
    """Whether the rule `generated-stale` speaks of the folder."""
    if not (belongs_to(render.folder, environment) and repo.platform.read and repo.sound):
        return False
    if environment not in repo.platform.environments:
        return False
    wanted = generators.generate(repo, environment)
    stale = generators.staleness(repo.tree, wanted, environment)
    return any(path.startswith(f"{render.folder}/") for _, path in stale)

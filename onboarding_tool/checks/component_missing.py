"""Every component that platform.yaml lists has its folder below components/.

A component is a piece of kustomize configuration that the platform adds to every API, such as an annotation or a
sidecar. Each API's generated kustomization names all of them: one that is missing breaks every API at once.

Bad:

    # platform.yaml
    components: [pre-stop-hook]
    # and there is no components/pre-stop-hook/kustomization.yaml

Good:

    # platform.yaml
    components: [pre-stop-hook]
    # components/pre-stop-hook/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1alpha1
    kind: Component

Fix: add the file, correct the name, or take the name out of the list. The file is called kustomization.yaml and
nothing else.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import PLATFORM_FILE, Repo
from onboarding_tool.wording import did_you_mean

RULE = "component-missing"
SCOPE = Scope.EVERYTHING
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    for index, name in enumerate(repo.platform.components):
        path = f"components/{name}/kustomization.yaml"
        if path not in repo.tree:
            message = f"the component {name!r} has no {path}"
            hint = did_you_mean(
                name, _known(repo), f"Add {path} with `kind: Component`, or take {name} out of the list."
            )
            yield repo.finding(RULE, PLATFORM_FILE, message, hint, at=("components", index))


def _known(repo: Repo) -> list[str]:
    folders = repo.tree.folders("components")
    return [name for name in folders if f"components/{name}/kustomization.yaml" in repo.tree]

"""Every object below generated/ that Argo CD reads as it stands is one that the cluster accepts.

Those are the Applications and AppProjects, and what belongs to a namespace. A misspelt field is dropped in silence or
stops the whole delivery, depending on who applies it. Judged are, by `kubernetes` of platform.yaml, the kinds of
Kubernetes that `object-invalid` names, and Argo CD's Application, ApplicationSet and AppProject. A file that is what
`onboard generate` writes has nothing to be found in it.

Bad:

    # generated/prod/tenants/customer-a.yaml, edited by hand
    kind: AppProject
    spec:
      sourceRepo: [https://git.example/acme/onboarding-config.git]

Good:

    kind: AppProject
    spec:
      sourceRepos: [https://git.example/acme/onboarding-config.git]

Fix: below generated/ nothing is corrected by hand: `onboard generate`.
"""

from collections.abc import Iterator

from onboarding_tool import kubernetes_schema, load
from onboarding_tool.checks.facts.generated import differences
from onboarding_tool.checks.facts.objects import problem
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.generators import State
from onboarding_tool.generators.layout import is_read_as_it_is
from onboarding_tool.model import GENERATED, Repo

RULE = "generated-object-invalid"
SCOPE = Scope.EVERYTHING
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    version = repo.platform.kubernetes
    if version not in kubernetes_schema.versions():
        return  # the rule object-invalid says it
    schemas = kubernetes_schema.schemas(version)
    for path in _edited_files(repo):
        for item in load.objects_of(repo.tree, path):
            for misfit in kubernetes_schema.misfits(item.value, schemas):
                at, message = (*item.at, *misfit.at), problem(item, misfit, schemas)
                yield repo.finding(RULE, path, message, misfit.hint, at=at, document=item.document)


def _edited_files(repo: Repo) -> Iterator[str]:
    """The files that are not what is generated: that is found out in a tenth of the time of reading them."""
    if not repo.sound:
        return filter(is_read_as_it_is, repo.tree.paths(GENERATED))
    edited = (one.path for one in differences(repo) if one.state is not State.MISSING)
    return filter(is_read_as_it_is, edited)

"""Each image comes from below one of the registries that platform.yaml allows.

An image from elsewhere is scanned by nobody here, and whoever owns that registry decides what runs.

Bad:

    # platform.yaml
    registries: [europe-docker.pkg.dev/acme]

    # apps/payments/metadata.yaml
    - {name: app, image: ghcr.io/somebody/payments}

Good:

    - {name: app, image: europe-docker.pkg.dev/acme/payments/app}

Fix: push the image to a registry that is allowed. The platform team can add one to `registries:` of platform.yaml;
an empty list allows no image. Docker Hub's short names are compared written out: redis is docker.io/library/redis,
and `docker.io/library` allows it.
"""

from collections.abc import Iterator

from onboarding_tool import images, slots
from onboarding_tool.checks.facts.effective import REPOSITORY, fault, named, running
from onboarding_tool.checks.facts.written import Fault, faults, living
from onboarding_tool.checks.rule import POLICY, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Repo
from onboarding_tool.wording import listed

RULE = "image-registry-not-allowed"
SCOPE = Scope.API
NEEDS = POLICY


def check(repo: Repo) -> Iterator[Finding]:
    yield from _declared(repo)
    yield from faults(repo, RULE, lambda api, environment: _effective(repo, api, environment))


def _declared(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for index, workload in enumerate(api.workloads):
            for number, container in enumerate(workload.containers):
                if container.image and not images.is_below(container.image, repo.platform.registries):
                    message = f"{api.name}: the repository {container.image!r} {_reason(repo)}"
                    at = ("workloads", index, "containers", number, "image")
                    yield repo.finding(RULE, api.path, message, _hint(container.image), at=at)


def _effective(repo: Repo, api: Api, environment: str) -> Iterator[Fault]:
    for one in running(api, environment):
        declared = slots.declared_image(api, one.deployment, one.container)
        if declared and images.same_repository(declared, one.image.name):
            continue  # judged where it is declared
        if not images.is_below(one.image.name, repo.platform.registries):
            problem = f"the {named(one)} runs {one.image.name!r}, which {_reason(repo)}"
            yield fault(api, environment, one, REPOSITORY, problem, _hint(one.image.name))


def _reason(repo: Repo) -> str:
    if not repo.platform.registries:
        return "is not allowed: `registries:` in platform.yaml is empty, so no image is"
    return f"is not below a registry that platform.yaml allows: {listed(repo.platform.registries)}"


def _hint(name: str) -> str:
    return f"Push it to a registry that is allowed, or add `{images.parent(name)}` to `registries:` in platform.yaml."

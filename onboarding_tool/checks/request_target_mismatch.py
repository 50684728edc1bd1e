"""A release request names exactly one target, and every field of it agrees with the API's declaration.

A request says six things: API, environment, namespace, deployment, container, image. They are redundant on purpose. A
request that was copied from another API, or written for a deployment that was renamed, disagrees with itself somewhere,
and is refused instead of being guessed at.

- `api_name` and `environment` equal the folders in which the file lies;
- `namespace` is the one that metadata.yaml says for the environment;
- `deployment` and `container` are declared under `workloads`;
- `target_image` is of the repository that is declared for that container.

Bad:

    # apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    api_name: payments
    environment: staging
    namespace: payments
    deployment: payments
    container: web
    target_image: europe-docker.pkg.dev/acme/orders/app:v2.0.0

Good:

    api_name: payments
    environment: prod
    namespace: payments
    deployment: payments
    container: app
    target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0

Fix: delete the file and let `onboard request API ENVIRONMENT IMAGE` write it; it fills in what is declared.
"""

from collections.abc import Iterator

from onboarding_tool import images
from onboarding_tool.checks.facts.asked import Objection, findings
from onboarding_tool.checks.rule import Need, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Container, Repo, Request
from onboarding_tool.wording import did_you_mean, listed

RULE = "request-target-mismatch"
SCOPE = Scope.API
NEEDS = frozenset({Need.SOUND_METADATA})


def check(repo: Repo) -> Iterator[Finding]:
    yield from findings(repo, RULE, objections)


def objections(repo: Repo, api: Api, request: Request) -> Iterator[Objection]:
    """Every field that disagrees. What is missing or no text is the schema's to say.

    In the folder of an environment that does not exist nothing could agree: that is the rule environment-unknown's.
    """
    if request.environment not in repo.platform.environments:
        return
    yield from _folder(request, "api_name", request.api)
    yield from _folder(request, "environment", request.environment)
    yield from _namespace(api, request)
    yield from _workload(api, request)


def _folder(request: Request, key: str, folder: str) -> Iterator[Objection]:
    said = request.get(key)
    if said and said != folder:
        problem = f"`{key}` says {said!r}, and the file lies in the folder of {folder!r}"
        yield Objection(key, problem, f"Write `{key}: {folder}`, or ask in the other folder.")


def _namespace(api: Api, request: Request) -> Iterator[Objection]:
    said, placement = request.get("namespace"), api.environments.get(request.environment)
    if placement is None:
        known = api.environments
        problem = f"{api.name} does not live in {request.environment!r}"
        yield Objection(
            "environment", problem, did_you_mean(request.environment, known, f"It lives in {listed(known)}.")
        )
    elif said and said != placement.namespace:
        problem = f"`namespace` says {said!r}, and {api.name} lives in {placement.namespace!r} in {request.environment}"
        yield Objection("namespace", problem, f"Write `namespace: {placement.namespace}`.")


def _workload(api: Api, request: Request) -> Iterator[Objection]:
    said, declared = request.get("deployment"), {one.deployment: one.containers for one in api.workloads}
    if not said:
        return
    if said not in declared:
        hint = did_you_mean(said, declared, f"{api.path} declares {listed(declared)}.")
        yield Objection("deployment", f"{api.name} declares no Deployment {said!r}", hint)
    else:
        yield from _container(api, request, {container.name: container for container in declared[said]})


def _container(api: Api, request: Request, declared: dict[str, Container]) -> Iterator[Objection]:
    said, deployment = request.get("container"), request.get("deployment")
    if not said:
        return
    if said not in declared:
        hint = did_you_mean(said, declared, f"{api.path} declares {listed(declared)} there.")
        yield Objection("container", f"{api.name} declares no container {said!r} in {deployment}", hint)
        return
    target, wanted = request.get("target_image"), declared[said].image
    if target and not images.same_repository(images.parse(target).name, wanted):
        problem = f"`target_image` is of the repository {images.parse(target).name!r}, and {said} runs {wanted!r}"
        hint = "Ask for a version of that repository. Another repository is declared in metadata.yaml first."
        yield Objection("target_image", problem, hint)

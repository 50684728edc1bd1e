"""Each container of a Deployment is declared in metadata.yaml, init containers too.

Nothing undeclared runs: an undeclared container has no image that anyone approved, no release requests, and no
record of which version was live when. For the same reason no volume is filled from an image, and no
`ephemeralContainers` are written.

Bad:

    # apps/payments/base/deployment.yaml, while metadata.yaml declares the container `app` only
    containers:
      - name: app
      - name: debug

Good:

    # apps/payments/metadata.yaml
    containers:
      - {name: app, image: europe-docker.pkg.dev/acme/payments/app}
      - {name: debug, image: europe-docker.pkg.dev/acme/payments/debug}

Fix: declare the container under its Deployment in metadata.yaml, or delete it. Files of another image belong into
the container's own image, or are copied by a declared init container.
"""

from collections.abc import Iterator

from onboarding_tool.checks.facts.written import living, objects
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, Workload, mapping, sequence, text
from onboarding_tool.wording import did_you_mean
from onboarding_tool.yamltext import Path

RULE = "container-undeclared"
SCOPE = Scope.API
NEEDS = NOTHING

Fault = tuple[Path, str, str]


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for item in objects(api):
            workload = next((workload for workload in api.workloads if workload.deployment == item.name), None)
            if item.kind == "Deployment" and workload:
                yield from _of_deployment(repo, api, item, workload)


def _of_deployment(repo: Repo, api: Api, item: Object, workload: Workload) -> Iterator[Finding]:
    for at, problem, hint in (*_containers(item, workload), *_other_images(item)):
        message = f"{api.name}: {problem}"
        yield repo.finding(RULE, item.path, message, hint, at=(*item.at, *at), document=item.document)


def _containers(item: Object, workload: Workload) -> Iterator[Fault]:
    declared = [container.name for container in workload.containers]
    for at, value in item.containers():
        name = text(value.get("name"))
        if name and name not in declared:
            problem = f"metadata.yaml declares no container {name!r} in {item.name!r}, so it must not run"
            way_out = f"Declare it under the workload {item.name!r} of metadata.yaml, or delete it."
            yield (*at, "name"), problem, did_you_mean(name, declared, way_out)


def _other_images(item: Object) -> Iterator[Fault]:
    """What runs or is mounted from an image without being a container that could be declared."""
    keys, spec = item.pod()
    if "ephemeralContainers" in spec:
        hint = "Delete them; `kubectl debug` adds one to a running pod."
        yield (*keys, "ephemeralContainers"), f"{item.name!r} has `ephemeralContainers`, which cannot be declared", hint
    for index, volume in enumerate(sequence(spec.get("volumes"))):
        if "image" in mapping(volume):
            hint = "Put the files into the container's own image, or copy them in a declared init container."
            at = (*keys, "volumes", index, "image")
            yield at, f"a volume of {item.name!r} is filled from an image, which cannot be declared", hint

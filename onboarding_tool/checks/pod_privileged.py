"""No pod of an API reaches into the machine that it runs on.

A privileged container, a folder of the machine (`hostPath`) or the machine's own network and processes break the wall
between tenants: who is in such a pod is on the machine, and with that in every other pod there. It is judged on what
the overlay renders to; what the platform's components add is the platform's.

Bad:

    spec:
      hostNetwork: true
      containers:
        - name: app
          securityContext: {privileged: true}
      volumes:
        - {name: logs, hostPath: {path: /var/log}}

Good:

    spec:
      containers:
        - name: app
          securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true}
      volumes:
        - {name: logs, emptyDir: {}}

Fix: delete the field. For files use `emptyDir`, a ConfigMap or a PersistentVolumeClaim; traffic comes in by a Service.
If the API cannot run without it, ask the platform team.
"""

from collections.abc import Iterator, Sequence

from onboarding_tool.checks.facts.rendered import fault, in_overlays
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, mapping, sequence
from onboarding_tool.yamltext import Path

RULE = "pod-privileged"
SCOPE = Scope.API
NEEDS = RENDERED

HOSTS = ("hostNetwork", "hostPID", "hostIPC")
HINT = "Delete it. If the API cannot run without it, ask the platform team."
VOLUME = "Use `emptyDir`, a ConfigMap or a PersistentVolumeClaim."


def check(repo: Repo) -> Iterator[Finding]:
    yield from in_overlays(repo, RULE, _faults)


def _faults(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
    for item in objects:
        for at, problem, hint in (*_of_pod(item), *_of_containers(item)):
            yield fault(api, environment, item, at, problem, hint)


def _of_pod(item: Object) -> Iterator[tuple[Path, str, str]]:
    keys, spec = item.pod()
    for field in HOSTS:
        if spec.get(field):
            yield (*keys, field), f"`{field}` lets the pods of {item.name!r} into the machine that they run on", HINT
    for index, volume in enumerate(sequence(spec.get("volumes"))):
        if "hostPath" in mapping(volume):
            name = mapping(volume).get("name")
            yield (
                (*keys, "volumes", index, "hostPath"),
                f"the volume {name!r} of {item.name!r} is a folder of the machine",
                VOLUME,
            )
    if _is_host_process(spec.get("securityContext")):
        yield (*keys, "securityContext"), f"`hostProcess` lets the pods of {item.name!r} into the machine", HINT


def _of_containers(item: Object) -> Iterator[tuple[Path, str, str]]:
    for at, container in item.containers():
        context = container.get("securityContext")
        if mapping(context).get("privileged") or _is_host_process(context):
            yield (
                (*at, "securityContext"),
                f"the container {container.get('name')!r} of {item.name!r} is privileged",
                HINT,
            )


def _is_host_process(context: object) -> bool:
    return bool(mapping(mapping(context).get("windowsOptions")).get("hostProcess"))

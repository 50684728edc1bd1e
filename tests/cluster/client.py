"""A cluster as tests speak to it: apply, get, change, delete, and wait for a state with a deadline."""

import base64
import json
import math
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic import DynamicClient, Resource
from kubernetes.dynamic.exceptions import NotFoundError, ResourceNotFoundError

Object = dict[str, Any]
Condition = Callable[[Object], bool]

FIELD_MANAGER = "tests"
# So long a new CustomResourceDefinition may take to be told of by the API server.
DISCOVERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Connection:
    """How a client reaches an API server: as `user`, with all rights if it is the administrator's."""

    name: str
    url: str
    authority: str  # the certificate, PEM
    token: str

    def kubeconfig(self) -> str:
        authority = base64.b64encode(self.authority.encode()).decode()
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": self.name,
                "contexts": [{"name": self.name, "context": {"cluster": self.name, "user": self.name}}],
                "clusters": [
                    {"name": self.name, "cluster": {"server": self.url, "certificate-authority-data": authority}}
                ],
                "users": [{"name": self.name, "user": {"token": self.token}}],
            },
            indent=1,
        )


@dataclass(frozen=True, slots=True)
class Cluster:
    """A kind is given by its name alone; where several groups or versions have it, the preferred one counts."""

    connection: Connection
    folder: Path
    api: DynamicClient

    @property
    def name(self) -> str:
        """Also the name of the kubeconfig's context."""
        return self.connection.name

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.folder / "kubeconfig"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def kubeconfig_of(self, service_account: str, namespace: str) -> Path:
        """A kubeconfig with the rights of a service account, which must exist."""
        accounts = self._resource("ServiceAccount")
        made = accounts.subresources["token"].create(name=service_account, namespace=namespace, body=TOKEN_REQUEST)
        connection = Connection(self.name, self.connection.url, self.connection.authority, made.status.token)
        path = self.folder / f"kubeconfig-{namespace}-{service_account}"
        path.write_text(connection.kubeconfig(), encoding="utf-8")
        return path

    def apply(self, *manifests: str | Object, namespace: str = "") -> None:
        """Server-side, as the owner of all it sets; a text may hold several documents."""
        for manifest in _objects(manifests):
            resource = self._resource(manifest["kind"], manifest["apiVersion"])
            self.api.server_side_apply(
                resource,
                body=manifest,
                namespace=manifest["metadata"].get("namespace", namespace),
                field_manager=FIELD_MANAGER,
                force_conflicts=True,
            )

    def get(self, kind: str, name: str, namespace: str = "") -> Object | None:
        try:
            found: Object = self._resource(kind).get(name=name, namespace=namespace).to_dict()
        except NotFoundError:
            return None
        return found

    def objects(self, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """All of that kind, in the namespace if one is given, with the labels (as in `kubectl -l`)."""
        found = self._resource(kind).get(namespace=namespace or None, label_selector=labels or None)
        return [item.to_dict() for item in found.items]

    def patch(self, kind: str, name: str, change: Mapping[str, Any], namespace: str = "") -> None:
        """A JSON merge patch: None deletes."""
        kind_of_patch = "application/merge-patch+json"
        self._resource(kind).patch(name=name, namespace=namespace, body=change, content_type=kind_of_patch)

    def kubectl(self, *words: str, given: str = "") -> str:
        """What the kubectl on the PATH prints when the administrator calls it; `given` is its standard input.

        Raises AssertionError if it fails.
        """
        command = ["kubectl", *words]
        settings = {**os.environ, "KUBECONFIG": str(self.kubeconfig)}
        done = subprocess.run(command, env=settings, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done.stdout

    def delete(self, kind: str, name: str, namespace: str = "") -> None:
        """Does not wait until it is gone. No error if it was not there."""
        with_dependents = {"propagation_policy": "Background"}
        try:
            self._resource(kind).delete(name=name, namespace=namespace, **with_dependents)
        except NotFoundError:
            return

    def wait_until(
        self,
        condition: Condition,
        kind: str,
        name: str = "",
        namespace: str = "",
        within: float = 30.0,
        since: str | None = None,
    ) -> Object:
        """The first object that meets the condition: of that name, or any of the kind in the namespace.

        `since`: a resource version; every state after it counts, though it was for a moment and long ago.
        Raises AssertionError after `within` seconds, with the last state of each object that it saw.
        """
        seen: dict[str, Object] = {}
        for key, state in self._watch(kind, name, namespace, within, since):
            if state is None:
                seen.pop(key, None)
                continue
            seen[key] = state
            if condition(state):
                return state
        wanted = condition.__name__.replace("_", " ")
        raise AssertionError(self._too_late(f"is not {wanted}", kind, name, namespace, within, seen))

    def wait_until_gone(self, kind: str, name: str, namespace: str = "", within: float = 30.0) -> None:
        """Raises AssertionError after `within` seconds."""
        state = self.get(kind, name, namespace)
        if state is None:
            return
        for _, changed in self._watch(kind, name, namespace, within, state["metadata"]["resourceVersion"]):
            if changed is None:
                return
            state = changed
        raise AssertionError(self._too_late("is still there", kind, name, namespace, within, {name: state}))

    def _watch(
        self, kind: str, name: str, namespace: str, within: float, since: str | None = None
    ) -> Iterator[tuple[str, Object | None]]:
        """What is there now (or happened since that version), then every change; None for what was deleted."""
        resource = self._resource(kind)
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            seconds = math.ceil(left)
            events = resource.watch(
                namespace=namespace or None, name=name or None, resource_version=since, timeout=seconds
            )
            try:
                for event in events:
                    state = event["raw_object"]
                    yield state["metadata"]["name"], None if event["type"] == "DELETED" else state
            except ApiException as error:
                if error.status != 410:  # too old a version: begin anew
                    raise
                since = None

    def _too_late(
        self, what: str, kind: str, name: str, namespace: str, within: float, seen: Mapping[str, Object]
    ) -> str:
        place = "/".join(filter(None, (namespace, name))) or "any namespace"
        told = yaml.safe_dump({key: _state(item) for key, item in seen.items()}, sort_keys=False) if seen else "nothing"
        return f"after {within:g} s {kind} {place} of {self.name} {what}\nlast seen: {told}\nlogs: {self.logs}"

    def _resource(self, kind: str, api_version: str = "") -> Resource:
        deadline = time.monotonic() + DISCOVERY_SECONDS
        while not (found := self._known(kind, api_version)):
            if time.monotonic() > deadline:
                raise LookupError(f"{self.name} knows no {kind} {api_version}")
            time.sleep(0.05)
        # Events are in two groups, and so may others be: what the core has is meant.
        return min(found, key=lambda item: item.group or "")

    def _known(self, kind: str, api_version: str) -> list[Resource]:
        wanted = {"kind": kind, "api_version": api_version} if api_version else {"kind": kind, "preferred": True}
        try:
            return [item for item in self.api.resources.search(**wanted) if item.kind == kind]
        except ResourceNotFoundError:  # a new group is told of before its kinds are
            return []


TOKEN_REQUEST = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}


def _objects(manifests: tuple[str | Object, ...]) -> Iterator[Object]:
    for manifest in manifests:
        yield from filter(None, yaml.safe_load_all(manifest)) if isinstance(manifest, str) else [manifest]


def _state(item: Object) -> Object:
    """What tells a reader why a condition does not hold."""
    metadata = item["metadata"]
    short = {key: metadata[key] for key in ("generation", "deletionTimestamp", "finalizers") if key in metadata}
    return {"metadata": short} | {key: item[key] for key in ("operation", "status") if key in item}

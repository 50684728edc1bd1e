"""Kubernetes, as a context of the kubeconfig reaches it: plain mappings out, sentences instead of its errors.

The `kubernetes` package takes half a second to import, so this module is imported by the commands that need a cluster.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import kubernetes.client
import kubernetes.config
import urllib3

from onboarding_tool.errors import WorldError
from onboarding_tool.model import mapping, sequence, text

CONNECT, READ = 10.0, 70.0  # seconds until a connection stands, and between two signs of life on it
WATCH = 60  # seconds after which the server ends a watch; it is resumed where it ended
PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds before the first and the later ones of repeated attempts
GONE = 410  # what the watch would go on from is forgotten: list again

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of objects, by what the API server calls them. `group` is "" for core."""

    group: str
    version: str
    plural: str
    namespaced: bool = True

    def __str__(self) -> str:
        return f"{self.plural}.{self.group}" if self.group else self.plural


APPLICATIONS = Resource("argoproj.io", "v1alpha1", "applications")
PROJECTS = Resource("argoproj.io", "v1alpha1", "appprojects")
DEPLOYMENTS = Resource("apps", "v1", "deployments")
PODS = Resource("", "v1", "pods")
CONFIG_MAPS = Resource("", "v1", "configmaps")
SECRETS = Resource("", "v1", "secrets")
NAMESPACES = Resource("", "v1", "namespaces", namespaced=False)
DEFINITIONS = Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", namespaced=False)
INGRESS_CLASSES = Resource("networking.k8s.io", "v1", "ingressclasses", namespaced=False)
GATEWAYS = Resource("gateway.networking.k8s.io", "v1", "gateways")

# What the package calls the core kinds in its functions' names.
CORE = {"pods": "pod", "configmaps": "config_map", "secrets": "secret", "namespaces": "namespace"}


class ForbiddenError(WorldError):
    """The cluster knows who asks, and says no."""


@dataclass(frozen=True, slots=True)
class Query:
    """Objects of one kind. `selector` chooses by labels, `fields` by fields."""

    resource: Resource
    namespace: str = ""
    selector: str = ""
    fields: str = ""


class Cluster:
    """One cluster. `name` is that of its context in the kubeconfig."""

    def __init__(self, name: str, client: kubernetes.client.ApiClient) -> None:
        self.name = name
        self._client = client

    @classmethod
    def connect(cls, context: str | None = None) -> "Cluster":
        """By a context's name; without one, by the current context. Nothing is asked of the cluster yet."""
        try:
            contexts, current = kubernetes.config.list_kube_config_contexts()  # type: ignore[no-untyped-call]
        except kubernetes.config.ConfigException as error:
            hint = "Set KUBECONFIG, or write ~/.kube/config; `kubectl config get-contexts` lists what is there."
            raise WorldError(f"there is no usable kubeconfig: {error}", hint) from None
        known = [text(mapping(item).get("name")) for item in contexts]
        name = context or text(mapping(current).get("name"))
        if name not in known:
            hint = f"The kubeconfig has {', '.join(sorted(known)) or 'none'}. `clusters:` of platform.yaml names them."
            raise WorldError(f"the kubeconfig has no context {name!r}", hint)
        client = kubernetes.config.new_client_from_config(context=name)  # type: ignore[no-untyped-call]
        return cls(name, client)

    def get(self, resource: Resource, name: str, namespace: str = "") -> Value | None:
        """One object; None if there is none. Raises ForbiddenError or WorldError."""
        found = self.list(Query(resource, namespace, fields=f"metadata.name={name}"))
        return found[0] if found else None

    def list(self, query: Query) -> list[Value]:
        """The objects that a query means; none if the cluster does not know the kind."""
        return [mapping(item) for item in sequence(self._listed(query).get("items"))]

    def _listed(self, query: Query) -> Value:
        response = self._called(self._lister(query), _about(query), query.resource, missing=b'{"items": []}')
        return mapping(json.loads(response))

    def version(self) -> str:
        """Of Kubernetes, as `major.minor`."""
        api = kubernetes.client.VersionApi(self._client)
        found = json.loads(self._called(api.get_code, {}, None))
        return f"{found['major']}.{found['minor'].rstrip('+')}"

    def may(self, verb: str, resource: Resource, namespace: str = "", name: str = "") -> bool:
        """Whether whoever this kubeconfig is may do this."""
        attributes = {"verb": verb, "group": resource.group, "resource": resource.plural}
        attributes |= {"namespace": namespace, "name": name}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        custom = kubernetes.client.CustomObjectsApi(self._client)
        place = ("authorization.k8s.io", "v1", "selfsubjectaccessreviews")
        found = json.loads(self._called(partial(custom.create_cluster_custom_object, *place, body), {}, None))
        return mapping(found.get("status")).get("allowed") is True

    def annotate(self, resource: Resource, namespace: str, name: str, annotations: Mapping[str, str]) -> None:
        """Set annotations of a custom object."""
        api = kubernetes.client.CustomObjectsApi(self._client)
        place = (resource.group, resource.version, namespace, resource.plural, name)
        body = {"metadata": {"annotations": dict(annotations)}}
        words = {"_content_type": "application/merge-patch+json"}
        self._called(partial(api.patch_namespaced_custom_object, *place, body), words, resource)

    def follow(self, query: Query) -> Iterator[dict[str, Value]]:
        """The objects by name, now and again after each change, without end.

        A watch that breaks goes on where it was; a cluster that does not answer is asked again, ever more seldom. Only
        what the cluster refuses raises: ForbiddenError.
        """
        pause = PAUSE
        while True:
            try:
                listed = self._listed(query)
                found = {_name(item): mapping(item) for item in sequence(listed.get("items"))}
                yield dict(found)
                pause = PAUSE
                yield from self._changes(query, found, text(mapping(listed.get("metadata")).get("resourceVersion")))
            except ForbiddenError:
                raise
            except WorldError:
                time.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _changes(self, query: Query, found: dict[str, Value], version: str) -> Iterator[dict[str, Value]]:
        """Until the server no longer knows where we were."""
        while version:
            words = _about(query) | {"watch": True, "allow_watch_bookmarks": True, "timeout_seconds": WATCH}
            response = self._response(self._lister(query), words | {"resource_version": version}, query.resource)
            try:
                for line in _lines(response):
                    event = json.loads(line)
                    item = mapping(event.get("object"))
                    if event["type"] == "ERROR":
                        if item.get("code") == GONE:
                            return
                        raise WorldError(f"{self.name}: {item.get('message')}")
                    version = text(mapping(item.get("metadata")).get("resourceVersion")) or version
                    if event["type"] == "BOOKMARK":
                        continue
                    if event["type"] == "DELETED":
                        found.pop(_name(item), None)
                    else:
                        found[_name(item)] = item
                    yield dict(found)
            except (urllib3.exceptions.HTTPError, ValueError) as error:
                raise WorldError(f"{self.name}: the connection broke: {error}") from None
            finally:
                response.close()

    def _lister(self, query: Query) -> Callable[..., Any]:
        resource = query.resource
        if not resource.group:
            api: Any = kubernetes.client.CoreV1Api(self._client)
            if not resource.namespaced:
                return partial(getattr(api, f"list_{CORE[resource.plural]}"))
            if not query.namespace:
                return partial(getattr(api, f"list_{CORE[resource.plural]}_for_all_namespaces"))
            return partial(getattr(api, f"list_namespaced_{CORE[resource.plural]}"), query.namespace)
        custom = kubernetes.client.CustomObjectsApi(self._client)
        if resource.namespaced and query.namespace:
            place = (resource.group, resource.version, query.namespace, resource.plural)
            return partial(custom.list_namespaced_custom_object, *place)
        return partial(custom.list_cluster_custom_object, resource.group, resource.version, resource.plural)

    def _called(
        self, function: Callable[..., Any], words: Mapping[str, Any], resource: Resource | None, missing: bytes = b""
    ) -> bytes:
        response = self._response(function, words, resource, accept_missing=bool(missing))
        data: bytes = response.read() if not response.data else response.data
        return data if response.status < 300 else missing

    def _response(
        self,
        function: Callable[..., Any],
        words: Mapping[str, Any],
        resource: Resource | None,
        *,
        accept_missing: bool = False,
    ) -> Any:
        """What a function of the package answers, unread. Its releases differ in whether a refusal is an exception."""
        try:
            response = function(**words, _preload_content=False, _request_timeout=(CONNECT, READ))
            status, said = response.status, ""
            if status >= 300 and not (accept_missing and status == 404):
                said = _said(response.read() or response.data)
        except kubernetes.client.ApiException as error:
            status, said = error.status or 0, _said(error.body or error.reason)
            if accept_missing and status == 404:
                return _Nothing()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            hint = "Is the cluster up, and reachable from here? `kubectl --context ... get --raw /readyz` asks it."
            raise WorldError(f"the cluster {self.name} does not answer: {_cause(error)}", hint) from None
        if status in (401, 403):
            whom = "does not know you" if status == 401 else f"forbids to look at {resource}" if resource else "forbids"
            raise ForbiddenError(f"the cluster {self.name} {whom}: {said}", "docs/platform-team.md lists the rights.")
        if status == GONE:
            raise WorldError(f"{self.name}: {said}")
        if status >= 300 and not (accept_missing and status == 404):
            raise WorldError(f"the cluster {self.name} says {status}: {said}")
        return response


class _Nothing:
    """The answer of an older release of the package, which raises, to a question about a kind that is not there."""

    status = 404
    data = b""

    def read(self) -> bytes:
        return b""


def _about(query: Query) -> dict[str, Any]:
    words = {"label_selector": query.selector, "field_selector": query.fields}
    return {name: value for name, value in words.items() if value}


def _lines(response: Any) -> Iterator[bytes]:
    """Whole lines of a stream."""
    rest = b""
    for part in response.stream(amt=None, decode_content=True):
        *lines, rest = (rest + part).split(b"\n")
        yield from (line for line in lines if line)


def _name(item: Any) -> str:
    return text(mapping(mapping(item).get("metadata")).get("name"))


def _said(body: Any) -> str:
    """The message of a Status object, or what there is instead."""
    plain = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
    try:
        return text(mapping(json.loads(plain)).get("message")) or plain
    except ValueError:
        return plain.strip()[:200]


def _cause(error: BaseException) -> str:
    """The innermost reason: urllib3 wraps a refused connection three times."""
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, BaseException) else error.__cause__ or error.__context__
    if isinstance(inner, BaseException) and inner is not error:
        return _cause(inner)
    return str(getattr(error, "strerror", None) or error)

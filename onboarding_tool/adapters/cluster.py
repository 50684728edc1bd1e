"""Kubernetes, as a context of the kubeconfig reaches it: plain mappings out, sentences instead of its errors.

The `kubernetes` package reads the kubeconfig, brings the credentials and holds the connections. Its functions for each
kind are not used: loading those of the core group takes a second and a half, and what they raise changes.
It takes half a second to import even so, so this module is imported by the commands that need a cluster.
"""

import json
import logging
import os
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import kubernetes.client
import kubernetes.config
import kubernetes.config.kube_config
import urllib3

from onboarding_tool.errors import WorldError
from onboarding_tool.model import mapping, sequence, text

CONNECT, READ = 10.0, 20.0  # seconds until a connection stands, and between two signs of life on it
WATCH = 60  # seconds after which the server ends a watch; it is resumed where it ended
QUIET = WATCH + 10.0  # seconds that a watch in which nothing happens may be silent
MERGE_PATCH = "application/merge-patch+json"
AGAIN = urllib3.Retry(total=1, connect=0, redirect=0)  # a connection that was kept may have died; a new one not
PAUSE, LONGEST_PAUSE = 0.5, 15.0  # seconds before the first and the later ones of repeated attempts
NOT_FOUND = 404
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
STATEFUL_SETS = Resource("apps", "v1", "statefulsets")
PODS = Resource("", "v1", "pods")
CONFIG_MAPS = Resource("", "v1", "configmaps")
SECRETS = Resource("", "v1", "secrets")
NAMESPACES = Resource("", "v1", "namespaces", namespaced=False)
DEFINITIONS = Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", namespaced=False)
INGRESS_CLASSES = Resource("networking.k8s.io", "v1", "ingressclasses", namespaced=False)
GATEWAYS = Resource("gateway.networking.k8s.io", "v1", "gateways")

HTTP_ROUTES = Resource("gateway.networking.k8s.io", "v1", "httproutes")
REVIEWS = Resource("authorization.k8s.io", "v1", "selfsubjectaccessreviews", namespaced=False)


class ForbiddenError(WorldError):
    """The cluster knows who asks, and says no."""


@dataclass(frozen=True, slots=True)
class Query:
    """Objects of one kind. `selector` chooses by labels, `fields` by fields."""

    resource: Resource
    namespace: str = ""
    selector: str = ""
    fields: str = ""


@dataclass(frozen=True, slots=True)
class Kubeconfig:
    """The names of its contexts; `current` is "" if it chooses none."""

    contexts: tuple[str, ...]
    current: str


def kubeconfig() -> Kubeconfig:
    """The kubeconfig of $KUBECONFIG, else of ~/.kube/config. Raises WorldError if there is none that can be read."""
    hint = "Set KUBECONFIG, or write ~/.kube/config; `kubectl config get-contexts` lists what is there."
    try:
        merged = kubernetes.config.kube_config.KubeConfigMerger(_files())  # type: ignore[no-untyped-call]
        read = [mapping(value) for value in merged.config_files.values()]
    # A file that is none makes the package fail in any way: with errors of YAML, of the disk, of types.
    except Exception as error:
        raise WorldError(f"the kubeconfig cannot be read: {_first_line(error)}", hint) from None
    if not read:
        raise WorldError(f"there is no kubeconfig: {_files()} is not there", hint)
    names = [text(mapping(item).get("name")) for value in read for item in sequence(value.get("contexts"))]
    # As kubectl does: the first file that says it. The package takes the last one's.
    current = next(filter(None, (text(value.get("current-context")) for value in read)), "")
    return Kubeconfig(tuple(dict.fromkeys(filter(None, names))), current)


def _files() -> str:
    """Asked each time: the package keeps what it saw when it was imported."""
    return os.environ.get("KUBECONFIG") or "~/.kube/config"


class Cluster:
    """One cluster. `name` is that of its context in the kubeconfig."""

    def __init__(self, name: str, client: kubernetes.client.ApiClient) -> None:
        self.name = name
        self._client = client

    @classmethod
    def connect(cls, context: str | None = None) -> "Cluster":
        """By a context's name; without one, by the current context. Nothing is asked of the cluster yet."""
        known = kubeconfig()
        name = context or known.current
        hint = f"The kubeconfig has {', '.join(sorted(known.contexts)) or 'none'}."
        if not name:
            raise WorldError("the kubeconfig has no current context", f"{hint} `kubectl config use-context NAME`")
        if name not in known.contexts:
            raise WorldError(
                f"the kubeconfig has no context {name!r}", f"{hint} `clusters:` of platform.yaml names them."
            )
        return cls(name, _client(name))

    def get(self, resource: Resource, name: str, namespace: str = "") -> Value | None:
        """One object; None if there is none. Raises ForbiddenError or WorldError."""
        return self._asked("GET", _path(resource, namespace, name), resource, missing=None) or None

    def list(self, query: Query) -> list[Value]:
        """The objects that a query means; none if the cluster does not know the kind."""
        return [mapping(item) for item in sequence(self._listed(query).get("items"))]

    def _listed(self, query: Query) -> Value:
        found = self._asked("GET", _path(query.resource, query.namespace) + _about(query), query.resource, missing={})
        return mapping(found)

    def version(self) -> str:
        """Of Kubernetes, as `major.minor`."""
        found = mapping(self._asked("GET", "/version"))
        major, minor = text(found.get("major")), text(found.get("minor")).rstrip("+")
        if not (major.isdigit() and minor.isdigit()):
            raise self._no_kubernetes()
        return f"{major}.{minor}"

    def knows(self, resource: Resource) -> bool:
        """Whether the cluster has this kind, in this version. Whoever may speak with a cluster may ask this."""
        found = mapping(self._asked("GET", _root(resource), missing={}))
        return any(mapping(item).get("name") == resource.plural for item in sequence(found.get("resources")))

    def may(self, verb: str, resource: Resource, namespace: str = "", name: str = "") -> bool:
        """Whether whoever this kubeconfig is may do this."""
        attributes = {"verb": verb, "group": resource.group, "resource": resource.plural}
        attributes |= {"namespace": namespace, "name": name}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        answer = mapping(self._asked("POST", _path(REVIEWS), body=body))
        return mapping(answer.get("status")).get("allowed") is True

    def annotate(self, resource: Resource, namespace: str, name: str, annotations: Mapping[str, str]) -> None:
        """Set annotations of an object."""
        body = {"metadata": {"annotations": dict(annotations)}}
        self._asked("PATCH", _path(resource, namespace, name), resource, body=body)

    def follow(
        self, query: Query, unheard: Callable[[WorldError], object] = lambda _: None
    ) -> Iterator[dict[str, Value]]:
        """The objects by name, now and again after each change, without end. `unheard` is told why there is no answer.

        A watch that breaks goes on where it was; a cluster that does not answer is asked again, ever more seldom. Only
        what the cluster refuses raises: ForbiddenError.
        """
        pause = PAUSE
        while True:
            try:
                listed = self._listed(query)
                found = {_name(item): mapping(item) for item in sequence(listed.get("items"))}
                yield dict(found)
                if version := text(mapping(listed.get("metadata")).get("resourceVersion")):
                    pause = PAUSE
                    yield from self._changes(query, found, version)
                    continue
                # The cluster does not know the kind yet.
            except ForbiddenError:
                raise
            except WorldError as error:
                unheard(error)
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _changes(self, query: Query, found: dict[str, Value], version: str) -> Iterator[dict[str, Value]]:
        """Until the server no longer knows where we were."""
        while True:
            about = _about(query, watch=True, since=version)
            path = _path(query.resource, query.namespace) + about
            response = self._response("GET", path, query.resource, quiet=QUIET)
            try:
                for line in _lines(response):
                    event = mapping(json.loads(line))
                    kind, item = event.get("type"), mapping(event.get("object"))
                    if kind == "ERROR":
                        if item.get("code") == GONE:
                            return
                        raise WorldError(f"{self.name}: {item.get('message')}")
                    version = text(mapping(item.get("metadata")).get("resourceVersion")) or version
                    if kind == "BOOKMARK":
                        continue
                    if kind == "DELETED":
                        found.pop(_name(item), None)
                    else:
                        found[_name(item)] = item
                    yield dict(found)
            except (urllib3.exceptions.HTTPError, ValueError) as error:
                raise WorldError(f"{self.name}: the connection broke: {error}") from None
            finally:
                response.close()

    def _asked(
        self, method: str, path: str, resource: Resource | None = None, *, body: Value | None = None, **missing: Any
    ) -> Any:
        """What the API server answers, as JSON. `missing`: what stands for an answer where nothing is there."""
        response = self._response(method, path, resource, body=body, accept_missing=bool(missing))
        try:
            data = response.data  # all of it, so that the connection can be used again
            return missing["missing"] if response.status == NOT_FOUND else json.loads(data)
        except urllib3.exceptions.HTTPError as error:
            raise self._silent(error) from None
        except ValueError:
            raise self._no_kubernetes() from None

    def _response(
        self,
        method: str,
        path: str,
        resource: Resource | None = None,
        *,
        body: Value | None = None,
        quiet: float = READ,
        accept_missing: bool = False,
    ) -> urllib3.BaseHTTPResponse:
        """What the API server answers, unread."""
        settings = self._client.configuration
        headers = {"Accept": "application/json", "User-Agent": "onboard"}
        # Asked each time: credentials expire.
        headers |= {found["key"]: str(found["value"]).strip() for found in settings.auth_settings().values()}
        if body is not None:
            headers["Content-Type"] = MERGE_PATCH if method == "PATCH" else "application/json"
        try:
            response: urllib3.BaseHTTPResponse = self._client.rest_client.pool_manager.request(
                method,
                settings.host + path,
                body=json.dumps(body) if body is not None else None,
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT, read=quiet),
                retries=AGAIN,
                redirect=False,
                preload_content=False,
            )
            if response.status < 300 or (accept_missing and response.status == NOT_FOUND):
                return response
            said = _said(response.data)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._silent(error) from None
        except ValueError:  # its text would show them
            raise WorldError(f"the credentials for the cluster {self.name} are none", _reach(self.name)) from None
        raise self._refusal(response.status, said, resource)

    def _refusal(self, status: int, said: str, resource: Resource | None) -> WorldError:
        if status == 401:
            hint = "Log in again: the credentials of its context are missing, wrong or expired."
            return ForbiddenError(f"the cluster {self.name} does not know you: {said}", hint)
        if status == 403:
            what = f"forbids to look at {resource}" if resource else "forbids it"
            return ForbiddenError(f"the cluster {self.name} {what}: {said}", "docs/platform-team.md lists the rights.")
        return WorldError(f"the cluster {self.name} says {status}: {said}")

    def _silent(self, error: BaseException) -> WorldError:
        return WorldError(f"the cluster {self.name} does not answer: {_cause(error)}", _reach(self.name))

    def _no_kubernetes(self) -> WorldError:
        return WorldError(f"what answers for the cluster {self.name} is no Kubernetes API server", _reach(self.name))


def refresh(argocd: Cluster, namespace: str, application: str) -> None:
    """Ask Argo CD to look at an Application now. Raises WorldError if that may not be, or cannot."""
    argocd.annotate(APPLICATIONS, namespace, application, {"argocd.argoproj.io/refresh": "normal"})


def _client(context: str) -> kubernetes.client.ApiClient:
    """Raises WorldError if the context is not whole, or what should bring its credentials fails."""
    try:
        with _complaints() as complaints:
            made: kubernetes.client.ApiClient = kubernetes.config.new_client_from_config(  # type: ignore[no-untyped-call]
                _files(), context
            )
    except Exception as error:  # a name, a file, a certificate: the package fails as it comes
        raise WorldError(f"the context {context!r} cannot be used: {_first_line(error)}", _reach(context)) from None
    if complaints:
        raise WorldError(f"the context {context!r} gives no credentials: {complaints[0]}", _reach(context))
    return made


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What the package would write to stderr: a program for credentials that fails is no exception to it."""
    heard: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(handler)


def _reach(context: str) -> str:
    asked = f"kubectl --context {shlex.quote(context)} get --raw /readyz"
    return f"Is the cluster up, and reachable from here? `{asked}` asks it."


def _root(resource: Resource) -> str:
    """The path of the kind's group and version."""
    return f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"


def _path(resource: Resource, namespace: str = "", name: str = "") -> str:
    """Of one object, or of all of a kind: in a namespace, or without one wherever they are."""
    place = ("namespaces", namespace) if resource.namespaced and namespace else ()
    parts = (*place, resource.plural, *filter(None, (name,)))
    return "/".join((_root(resource), *(quote(part, safe="") for part in parts)))


def _about(query: Query, *, watch: bool = False, since: str = "") -> str:
    """What follows the path in an address."""
    words = {"labelSelector": query.selector, "fieldSelector": query.fields}
    if watch:
        words |= {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH),
            "resourceVersion": since,
        }
    said = urlencode({name: value for name, value in words.items() if value})
    return f"?{said}" if said else ""


def _lines(response: Any) -> Iterator[bytes]:
    """Whole lines of a stream."""
    rest = b""
    for part in response.stream(amt=None, decode_content=True):
        *lines, rest = (rest + part).split(b"\n")
        yield from (line for line in lines if line)


def _first_line(error: BaseException) -> str:
    """Errors of YAML and of the disk go on with places and programs."""
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[0]


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

"""What the world around a config repo looks like: git, its remote, the clusters, Argo CD. Only looks, changes nothing.

What cannot be seen is a value too, with its reason; a cluster that does not answer is asked once and hides no other.
"""

import base64
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from onboarding_tool.adapters import cluster as clusters
from onboarding_tool.adapters import renderer
from onboarding_tool.adapters.cluster import Cluster, ForbiddenError, Query, Resource, Value
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.doctor.of_clusters import GATEWAY, absence
from onboarding_tool.doctor.of_git import MAIN
from onboarding_tool.doctor.results import then
from onboarding_tool.doctor.seen import ArgoSeen, Clone, ClusterSeen, Entry, Remote, Rights, Root, Seen, Unseen, World
from onboarding_tool.errors import WorldError
from onboarding_tool.generators.layout import is_delivered
from onboarding_tool.generators.projects import platform_name
from onboarding_tool.model import Environment, Platform, Repo, mapping, sequence, text

SAMPLE = 10  # namespaces of an environment that are asked one by one for rights
RENDERING = ("argocd-repo-server", "argocd-application-controller")  # by app.kubernetes.io/name
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete")
EVERYTHING = Resource("*", "*", "*")
T = TypeVar("T")


def look(repo: Repo, root: Path, environments: Sequence[Environment], argocd_context: str | None) -> World:
    """What is seen: all of it, or what these environments need. Without `argocd_context`, Argo CD is looked for in the
    current context.
    """
    kubeconfig = _seen(clusters.kubeconfig)
    contexts = then(kubeconfig, lambda found: found.contexts)
    current = "" if isinstance(kubeconfig, Unseen) else kubeconfig.current
    argocd = argocd_context or current
    everywhere = len(environments) == len(repo.platform.environments)
    names = [*(repo.platform.clusters if everywhere else ()), *(one.cluster for one in environments)]
    places = {name: repo.platform.clusters.get(name, "") for name in names}
    # One after another: the package keeps files of credentials in a way that threads would spoil.
    connected = {context: _connected(context, contexts) for context in {argocd, *places.values()}}
    answers = {
        name: _meanwhile(
            partial(_cluster, connected[context], repo, [one for one in environments if one.cluster == name])
        )
        for name, context in places.items()
    }
    answer = _meanwhile(partial(_argocd, connected[argocd], argocd, repo.platform, environments))
    git = _seen(GitRepo.version)
    clone = then(git, lambda _: _seen(lambda: _clone(GitRepo.open(root), environments)))
    binary = _seen(lambda: str(renderer.binary()))
    seen = {name: later.result() for name, later in answers.items()}
    return World(git, clone, binary, contexts, answer.result(), seen)


def _seen(ask: Callable[[], Seen[T]]) -> Seen[T]:
    try:
        return ask()
    except WorldError as error:
        return Unseen(error.message, error.hint)


def _meanwhile(ask: Callable[[], T]) -> "Future[T]":
    """The answer to be, from a thread that does not outlive us: who presses Ctrl-C does not wait for a cluster."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return answer


def _connected(context: str, contexts: Seen[tuple[str, ...]]) -> Seen[Cluster]:
    if isinstance(contexts, Unseen):
        return Unseen(contexts.reason)
    return _seen(partial(Cluster.connect, context)) if context in contexts else Unseen(absence(context))


# Git


def _clone(git: GitRepo, environments: Sequence[Environment]) -> Clone:
    main = git.run("rev-parse", "--verify", "-q", f"{MAIN}^{{commit}}", accept=(0, 1)).decode().strip()
    identity = _seen(git.identity)
    return Clone(
        has_identity=not isinstance(identity, Unseen),
        prefix=git.prefix,
        branch=git.branch(),
        is_shallow=git.is_shallow,
        main=main,
        origin=_remote(git, main, {one.revision for one in environments}),
    )


def _remote(git: GitRepo, main: str, revisions: set[str]) -> Remote | None:
    configured = git.run("config", "--get", "remote.origin.url", accept=(0, 1)).decode("utf-8", "replace").strip()
    if not configured:
        return None
    rewritten = git.run("remote", "get-url", "origin").decode("utf-8", "replace").strip()
    asked = ("ls-remote", "--symref", "origin", "HEAD", *sorted({MAIN, *revisions}))
    answer = _seen(lambda: git.ask_remote(*asked).decode("utf-8", "replace"))
    if isinstance(answer, Unseen):
        return Remote(
            (configured, rewritten), Unseen(f"`origin` does not answer: {answer.reason}", "git ls-remote origin")
        )
    pairs = [line.split("\t") for line in answer.splitlines() if line.count("\t") == 1]
    refs = {name: commit for commit, name in pairs if not commit.startswith("ref: ")}
    default = next((target.removeprefix("ref: ") for target, name in pairs if target.startswith("ref: ")), "")
    return Remote((configured, rewritten), refs, default, _steps(git, main, refs.get(MAIN, "")))


def _steps(git: GitRepo, here: str, there: str) -> tuple[int, int] | None:
    if not here or not there:
        return None
    counts = git.run("rev-list", "--left-right", "--count", f"{here}...{there}", accept=(0, 128)).split()
    return (int(counts[0]), int(counts[1])) if len(counts) == 2 else None


# Clusters


def _cluster(connected: Seen[Cluster], repo: Repo, environments: Sequence[Environment]) -> ClusterSeen:
    version = then(connected, lambda cluster: _seen(cluster.version))
    if isinstance(connected, Unseen) or isinstance(version, Unseen):
        silent = {one.name: _unanswered(version) for one in environments}
        return ClusterSeen(version, silent, silent)
    return ClusterSeen(
        version,
        {one.name: _seen(partial(_entry, connected, one)) for one in environments},
        {one.name: _seen(partial(_rights, connected, repo, one)) for one in environments},
    )


def _unanswered(version: Seen[str]) -> Unseen:
    """For what stands on the cluster; how to reach it is said once."""
    assert isinstance(version, Unseen)
    return Unseen(version.reason)


def _entry(cluster: Cluster, environment: Environment) -> Entry:
    if environment.entry.target != GATEWAY:
        return Entry(True, tuple(sorted(map(_name, cluster.list(Query(clusters.INGRESS_CLASSES))))))
    if not (cluster.knows(clusters.GATEWAYS) and cluster.knows(clusters.HTTP_ROUTES)):
        return Entry(False)
    namespace, _, _ = environment.entry.ingress_class.rpartition("/")
    found = cluster.list(Query(clusters.GATEWAYS, namespace))
    return Entry(
        True, tuple(sorted(f"{mapping(item.get('metadata')).get('namespace')}/{_name(item)}" for item in found))
    )


def _rights(cluster: Cluster, repo: Repo, environment: Environment) -> Seen[Rights]:
    """What following a release in the namespaces of an environment needs: in all at once, or in each."""
    needed = [(verb, kind) for kind in (clusters.DEPLOYMENTS, clusters.PODS) for verb in ("list", "watch")]
    lacking = [(verb, kind) for verb, kind in needed if not cluster.may(verb, kind)]
    if not lacking:
        return Rights()
    apis = [api for api in repo.apis.values() if is_delivered(api) and environment.name in api.environments]
    namespaces = sorted({api.environments[environment.name].namespace for api in apis})
    if not namespaces:
        return Unseen("no API is delivered there yet, so there is no namespace to ask for")
    asked = namespaces[:SAMPLE]
    missing = [
        (verb, str(kind), place) for place in asked for verb, kind in lacking if not cluster.may(verb, kind, place)
    ]
    return Rights(tuple(missing), len(asked), len(namespaces))


# Argo CD


def _argocd(
    connected: Seen[Cluster], context: str, platform: Platform, environments: Sequence[Environment]
) -> ArgoSeen:
    version = then(connected, lambda cluster: _seen(cluster.version))
    if isinstance(connected, Unseen) or isinstance(version, Unseen):
        silent = _unanswered(version)
        roots = dict.fromkeys((one.name for one in environments), silent)
        return ArgoSeen(context, version, silent, silent, silent, silent, silent, silent, silent, roots)
    cluster, namespace = connected, platform.argocd_namespace
    has_namespace = _seen(lambda: cluster.get(clusters.NAMESPACES, namespace) is not None)
    has_kinds = _seen(lambda: all(map(cluster.knows, (clusters.APPLICATIONS, clusters.PROJECTS))))
    absent = Unseen(f"there is no namespace {namespace}") if has_namespace is False else None
    unknown = absent or (Unseen("the cluster does not know the kinds of Argo CD") if has_kinds is False else None)

    def inside(ask: Callable[[], Seen[T]]) -> Seen[T]:
        return _seen(ask) if absent is None else absent

    def of_argocd(ask: Callable[[], Seen[T]]) -> Seen[T]:
        return _seen(ask) if unknown is None else unknown

    return ArgoSeen(
        context,
        version,
        has_namespace,
        has_kinds,
        images=inside(lambda: dict(_images(cluster, namespace))),
        settings=inside(lambda: _settings(cluster, namespace)),
        default_project=of_argocd(lambda: cluster.get(clusters.PROJECTS, "default", namespace)),
        registered=inside(lambda: _registered(cluster, namespace)),
        rights=inside(lambda: frozenset(_verbs(cluster, namespace))),
        roots={one.name: of_argocd(partial(_root, cluster, namespace, platform_name(one))) for one in environments},
    )


def _images(cluster: Cluster, namespace: str) -> Iterator[tuple[str, str]]:
    """(workload, image) of what renders and what deploys."""
    for kind in (clusters.DEPLOYMENTS, clusters.STATEFUL_SETS):
        for item in cluster.list(Query(kind, namespace, selector="app.kubernetes.io/part-of=argocd")):
            name = text(mapping(mapping(item.get("metadata")).get("labels")).get("app.kubernetes.io/name"))
            if name in RENDERING:
                yield name, _image(item, name)


def _image(item: Value, name: str) -> str:
    """Of the container that does the work: plugins run beside it. Charts leave `argocd-` out of its name."""
    pod = mapping(mapping(mapping(item.get("spec")).get("template")).get("spec"))
    containers = [mapping(container) for container in sequence(pod.get("containers"))]
    own = (container for container in containers if name.endswith(text(container.get("name")) or "/"))
    return text(next(own, containers[0] if containers else {}).get("image"))


def _settings(cluster: Cluster, namespace: str) -> Seen[dict[str, str]]:
    found = cluster.get(clusters.CONFIG_MAPS, "argocd-cm", namespace)
    if found is None:
        return Unseen(f"there is no ConfigMap argocd-cm in {namespace}")
    return {key: text(value) for key, value in mapping(found.get("data")).items()}


def _registered(cluster: Cluster, namespace: str) -> Seen[tuple[str, ...]]:
    """The names of clusters, once for each Secret; nothing else of these is kept."""
    try:
        found = cluster.list(Query(clusters.SECRETS, namespace, "argocd.argoproj.io/secret-type=cluster"))
    except ForbiddenError:
        reason = "the Secrets that register clusters hold their credentials, and you may not list them"
        return Unseen(reason, "A pipeline need not; an administrator of Argo CD sees it with `onboard doctor`.")
    names = (text(mapping(item.get("data")).get("name")) for item in found)
    return tuple(base64.b64decode(name).decode("utf-8", "replace") for name in names if name)


def _verbs(cluster: Cluster, namespace: str) -> Iterator[str]:
    yield from (verb for verb in VERBS if cluster.may(verb, clusters.APPLICATIONS, namespace))
    if cluster.may("*", EVERYTHING):
        yield "*"


def _root(cluster: Cluster, namespace: str, name: str) -> Root:
    kinds: Any = (clusters.PROJECTS, clusters.APPLICATIONS)
    return Root(*(cluster.get(kind, name, namespace) for kind in kinds))


def _name(item: Value) -> str:
    return text(mapping(item.get("metadata")).get("name"))

"""What was seen of the world: plain values, and the reason where something could not be seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from onboarding_tool.model import PLATFORM_FILE

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unseen:
    """Why something is not known, as half a sentence, and what would show it."""

    reason: str
    fix: str = ""


UNREAD = Unseen(f"{PLATFORM_FILE} cannot be read", "`onboard check` says what is wrong with it.")

T = TypeVar("T")
Seen: TypeAlias = T | Unseen


@dataclass(frozen=True, slots=True)
class Remote:
    """The remote origin. `urls`: as it is configured, and as git's own rewriting makes it.

    `refs`: commits by full ref, of those that matter. `default`: the ref that HEAD is there, "" if the remote does
    not say it. `steps`: how many commits the local main is ahead and behind; None if
    there is no local main, or git does not know the remote's commit here.
    """

    urls: tuple[str, ...]
    refs: Seen[Mapping[str, str]]
    default: str = ""
    steps: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Clone:
    """The git repository around the config repo. `main`: the commit of the local branch main, "" without one."""

    has_identity: bool = True
    prefix: str = ""
    branch: str | None = "refs/heads/main"
    is_shallow: bool = False
    main: str = ""
    origin: Remote | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What could serve the routes of an environment: the names of its IngressClasses, or of its Gateways.

    `is_known`: whether the cluster has that kind at all.
    """

    is_known: bool
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rights:
    """What of an environment's workloads the asker may not do: (verb, kind, namespace), "" for all namespaces.

    `namespaces` of how many of them were asked; the whole cluster where that is enough.
    """

    missing: tuple[tuple[str, str, str], ...] = ()
    asked: int = 0
    namespaces: int = 0


@dataclass(frozen=True, slots=True)
class ClusterSeen:
    """One cluster of platform.yaml. `version` of Kubernetes as major.minor; unseen if it cannot be asked."""

    version: Seen[str]
    entries: Mapping[str, Seen[Entry]] = field(default_factory=dict)
    rights: Mapping[str, Seen[Rights]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Root:
    """What is applied by hand for an environment, as it is in Argo CD's cluster; None where it is missing."""

    project: Value | None
    application: Value | None


@dataclass(frozen=True, slots=True)
class ArgoSeen:
    """Argo CD and its cluster. `context`: by which it is asked, "" if the kubeconfig chooses none.

    `images`: of its controller and repo-server, by workload; empty if neither runs there.
    `settings`: the data of argocd-cm, empty if there is none. `registered`: the names of clusters, once for each
    Secret. `rights`: which verbs on Applications the asker has.
    """

    context: str
    version: Seen[str]
    has_namespace: Seen[bool]
    has_kinds: Seen[bool]
    images: Seen[Mapping[str, str]]
    settings: Seen[Mapping[str, str]]
    default_project: Seen[Value | None]
    registered: Seen[tuple[str, ...]]
    rights: Seen[frozenset[str]]
    roots: Mapping[str, Seen[Root]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """All of it. `git`: its version, unseen if it is not installed. `contexts`: those of the kubeconfig.

    `renderer`: where it is. `clusters`: those of platform.yaml that were asked for, by name.
    """

    git: Seen[str]
    clone: Seen[Clone]
    renderer: Seen[str]
    contexts: Seen[tuple[str, ...]]
    argocd: ArgoSeen
    clusters: Mapping[str, ClusterSeen] = field(default_factory=dict)

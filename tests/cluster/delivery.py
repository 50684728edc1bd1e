"""A config repo while Argo CD delivers it, for all tests of a module; and what lives in the cluster because of it."""

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster import conditions, config_repo
from tests.cluster.argocd import NAMESPACE, ArgoCD
from tests.cluster.client import Cluster, Condition, Object
from tests.cluster.config_repo import ENVIRONMENT, TEAM, TENANT, ConfigRepo, Onboard
from tests.cluster.remote import create
from tests.support.cli import ONBOARD, Done
from tests.support.git import git

LIVING = ("Deployment", "Pod", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Ingress")
# Many APIs begin at once, and none is healthy before its HPA was looked at: every 15 s.
BEGIN_SECONDS = 180.0
# Kind, namespace and name of an object, and its uid: the same uid is the same object, never deleted and made anew.
Uids = dict[tuple[str, str, str], str]


@dataclass(frozen=True, slots=True)
class Delivery:
    """`begin` hands the repo to Argo CD; what is published after that is delivered."""

    repo: ConfigRepo
    argocd: ArgoCD
    cluster: Cluster
    namespaces: list[str] = field(default_factory=list)

    def namespace(self, word: str) -> str:
        """A new namespace, which is deleted at the end."""
        name = f"{word}-{secrets.token_hex(3)}"
        self.cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        # Pods are refused before it is there.
        self.cluster.wait_until(conditions.there, "ServiceAccount", "default", name)
        self.namespaces.append(name)
        return name

    def add(self, tenant: str, *apis: str) -> str:
        """Scaffold APIs of a tenant in a new namespace, which is returned; commit nothing."""
        if tenant != TENANT:
            self.repo.onboard("team", "add", TEAM, "--tenant", tenant)
        namespace = self.namespace(tenant)
        for api in apis:
            self.repo.add(api, namespace, tenant=tenant)
        return namespace

    def begin(self, *apis: str) -> None:
        """Push, and apply the root, until these APIs are healthy."""
        self.repo.push("Begin")
        config_repo.deliver(self.repo, self.argocd, self.cluster)
        for api in apis:
            self.argocd.wait_until(conditions.synced_and_healthy, application(api), BEGIN_SECONDS)

    def push(self, message: str) -> str:
        """Generate, commit, push, and let Argo CD look; returns the commit."""
        commit = self.repo.push(message)
        self.refresh()
        return commit

    def publish(self, message: str) -> str:
        """As `push`, but nothing is generated: what was done by hand stays."""
        self.commit(message)
        return self._sent()

    def commit(self, message: str) -> None:
        """Commit everything as it is; push nothing."""
        git(self.repo.folder, "add", "-A")
        git(self.repo.folder, "commit", "-q", "-m", message)

    def revert(self) -> str:
        """`git revert` of the last commit, pushed; returns the new one."""
        git(self.repo.folder, "revert", "--no-edit", "HEAD")
        return self._sent()

    def _sent(self) -> str:
        git(self.repo.folder, "push", "-q", "origin", "main")
        self.refresh()
        return self.repo.head()

    def applications(self) -> list[str]:
        return [item["metadata"]["name"] for item in self.cluster.objects("Application", NAMESPACE)]

    def refresh(self) -> None:
        for name in self.applications():
            self.argocd.refresh(name)

    def settle(self) -> None:
        """As Argo CD's, for all Applications."""
        self.argocd.settle(self.applications)

    def living(self) -> Uids:
        """The workloads in our namespaces, and all that Argo CD was given to deliver them."""
        places = [(kind, namespace) for namespace in self.namespaces for kind in LIVING]
        places += [(kind, NAMESPACE) for kind in ("Application", "AppProject")]
        found = {
            (kind, namespace, item["metadata"]["name"]): item["metadata"]["uid"]
            for kind, namespace in places
            for item in self.cluster.objects(kind, namespace)
        }
        for namespace in self.namespaces:
            home = self.cluster.get("Namespace", namespace)
            assert home is not None
            found["Namespace", "", namespace] = home["metadata"]["uid"]
        return found


@contextmanager
def prepared(
    argocd: ArgoCD, cluster: Cluster, folder: Path, environments: tuple[str, ...] = (ENVIRONMENT,)
) -> Iterator[Delivery]:
    """A config repo without an API, not yet pushed; all environments are that cluster.

    At the end Argo CD forgets it, and its namespaces are deleted.
    """
    # What a sync of the module before made after that one's end.
    argocd.reset()
    repo = config_repo.make(folder / "config", create(folder / "git"), runner(cluster), cluster, environments)
    delivery = Delivery(repo, argocd, cluster)
    try:
        yield delivery
    finally:
        argocd.reset()
        for namespace in delivery.namespaces:
            cluster.delete("Namespace", namespace)


def runner(cluster: Cluster) -> Onboard:
    """The command as a process of its own, with all rights in the cluster."""

    def run(*words: str | Path, at: Path | None = None) -> Done:
        command = [ONBOARD, *map(str, words)]
        settings = {**os.environ, "KUBECONFIG": str(cluster.kubeconfig)}
        done = subprocess.run(command, cwd=at, env=settings, capture_output=True, text=True, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    return run


def application(api: str) -> str:
    return f"{api}-{ENVIRONMENT}"


def parent(tenant: str) -> str:
    """The Application that reads the Applications of a tenant."""
    return f"tenant-{tenant}-{ENVIRONMENT}"


def project(tenant: str) -> str:
    return f"{tenant}-{ENVIRONMENT}"


def with_sync(status: str) -> Condition:
    def check(application: Object) -> bool:
        return bool(application.get("status", {}).get("sync", {}).get("status") == status)

    check.__name__ = status
    return check


def saying(words: str, commit: str = "") -> Condition:
    """An Application that says so, in a condition or of an object that it synced (of that commit, if one is given)."""

    def check(application: Object) -> bool:
        return any(words in message for message in said(application, commit))

    check.__name__ = f"saying {words!r}"
    return check


def said(application: Object, commit: str = "") -> list[str]:
    status = application.get("status", {})
    result = status.get("operationState", {}).get("syncResult") or {}
    synced = (result.get("resources") or []) if commit in ("", result.get("revision")) else []
    return [item["message"] for item in [*(status.get("conditions") or []), *synced] if item.get("message")]


def deleting(item: Object) -> bool:
    return "deletionTimestamp" in item["metadata"]

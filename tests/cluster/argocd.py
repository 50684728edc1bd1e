"""A real Argo CD (its controller and its repo-server, with a redis) on a cluster."""

import base64
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes.dynamic.exceptions import NotFoundError

from tests.cluster import conditions
from tests.cluster.client import Cluster, Condition, Object
from tests.cluster.controlplane import answers
from tests.cluster.processes import free_port, listens, programs
from tests.cluster.remote import Remote
from tests.cluster.tools import Tools

NAMESPACE = "argocd"
REFRESH = "argocd.argoproj.io/refresh"
# How often Argo CD looks by itself, without a refresh; it may take twice as long to see a commit.
RESYNC_SECONDS = 10
# Argo CD's own server, which makes this project, does not run here.
DEFAULT_PROJECT: Object = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "default", "namespace": NAMESPACE},
    "spec": {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    },
}
# No metric counts renders. Stands before the real kustomize on the repo-server's PATH.
COUNTING_KUSTOMIZE = """\
#!/bin/sh
if [ "$1" = build ]; then
    url=$(git -C "$2" remote get-url origin)
    commit=$(git -C "$2" rev-parse HEAD)
    printf '%s\\t%s\\t%s\\n' "$url" "$commit" "$(git -C "$2" rev-parse --show-prefix)" >>'{log}'
fi
exec '{kustomize}' "$@"
"""


@dataclass(frozen=True, order=True, slots=True)
class Render:
    """One call of kustomize by Argo CD."""

    commit: str
    folder: str  # from the repository's root, without a slash at the end


def application(
    name: str,
    remote: Remote,
    path: str,
    namespace: str,
    cluster: str = "in-cluster",
    annotations: Mapping[str, str] = {},
    **spec: Any,
) -> Object:
    """An Application that follows main by itself; `spec` replaces parts of its spec."""
    usual = {
        "project": "default",
        "source": {"repoURL": remote.url, "path": path, "targetRevision": "refs/heads/main"},
        "destination": {"name": cluster, "namespace": namespace},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    }
    metadata = {"name": name, "namespace": NAMESPACE, "annotations": annotations}
    kind = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
    return {**kind, "metadata": metadata, "spec": usual | spec}


@dataclass(frozen=True, slots=True)
class ArgoCD:
    cluster: Cluster
    folder: Path

    def create_application(self, *words: Any, **settings: Any) -> None:
        """Applies what `application` makes of them."""
        self.cluster.apply(application(*words, **settings))

    def refresh(self, name: str) -> None:
        """Asks Argo CD to look at git now; does not wait for it."""
        self.cluster.patch("Application", name, {"metadata": {"annotations": {REFRESH: "normal"}}}, NAMESPACE)

    def settle(self, applications: Callable[[], Iterable[str]]) -> None:
        """Until it has twice compared each of these with what was pushed last, and done what it wanted to.

        What has not happened by then does not happen. Once is not enough: a comparison that began before our push takes
        away the annotation that we set after it; and the first may make further Applications.
        """
        for _ in range(2):
            names = list(applications())
            for name in names:
                self.refresh(name)
            for name in names:
                self.wait_until(rested, name)

    def wait_until(self, condition: Condition, name: str, within: float = 60.0) -> Object:
        """The Application when it meets the condition. Raises AssertionError after `within` seconds."""
        return self.cluster.wait_until(condition, "Application", name, NAMESPACE, within)

    def register(self, cluster: Cluster) -> None:
        """Makes the cluster known under its name, as Applications say it in destination.name."""
        settings = {
            "bearerToken": cluster.connection.token,
            "tlsClientConfig": {"caData": base64.b64encode(cluster.connection.authority.encode()).decode()},
        }
        labels = {"argocd.argoproj.io/secret-type": "cluster"}
        self.cluster.apply(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": f"cluster-{cluster.name}", "namespace": NAMESPACE, "labels": labels},
                "stringData": {
                    "name": cluster.name,
                    "server": cluster.connection.url,
                    "config": json.dumps(settings),
                },
            }
        )

    def renders(self, remote: Remote) -> list[Render]:
        """All calls of kustomize for this repository so far, in their order."""
        if not self._render_log.exists():
            return []
        lines = (line.split("\t") for line in self._render_log.read_text(encoding="utf-8").splitlines())
        return [Render(commit, folder.rstrip("/")) for url, commit, folder in lines if url == remote.url]

    @property
    def _render_log(self) -> Path:
        return self.folder / "renders"

    def reset(self) -> None:
        """Forgets Applications, projects and clusters; what they deployed stays."""
        # From the top: who makes others would make them anew.
        while applications := self.cluster.objects("Application", NAMESPACE):
            names = {item["metadata"]["name"] for item in applications}
            tops = [item for item in applications if _maker(item) not in names]
            for item in filter(_makes_others, tops):
                self._stop(item["metadata"]["name"])
            self._forget("Application", tops)
        projects = self.cluster.objects("AppProject", NAMESPACE)
        self._forget("AppProject", [project for project in projects if project["metadata"]["name"] != "default"])
        for secret in self.cluster.objects("Secret", NAMESPACE, labels="argocd.argoproj.io/secret-type=cluster"):
            self.cluster.delete("Secret", secret["metadata"]["name"], NAMESPACE)

    def _stop(self, name: str) -> None:
        """A sync that is under way outlives its Application, and would make others after its end."""
        self.cluster.patch("Application", name, {"spec": {"syncPolicy": None}}, NAMESPACE)
        if not _idle(self.wait_until(_begun, name)):
            change = {"status": {"operationState": {"phase": "Terminating"}}}
            self.cluster.patch("Application", name, change, NAMESPACE)
        self.wait_until(_idle, name)

    def _forget(self, kind: str, items: list[Object]) -> None:
        for name in (item["metadata"]["name"] for item in items):
            with suppress(NotFoundError):  # its parent was faster
                self.cluster.patch(kind, name, {"metadata": {"finalizers": None}}, NAMESPACE)
            self.cluster.delete(kind, name, NAMESPACE)
            self.cluster.wait_until_gone(kind, name, NAMESPACE)


def rested(application: Object) -> bool:
    """It has compared since a refresh was asked for, and syncs nothing."""
    phase = application.get("status", {}).get("operationState", {}).get("phase")
    return REFRESH not in application["metadata"].get("annotations", {}) and _idle(application) and phase != "Running"


def _maker(application: Object) -> str:
    """The name of the Application that made this one; empty if a person did."""
    tracked: str = application["metadata"].get("annotations", {}).get("argocd.argoproj.io/tracking-id", "")
    return tracked.partition(":")[0]


def _makes_others(application: Object) -> bool:
    return any(item["kind"] == "Application" for item in application.get("status", {}).get("resources") or [])


def _begun(application: Object) -> bool:
    """Its sync, if it has one, can be terminated."""
    return _idle(application) or "operationState" in application.get("status", {})


def _idle(application: Object) -> bool:
    """It syncs nothing."""
    return "operation" not in application


@contextmanager
def running(tools: Tools, cluster: Cluster, folder: Path) -> Iterator[ArgoCD]:
    """Argo CD on the cluster until the block ends. Its folder must not exist; only the logs stay behind.

    Raises ProgramError if a program does not start.
    """
    with programs(folder) as group:
        argocd = ArgoCD(cluster, folder)
        redis, repo_server, metrics = free_port(), free_port(), free_port()
        words = ["--bind", "127.0.0.1", "--port", str(redis), "--dir", str(folder), "--save", "", "--appendonly", "no"]
        group.start(tools.redis, *words)
        group.wait_for("redis-server", lambda: listens(redis))
        environment = _environment(tools, argocd)
        group.start(
            tools.argocd / "argocd-repo-server",
            "--address=127.0.0.1",
            f"--port={repo_server}",
            "--metrics-address=127.0.0.1",
            f"--metrics-port={free_port()}",
            f"--redis=127.0.0.1:{redis}",
            "--disable-tls",
            **environment,
        )
        _install(tools, cluster)
        group.wait_for("argocd-repo-server", lambda: listens(repo_server))
        group.start(
            tools.argocd / "argocd-application-controller",
            f"--kubeconfig={cluster.kubeconfig}",
            f"--namespace={NAMESPACE}",
            f"--repo-server=127.0.0.1:{repo_server}",
            "--repo-server-plaintext",
            f"--redis=127.0.0.1:{redis}",
            f"--metrics-port={metrics}",
            **environment,
        )
        group.wait_for("argocd-application-controller", lambda: answers(f"http://127.0.0.1:{metrics}/healthz"))
        yield argocd


def _install(tools: Tools, cluster: Cluster) -> None:
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    manifests = json.loads((tools.argocd / "manifests.json").read_text(encoding="utf-8"))
    cluster.apply(*manifests, namespace=NAMESPACE)
    for definition in manifests:
        if definition["kind"] == "CustomResourceDefinition":
            cluster.wait_until(conditions.established, definition["kind"], definition["metadata"]["name"])
    cluster.apply(DEFAULT_PROJECT)


def _environment(tools: Tools, argocd: ArgoCD) -> dict[str, str]:
    folder = argocd.folder
    for name in ("bin", "empty"):
        (folder / name).mkdir()
    kustomize = folder / "bin/kustomize"
    kustomize.write_text(COUNTING_KUSTOMIZE.format(log=argocd._render_log, kustomize=tools.kustomize), encoding="utf-8")
    kustomize.chmod(0o755)
    empty = str(folder / "empty")
    return {
        "PATH": f"{folder}/bin:{os.environ['PATH']}",
        "ARGOCD_TLS_DATA_PATH": empty,
        "ARGOCD_SSH_DATA_PATH": empty,
        "ARGOCD_PLUGINSOCKFILEPATH": empty,
        "ARGOCD_ASK_PASS_SOCK": str(folder / "askpass.sock"),
        "ARGOCD_GPG_ENABLED": "false",
        # The destination in-cluster is the kubeconfig's cluster.
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "KUBECONFIG": str(argocd.cluster.kubeconfig),
        "ARGOCD_SYNC_WAVE_DELAY": "0",
        "ARGOCD_RECONCILIATION_TIMEOUT": f"{RESYNC_SECONDS}s",
        "ARGOCD_RECONCILIATION_JITTER": "0s",
        # It writes what it has patched over what it was told meanwhile, and so may overlook a refresh until it looks by
        # itself. While git's content is in error it would then tell nothing for three minutes.
        "ARGOCD_REPO_ERROR_GRACE_PERIOD_SECONDS": "0s",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }

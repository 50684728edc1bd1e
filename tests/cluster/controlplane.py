"""A Kubernetes control plane with one node whose pods are simulated: etcd, API server, controllers, scheduler, kwok."""

import secrets
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kubernetes import config
from kubernetes.dynamic import DynamicClient

from tests.cluster import certificates, conditions
from tests.cluster.client import Cluster, Connection
from tests.cluster.processes import Programs, free_port, programs
from tests.cluster.tools import Tools

STAGES = Path(__file__).with_name("stages.yaml")
NODE = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "node", "labels": {"kubernetes.io/hostname": "node", "kubernetes.io/os": "linux"}},
}


@contextmanager
def running(tools: Tools, folder: Path, name: str) -> Iterator[Cluster]:
    """A new cluster of that name until the block ends. Its folder must not exist; only the logs stay behind.

    Raises ProgramError if a program does not start.
    """
    with programs(folder) as group:
        certificates.write(folder)
        etcd = _start_etcd(tools, group)
        connection = _start_api_server(tools, group, name, etcd)
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(connection.kubeconfig(), encoding="utf-8")
        for role in ("kube-controller-manager", "kube-scheduler"):
            # Without a port: nothing asks them.
            words = [f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0"]
            if role == "kube-controller-manager":
                words += [f"--service-account-private-key-file={folder}/server.key", f"--root-ca-file={folder}/ca.crt"]
                # Argo CD calls a new HPA Progressing until it was looked at first; 15 s is the default.
                words += ["--horizontal-pod-autoscaler-sync-period=1s"]
            group.start(tools.kubernetes / role, *words)
        _start_kwok(tools, group, kubeconfig)
        api = DynamicClient(config.new_client_from_config(str(kubeconfig)), cache_file=str(folder / "discovery.json"))
        cluster = Cluster(connection, folder, api)
        cluster.apply(NODE)
        cluster.wait_until(conditions.ready, "Node", within=60)
        # Pods are refused before it is there.
        cluster.wait_until(conditions.there, "ServiceAccount", "default", "default", within=60)
        yield cluster


def _start_etcd(tools: Tools, group: Programs) -> str:
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    group.start(
        tools.kubernetes / "etcd",
        f"--data-dir={group.folder}/etcd",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        # Nothing of it must outlive a crash.
        "--unsafe-no-fsync",
    )
    return client


def _start_api_server(tools: Tools, group: Programs, name: str, etcd: str) -> Connection:
    folder, port, token = group.folder, free_port(), secrets.token_hex(16)
    (folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n', encoding="utf-8")
    group.start(
        tools.kubernetes / "kube-apiserver",
        f"--etcd-servers={etcd}",
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={folder}/server.crt",
        f"--tls-private-key-file={folder}/server.key",
        f"--token-auth-file={folder}/tokens.csv",
        f"--service-account-key-file={folder}/server.key",
        f"--service-account-signing-key-file={folder}/server.key",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--authorization-mode=Node,RBAC",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/16",
        "--allow-privileged",
    )
    url = f"https://127.0.0.1:{port}"
    authority = (folder / "ca.crt").read_text()
    group.wait_for("kube-apiserver", lambda: answers(f"{url}/readyz", authority))
    return Connection(name, url, authority, token)


def _start_kwok(tools: Tools, group: Programs, kubeconfig: Path) -> None:
    group.start(
        tools.kwok,
        f"--kubeconfig={kubeconfig}",
        f"--config={STAGES}",
        "--manage-all-nodes=true",
        "--node-ip=127.0.0.1",
        "--cidr=10.244.0.1/16",
        # It keeps the node alive; without, the controllers take it for dead after 50 s.
        "--node-lease-duration-seconds=40",
    )


def answers(url: str, authority: str = "") -> bool:
    """Whether the server says that all is well."""
    trust = ssl.create_default_context(cadata=authority) if authority else None
    try:
        with urllib.request.urlopen(url, context=trust, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False

"""The rights that the documentation lists, granted as they stand there."""

import json

import yaml

from tests.cluster.argocd import NAMESPACE
from tests.cluster.client import Cluster, Object
from tests.support.pages import RIGHTS, blocks_of


def documented() -> list[list[Object]]:
    """The rights that the documentation lists: in Argo CD's cluster, and in each environment's."""
    in_argocd, in_environments = blocks_of(RIGHTS)
    return [list(yaml.safe_load_all(block.text)) for block in (in_argocd, in_environments)]


def grant(cluster: Cluster, rights: list[Object], account: str) -> None:
    """To the service account of that name in the namespace of that name."""
    for item in json.loads(json.dumps(rights).replace("onboard-bot", account)):
        if "subjects" in item:
            item["subjects"] = [{"kind": "ServiceAccount", "name": account, "namespace": account}]
        cluster.apply(item)


def revoke(cluster: Cluster, account: str) -> None:
    for kind in ("ClusterRole", "ClusterRoleBinding"):
        cluster.delete(kind, account)
    for kind in ("Role", "RoleBinding"):
        cluster.delete(kind, account, NAMESPACE)

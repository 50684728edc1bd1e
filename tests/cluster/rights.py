"""The rights that the documentation lists, granted as they stand there."""

import json
import re
from pathlib import Path

import yaml

from tests.cluster.argocd import NAMESPACE
from tests.cluster.client import Cluster, Object

PAGE = Path(__file__).parents[2] / "docs/platform-team.md"


def documented() -> list[list[Object]]:
    """The rights that the documentation lists: in Argo CD's cluster, and in each environment's."""
    page = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    parsed = [
        list(yaml.safe_load_all(block)) for block in blocks if "kind: Role" in block or "kind: ClusterRole" in block
    ]
    assert len(parsed) == 2
    return parsed


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

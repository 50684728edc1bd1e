"""A workload for tests on a cluster, alone and as an overlay that Argo CD renders."""

import json
from typing import Any

IMAGE = "registry.example/web/app"
KUSTOMIZATION = """\
resources: [deployment.yaml]
images: [{name: %s, newTag: %s}]
"""


def deployment(tag: str = "v1", replicas: int = 1, name: str = "web", **template: Any) -> dict[str, Any]:
    """With one container `app`; `template` adds to the pods' spec."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": f"{IMAGE}:{tag}"}], **template},
            },
        },
    }


def overlay(tag: str = "v1", folder: str = "web") -> dict[str, str]:
    """The files of a Deployment named as the folder; a release changes the tag."""
    return {
        f"{folder}/deployment.yaml": json.dumps(deployment(name=folder)),
        f"{folder}/kustomization.yaml": KUSTOMIZATION % (IMAGE, tag),
    }

"""What an import leaves behind: objects that Kubernetes makes itself, and fields that the cluster owns.

Everything else is kept. In particular nothing of a pod template goes, not even what a `kubectl rollout restart` wrote
there: a pod template that changes restarts its pods.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from onboarding_tool.checks import argocd_annotation, kind_forbidden, kustomize_annotation
from onboarding_tool.kinds import TENANT_KINDS
from onboarding_tool.legacy.export import Exported, printable, refusal
from onboarding_tool.legacy.values import Note
from onboarding_tool.model import mapping, sequence, text
from onboarding_tool.yamltext import Path

Removal = tuple[Path, str]

CLUSTER = "the cluster writes it"
OVERLAY = "each overlay sets the namespace"
NODE_PORT = "the cluster hands it out; clients of this node port need the new number if the Service is ever made anew"
CLUSTER_IP = "the cluster hands it out"
AUTOSCALED = "the HorizontalPodAutoscaler owns the number of replicas"
MADE_BY_KUBERNETES = "Kubernetes makes it itself"
STEERS_ARGOCD = "it steers Argo CD, and how an API is delivered is generated from metadata.yaml"
STEERS_KUSTOMIZE = "it steers kustomize"
SAYS_NOTHING = "it is empty and says nothing"

CLUSTER_METADATA = (
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "ownerReferences",
    "selfLink",
    "finalizers",
    "clusterName",
)
# Written by kubectl and by controllers of Kubernetes and GKE.
CLUSTER_ANNOTATIONS = re.compile(
    r"kubectl\.kubernetes\.io/last-applied-configuration"
    r"|deployment\.kubernetes\.io/(?:revision|desired-replicas|max-replicas|revision-history)"
    r"|autoscaling\.alpha\.kubernetes\.io/(?:conditions|current-metrics)"
    r"|endpoints\.kubernetes\.io/last-change-trigger-time"
    r"|pv\.kubernetes\.io/(?:bind-completed|bound-by-controller)"
    r"|volume\.(?:beta\.)?kubernetes\.io/(?:storage-provisioner|selected-node)"
    r"|cloud\.google\.com/neg-status"
    r"|ingress\.kubernetes\.io/(?:backends|forwarding-rule|https-forwarding-rule|ssl-cert|target-proxy"
    r"|https-target-proxy|url-map)"
    r"|autopilot\.gke\.io/(?:resource-adjustment|warden-version)"
)

CONTROLLED_KINDS = ("ReplicaSet", "Endpoints", "EndpointSlice", "Event", "ControllerRevision", "Lease")
ROOT_CERTIFICATES = ("kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert")
TOKEN = "kubernetes.io/service-account-token"
SECRET_HINT = (
    "In Git, all who read the repo could read it, for good. Leave the Secret in the cluster; manifests refer to it "
    "by name; or let External Secrets make it: an ExternalSecret may be imported. Then import without the Secret."
)


def sorted_out(objects: Iterable[Exported]) -> tuple[list[Exported], list[Note]]:
    """(what is kept, what is not). Raises UsageError for a plaintext Secret: nothing of its export is written."""
    kept, notes, secrets = [], [], []
    for item in objects:
        if item.object.kind == "Secret" and item.value.get("type") != TOKEN:
            secrets.append(item.fault(f"{item.title} is a plaintext Secret"))
        elif reason := _why_not(item):
            notes.append(Note(item.title, (), reason))
        else:
            kept.append(item)
    if secrets:
        raise refusal(secrets, SECRET_HINT)
    return kept, notes


def _why_not(item: Exported) -> str | None:
    kind, name = item.object.kind, item.object.name
    if kind == "Secret" or kind in CONTROLLED_KINDS or (kind, name) == ("ServiceAccount", "default"):
        return MADE_BY_KUBERNETES
    if kind == "ConfigMap" and name in ROOT_CERTIFICATES:
        return MADE_BY_KUBERNETES
    if owner := _controller(item):
        return MADE_BY_KUBERNETES if kind == "Pod" else f"{owner} makes it, as its controller"
    if (item.object.group, kind) in TENANT_KINDS:
        return None
    if kind == "Ingress":
        version = printable(text(item.value["apiVersion"]))
        return f"{version} is gone from Kubernetes: export ingresses.v1.networking.k8s.io instead"
    allowed = f"Allowed are {', '.join(kind for _, kind in TENANT_KINDS)}."
    return f"an API may not have one. {kind_forbidden.REASONS.get(kind, allowed)}"


def _controller(item: Exported) -> str | None:
    """`ReplicaSet payments-6c9d`: the object that made this one and would make it again."""
    for owner in sequence(item.object.get("metadata", "ownerReferences")):
        if mapping(owner).get("controller") is True:
            return f"{printable(text(owner.get('kind')))} {printable(text(owner.get('name')))}"
    return None


def autoscaled(objects: Iterable[Exported]) -> frozenset[str]:
    """The Deployments that a HorizontalPodAutoscaler of the export scales."""
    targets = (
        mapping(item.object.get("spec", "scaleTargetRef")) for item in _of_kind(objects, "HorizontalPodAutoscaler")
    )
    return frozenset(text(target.get("name")) for target in targets if target.get("kind") == "Deployment")


def _of_kind(objects: Iterable[Exported], kind: str) -> Iterator[Exported]:
    return (item for item in objects if item.object.kind == kind)


def removals(item: Exported, scaled: frozenset[str]) -> list[Removal]:
    """(field, reason) of every field of an object that is not kept."""
    return [*_common(item.value), *_annotations(item), *_of_its_kind(item, scaled)]


def _common(value: Mapping[str, Any]) -> Iterator[Removal]:
    metadata = mapping(value.get("metadata"))
    if "status" in value:
        yield ("status",), CLUSTER
    for key in CLUSTER_METADATA:
        if key in metadata:
            yield ("metadata", key), CLUSTER
    if "namespace" in metadata:
        yield ("metadata", "namespace"), OVERLAY


def _annotations(item: Exported) -> Iterator[Removal]:
    for key in mapping(item.object.get("metadata", "annotations")):
        if reason := _why_no_annotation(key):
            yield ("metadata", "annotations", key), reason
    for key in mapping(item.object.get("metadata", "labels")):
        if _steers_argocd(key):
            yield ("metadata", "labels", key), STEERS_ARGOCD


def _why_no_annotation(key: str) -> str | None:
    if CLUSTER_ANNOTATIONS.fullmatch(key):
        return CLUSTER
    if key in kustomize_annotation.NAMES or key.partition("/")[0] in kustomize_annotation.DOMAINS:
        return STEERS_KUSTOMIZE
    return STEERS_ARGOCD if _steers_argocd(key) or key in argocd_annotation.HOOKS else None


def _steers_argocd(key: str) -> bool:
    domain = key.partition("/")[0]
    return domain == argocd_annotation.DOMAIN or domain.endswith(f".{argocd_annotation.DOMAIN}")


def _of_its_kind(item: Exported, scaled: frozenset[str]) -> Iterator[Removal]:
    kind = item.object.kind
    if kind == "Deployment":
        yield from _of_deployment(item, scaled)
    elif kind == "Service":
        yield from _of_service(mapping(item.value.get("spec")))
    elif kind == "ServiceAccount":
        yield from _of_service_account(item)
    elif kind == "PersistentVolumeClaim":
        yield from _of_claim(item)


def _of_deployment(item: Exported, scaled: frozenset[str]) -> Iterator[Removal]:
    if item.object.name in scaled and item.object.get("spec", "replicas") is not None:
        yield ("spec", "replicas"), AUTOSCALED
    template = mapping(item.object.get("spec", "template", "metadata"))
    if "creationTimestamp" in template and template["creationTimestamp"] is None:
        yield ("spec", "template", "metadata", "creationTimestamp"), SAYS_NOTHING


def _of_service(spec: Mapping[str, Any]) -> Iterator[Removal]:
    if "clusterIP" in spec and spec["clusterIP"] != "None":
        yield ("spec", "clusterIP"), CLUSTER_IP
    for key in ("clusterIPs", "healthCheckNodePort"):
        if key in spec:
            yield ("spec", key), CLUSTER_IP
    if spec.get("ipFamilyPolicy", "SingleStack") == "SingleStack" and spec.get("ipFamilies", ["IPv4"]) == ["IPv4"]:
        for key in ("ipFamilies", "ipFamilyPolicy"):
            if key in spec:
                yield ("spec", key), "it is what a cluster sets where nothing is said"
    for index, port in enumerate(sequence(spec.get("ports"))):
        if "nodePort" in mapping(port):
            yield ("spec", "ports", index, "nodePort"), f"{port['nodePort']}: {NODE_PORT}"


def _of_service_account(item: Exported) -> Iterator[Removal]:
    """Names of token Secrets that clusters before Kubernetes 1.24 made for every ServiceAccount."""
    secrets = sequence(item.value.get("secrets"))
    made = re.compile(rf"{re.escape(item.object.name)}-(?:token|dockercfg)-[a-z0-9]{{5}}")
    if secrets and all(made.fullmatch(text(mapping(secret).get("name"))) for secret in secrets):
        yield ("secrets",), MADE_BY_KUBERNETES


def _of_claim(item: Exported) -> Iterator[Removal]:
    """The volume that the cluster bound to a claim; one that a person chose stays."""
    bound = item.object.get("metadata", "annotations", "pv.kubernetes.io/bound-by-controller")
    if bound and item.object.get("spec", "volumeName") is not None:
        yield ("spec", "volumeName"), CLUSTER


def collapsed(value: Mapping[str, Any], paths: Iterable[Path]) -> list[Path]:
    """The paths to remove, in an order that keeps the others true; mappings that would be left empty go whole."""
    wanted = set(paths)
    parents = {path[:-1] for path in wanted if len(path) > 1}
    for parent in sorted(parents, key=len, reverse=True):
        held = _at(value, parent)
        if isinstance(held, dict) and all((*parent, key) in wanted for key in held):
            wanted = {path for path in wanted if path[:-1] != parent} | {parent}
    return sorted(wanted, key=lambda path: [str(step).zfill(9) for step in path], reverse=True)


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def without(value: Any, path: Path) -> Any:
    """A copy of `value` without the place at `path`; what lies beside it is shared."""
    head, rest = path[0], path[1:]
    if rest:
        return with_value(value, path[:1], without(value[head], rest))
    if isinstance(value, list):
        return [item for index, item in enumerate(value) if index != head]
    return {key: item for key, item in value.items() if key != head}


def with_value(value: Any, path: Path, new: Any) -> Any:
    """A copy of `value` with another one at `path`."""
    if not path:
        return new
    if isinstance(value, list):
        return [with_value(item, path[1:], new) if index == path[0] else item for index, item in enumerate(value)]
    return {key: with_value(item, path[1:], new) if key == path[0] else item for key, item in value.items()}

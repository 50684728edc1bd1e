"""What `Cluster.wait_until` waits for. The name of a condition stands in the message when it does not come."""

from typing import Any

from tests.cluster.client import Condition, Object


def there(item: Object) -> bool:
    return True


def available(deployment: Object) -> bool:
    """All replicas are of the newest template, and ready."""
    status = deployment.get("status", {})
    counts = {status.get(key, 0) for key in ("replicas", "updatedReplicas", "availableReplicas")}
    is_newest = status.get("observedGeneration") == deployment["metadata"]["generation"]
    return is_newest and counts == {deployment["spec"]["replicas"]}


def ready(item: Object) -> bool:
    """A node, or a pod with all its containers."""
    return condition_of(item, "Ready") == "True"


def established(definition: Object) -> bool:
    return condition_of(definition, "Established") == "True"


def with_address(item: Object) -> bool:
    """An Ingress, or a Service of type LoadBalancer."""
    return bool(item.get("status", {}).get("loadBalancer", {}).get("ingress"))


def waiting(reason: str) -> Condition:
    """A pod one of whose containers waits for this reason, as ImagePullBackOff."""

    def check(pod: Object) -> bool:
        return any(status["state"].get("waiting", {}).get("reason") == reason for status in container_statuses(pod))

    return _named(check, f"waiting: {reason}")


def synced_and_healthy(application: Object) -> bool:
    status = application.get("status", {})
    return (
        status.get("sync", {}).get("status") == "Synced"
        and status.get("health", {}).get("status") == "Healthy"
        and "operation" not in application
    )


def synced_at(commit: str) -> Condition:
    """An Application that has compared with this commit, and has nothing to do."""

    def check(application: Object) -> bool:
        status = application.get("status", {})
        return synced_and_healthy(application) and bool(status["sync"].get("revision") == commit)

    return _named(check, f"synced at {commit[:8]}")


def with_health(health: str) -> Condition:
    def check(application: Object) -> bool:
        found: str = application.get("status", {}).get("health", {}).get("status", "")
        return found == health

    return _named(check, health)


def delivered(commit: str, image: str) -> Condition:
    """An Application that has this commit and nothing else of it to do, and runs this image."""

    def check(application: Object) -> bool:
        images = application.get("status", {}).get("summary", {}).get("images", [])
        return synced_at(commit)(application) and image in images

    return _named(check, f"synced and healthy at {commit[:8]} with {image}")


def with_replicas(size: int) -> Condition:
    """A Deployment that shall have so many pods."""

    def check(deployment: Object) -> bool:
        wanted: int = deployment["spec"]["replicas"]
        return wanted == size

    return _named(check, f"with {size} replicas")


def rescaled_to(size: int) -> Condition:
    """Of an event: an autoscaler has set another number of replicas."""

    def check(event: Object) -> bool:
        return event["reason"] == "SuccessfulRescale" and event["message"].startswith(f"New size: {size};")

    return _named(check, f"the HPA's scaling to {size}")


def condition_of(item: Object, kind: str) -> str | None:
    """The status of the condition of that type: True, False or Unknown."""
    conditions: list[dict[str, Any]] = item.get("status", {}).get("conditions") or []
    return next((found["status"] for found in conditions if found["type"] == kind), None)


def container_statuses(pod: Object) -> list[dict[str, Any]]:
    """Of the init containers, then of the others."""
    status = pod.get("status", {})
    return [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]


def _named(condition: Condition, name: str) -> Condition:
    condition.__name__ = name
    return condition

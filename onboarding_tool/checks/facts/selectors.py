"""Which pods an object runs, and which a selector means."""

from collections.abc import Mapping
from typing import Any

from onboarding_tool.model import POD_SPECS, Object, mapping, sequence, text


def pod_labels(item: Object) -> Mapping[str, Any] | None:
    """The labels of the pods that an object runs; None if it runs none."""
    keys = POD_SPECS.get(item.kind)
    return mapping(item.get(*keys[:-1], "metadata", "labels")) if keys else None


def is_within(wanted: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    return all(name in labels and labels[name] == value for name, value in wanted.items())


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a selector of `matchLabels` and `matchExpressions` means such pods; an empty one means all."""
    expressions = (mapping(item) for item in sequence(selector.get("matchExpressions")))
    return is_within(mapping(selector.get("matchLabels")), labels) and all(_holds(one, labels) for one in expressions)


def _holds(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """An operator that there is not is left to the rule `object-invalid`."""
    name, values = text(expression.get("key")), sequence(expression.get("values"))
    match expression.get("operator"):
        case "In":
            return name in labels and labels[name] in values
        case "NotIn":
            return name not in labels or labels[name] not in values
        case "Exists":
            return name in labels
        case "DoesNotExist":
            return name not in labels
    return True

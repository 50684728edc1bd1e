"""What a team's own pull request may change, by the capability level of the API: judged on rendered objects."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from onboarding_tool.diff_words import path_text
from onboarding_tool.findings import Finding
from onboarding_tool.gate.rules import change_not_permitted, image_changed_outside_request
from onboarding_tool.model import POD_SPECS
from onboarding_tool.render_diff import Action, Effects, FieldChange, Named, ObjectChange

CONTAINERS = ("containers", "initContainers")
AMOUNTS = ("cpu", "memory", "ephemeral-storage")
BOUNDS = ("minReplicas", "maxReplicas")
# Where the files are, below the API's directory, that a capability is about. `*` also stands for a slash.
PLACES: Mapping[str, tuple[str, ...]] = {
    "config": ("overlays/*/config/*", "overlays/*/kustomization.yaml"),
    "resources": ("base/*.yaml", "overlays/*.yaml"),
    "autoscaling": ("base/*.yaml", "overlays/*.yaml"),
}
SHOWN = 10  # findings of an environment; a wrong patch may change a thousand fields


@dataclass(frozen=True, slots=True)
class Level:
    """A capability level as the base's platform.yaml has it."""

    name: str
    permits: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(place for capability in self.permits for place in PLACES.get(capability, ())))

    @property
    def permitted(self) -> str:
        """In words."""
        return ", ".join(self.permits) or "release requests only"

    def judge(self, api: str, environment: str, path: str, effects: Effects) -> Iterator[Finding]:
        """What of the effects is more than the level permits. `path`: the file that the findings are shown at."""
        found = list(self._refused(api, environment, path, effects))
        yield from found[:SHOWN]
        if len(found) > SHOWN:
            yield change_not_permitted.finding(path, f"{len(found) - SHOWN} more changes in {environment}")

    def _refused(self, api: str, environment: str, path: str, effects: Effects) -> Iterator[Finding]:
        if effects.is_broken:
            problem = f"{environment} cannot be rendered, so nobody can tell what changes: "
            yield change_not_permitted.finding(path, problem + (effects.broken_after or effects.broken_before))
        renamed = [(item.previous_name, item.identity.name) for item in effects.objects if _is_renamed_config(item)]
        for item in effects.objects:
            what = f"{item.identity.kind} {item.identity.name}"
            if item.action is not Action.CHANGED or (item.is_renamed and not self._may_be_renamed(item)):
                yield change_not_permitted.finding(path, self._said(f"{what} would be {_word(item)}", environment))
            for change in item.fields:
                if container := _image_of(item, change):
                    image = str(change.after)
                    yield image_changed_outside_request.finding(path, api, environment, container, image)
                elif not self._permits(item, change, renamed):
                    problem = f"{path_text(change.path)} of {what} would be {change.action}"
                    yield change_not_permitted.finding(path, self._said(problem, environment))

    def _said(self, problem: str, environment: str) -> str:
        return f"{problem} in {environment}; {self.name} permits {self.permitted}"

    def _permits(self, item: ObjectChange, change: FieldChange, renamed: Collection[tuple[object, object]]) -> bool:
        if "config" in self.permits and (_is_content(item, change) or (change.before, change.after) in renamed):
            return True
        if "resources" in self.permits and _is_resource(item, change):
            return True
        return "autoscaling" in self.permits and _is_bound(item, change)

    def _may_be_renamed(self, item: ObjectChange) -> bool:
        return "config" in self.permits and _is_renamed_config(item)


def restarts(effects: Effects) -> Iterable[str]:
    """The workloads whose pods are replaced, since something in their templates changes."""
    for item in effects.objects:
        pod = POD_SPECS.get(item.identity.kind, ())
        if any(change.path[:2] == pod[:2] == ("spec", "template") for change in item.fields):
            yield item.identity.name


def _word(item: ObjectChange) -> str:
    return "renamed" if item.is_renamed else str(item.action)


def _is_renamed_config(item: ObjectChange) -> bool:
    return item.is_renamed and (item.identity.group, item.identity.kind) == ("", "ConfigMap")


def _is_content(item: ObjectChange, change: FieldChange) -> bool:
    is_config = (item.identity.group, item.identity.kind) == ("", "ConfigMap")
    return is_config and bool(change.path) and change.path[0] in ("data", "binaryData")


def _image_of(item: ObjectChange, change: FieldChange) -> str:
    """The container whose image changes; "" for any other change."""
    match _in_pod(item, change):
        case (str(group), Named("name", str(name)), "image") if group in CONTAINERS:
            return name
    return ""


def _is_resource(item: ObjectChange, change: FieldChange) -> bool:
    match _in_pod(item, change):
        case (str(group), Named("name", str()), "resources", *rest) if group in CONTAINERS:
            return all(_is_ordinary((*rest, *keys)) for value in (change.before, change.after) for keys in _keys(value))
    return False


def _keys(value: object) -> Iterator[tuple[object, ...]]:
    """The paths to the leaves of nested mappings."""
    if not isinstance(value, dict):
        yield ()
        return
    for key, item in value.items():
        yield from ((key, *rest) for rest in _keys(item))


def _is_ordinary(path: tuple[object, ...]) -> bool:
    """Of `resources`: what every pod uses. Others, such as GPUs and claims, are the platform's to give."""
    if not path:
        return True
    return path[0] in ("requests", "limits") and (len(path) == 1 or (len(path) == 2 and path[1] in AMOUNTS))


def _in_pod(item: ObjectChange, change: FieldChange) -> tuple[object, ...]:
    """The path below the pod's spec; () if the change is not in one."""
    pod = POD_SPECS.get(item.identity.kind, ())
    inside = bool(pod) and change.path[: len(pod)] == pod
    return change.path[len(pod) :] if inside else ()


def _is_bound(item: ObjectChange, change: FieldChange) -> bool:
    if (item.identity.group, item.identity.kind) != ("autoscaling", "HorizontalPodAutoscaler"):
        return False
    return len(change.path) == 2 and change.path[0] == "spec" and change.path[1] in BOUNDS

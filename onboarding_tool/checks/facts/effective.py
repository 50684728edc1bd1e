"""The image that each container runs, for the rules that judge it, and the place that says so."""

from collections.abc import Iterator

from onboarding_tool import images, slots
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.model import Api, text
from onboarding_tool.slots import Running

REPOSITORY = ("newName",)
VERSION = ("newTag", "digest")


def running(api: Api, environment: str) -> Iterator[Running]:
    """Every container whose image can be pulled at all; the rule `image-invalid` speaks of the others."""
    for one in slots.running(api, environment):
        if images.problem(one.written) is None and images.problem(one.image) is None:
            yield one


def fault(api: Api, environment: str, one: Running, says: tuple[str, ...], problem: str, hint: str) -> Fault:
    """A fault where the image is said: a field of `says` in the overlay's entry that moves it, else the manifest."""
    overlay = api.overlays.get(environment)
    if overlay and one.entry is not None:
        entry = slots.entries(overlay)[one.entry]
        for field in says:
            if text(entry.get(field)):
                return Fault(overlay.path, ("images", one.entry, field), problem, hint)
    return as_written(one, problem, hint)


def as_written(one: Running, problem: str, hint: str) -> Fault:
    """A fault at the image in the manifest."""
    at = (*one.object.at, *one.at, "image")
    return Fault(one.object.path, at, problem, hint, one.object.document)


def named(one: Running) -> str:
    """`container 'app' of 'payments'`."""
    return f"{'init ' if one.init else ''}container {one.container!r} of {one.deployment!r}"

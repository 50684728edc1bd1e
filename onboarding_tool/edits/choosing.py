"""Which slot a command means, and which image: named in full, or the only one there is. Never a guess."""

from collections.abc import Sequence

from onboarding_tool import images, slots
from onboarding_tool.errors import UsageError
from onboarding_tool.images import Image
from onboarding_tool.model import Api
from onboarding_tool.slots import Running
from onboarding_tool.wording import did_you_mean, listed


def choose(
    api: Api, environment: str, deployment: str | None = None, container: str | None = None
) -> tuple[Running, ...]:
    """The slot that holds the container meant, that container first.

    Raises UsageError if no container of the environment fits the names, or if those that fit lie in several slots.
    """
    every = slots.running(api, environment)
    fitting = _fitting(every, deployment, container)
    if not fitting:
        raise _nothing_fits(api, environment, every, deployment, container)
    if len({one.written.name for one in fitting}) > 1:
        raise _ambiguous(api, environment, fitting)
    meant = next((one for one in fitting if not one.init), fitting[0])
    others = (one for one in slots.slot(api, environment, meant) if one != meant)
    return (meant, *others)


def _fitting(every: Sequence[Running], deployment: str | None, container: str | None) -> list[Running]:
    return [one for one in every if deployment in (None, one.deployment) and container in (None, one.container)]


def _nothing_fits(
    api: Api, environment: str, every: Sequence[Running], deployment: str | None, container: str | None
) -> UsageError:
    if not every:
        hint = (
            f"Look at apps/{api.name}/base and {api.overlay_folder(environment)}; `onboard check` says what is missing."
        )
        return UsageError(f"{api.name} runs no container in {environment}", hint)
    deployments = dict.fromkeys(one.deployment for one in every)
    if deployment is not None and deployment not in deployments:
        return UsageError(
            f"{api.name} has no Deployment {deployment!r} in {environment}",
            did_you_mean(deployment, deployments, f"It has {listed(deployments)}."),
        )
    containers = dict.fromkeys(one.container for one in _fitting(every, deployment, None))
    return UsageError(
        f"{deployment or api.name} has no container {container!r} in {environment}",
        did_you_mean(container or "", containers, f"It has {listed(containers)}."),
    )


def _ambiguous(api: Api, environment: str, fitting: Sequence[Running]) -> UsageError:
    """One line for each slot, as the options that choose it."""
    seen: dict[str, Running] = {}
    for one in fitting:
        seen.setdefault(one.written.name, one)
    lines = (f"  --deployment {one.deployment} --container {one.container}  ({one.image})" for one in seen.values())
    message = f"{api.name} has {len(seen)} slots in {environment} that this could mean"
    return UsageError(message, "\n".join(["Say which one:", *lines]))


def refuse_image(image: Image, current: Running) -> None:
    """Raises UsageError for what no runtime could pull; for a version alone with the reference that would do."""
    if (version := images.alone(str(image))) and not images.same_repository(image.name, current.image.name):
        what = "a digest" if version.tag is None else "a tag"
        whole = version.renamed(current.image.name)
        raise UsageError(f"{image} is {what}, and the whole reference is wanted", f"Write `{whole}`.")
    if problem := images.problem(image):
        raise UsageError(f"{str(image).strip() or 'the image is empty'}: {problem}", images.FORM)

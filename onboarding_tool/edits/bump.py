"""A bump: the overlay's `images:` say another tag or digest for one slot, and nothing else changes.

The edit is a splice of the one entry (`kustomize edit set image` sorts the list and loses comments), and refuses the
lists in which an entry means more than it says. Whether the image may run here is not judged: the rules do that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from onboarding_tool import image_entries, images, slots, yamltext
from onboarding_tool.edits.choosing import choose, refuse_image
from onboarding_tool.errors import BugError, UsageError
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Kustomization, Repo, mapping
from onboarding_tool.slots import Running
from onboarding_tool.tree import SYMLINK, Changes
from onboarding_tool.wording import did_you_mean, listed
from onboarding_tool.yamltext import KUSTOMIZATION, Mark, Path
from onboarding_tool.yamltext.splicing import SpliceError


@dataclass(frozen=True, slots=True)
class Bump:
    """What a bump writes. `changes` is empty if the slot runs the image already; `slot` is sorted."""

    changes: Changes
    slot: tuple[tuple[str, str], ...]
    old: Image
    new: Image
    path: str


class BumpRefused(UsageError):  # noqa: N818 - says what happened, as a finding would
    """The overlay's `images:` cannot be edited safely. The message begins with file, line and column."""


def bump(
    repo: Repo, api: Api, environment: str, target: Image, deployment: str | None = None, container: str | None = None
) -> Bump:
    """The change that makes every container of one slot run `target`.

    Raises UsageError if the words name no slot or more than one, or no image of the slot's repository, and BumpRefused.
    """
    overlay = _overlay(api, environment)
    _refuse_strange(repo, overlay)
    chosen = choose(api, environment, deployment, container)
    _refuse_reference(target, chosen[0])
    _refuse_unsafe(repo, api, environment, overlay)
    _refuse_unmatched(repo, chosen)
    new = _in_repository(target, chosen[0])
    names = tuple(sorted((one.deployment, one.container) for one in chosen))
    done = Bump({}, names, chosen[0].image, new, overlay.path)
    if all(one.image == new for one in chosen):
        return done
    text = _edited(repo, overlay, chosen[0], new)
    _refuse_too_long(overlay, text)
    _prove(repo, api, environment, text, chosen, new)
    return replace(done, changes={overlay.path: text.encode("utf-8")})


def _overlay(api: Api, environment: str) -> Kustomization:
    if environment not in api.overlays:
        known = f"It has {listed(sorted(api.overlays), 'none')}."
        hint = did_you_mean(environment, api.overlays, known)
        raise UsageError(f"{api.name} has no overlay for the environment {environment!r}", hint)
    return api.overlays[environment]


def _refuse_reference(target: Image, current: Running) -> None:
    refuse_image(target, current)
    if target.tag is None and target.digest is None:
        raise UsageError(f"{target} has neither tag nor digest", f"Name a version, as in {target}:v1.2.3.")


def _in_repository(target: Image, current: Running) -> Image:
    """The target under the name that the slot's image has: `redis` and `docker.io/library/redis` are one."""
    name = current.image.name
    if not images.same_repository(target.name, name):
        message = f"the container {current.container} of {current.deployment} runs {name}, not {target.name}"
        raise UsageError(message, "A bump changes the version. Another repository is a change of the configuration.")
    return target.renamed(name)


# What is not edited


def _refuse_strange(repo: Repo, overlay: Kustomization) -> None:
    """A file that is no plain kustomization: whoever reads it may see something else than kustomize does."""
    if repo.tree[overlay.path].mode == SYMLINK:
        raise BumpRefused(f"{overlay.path}:1:1: a symbolic link", "Put the kustomization itself in its place.")
    for problem in yamltext.read(repo.tree.read(overlay.path), KUSTOMIZATION).problems:
        raise _refused(overlay.path, Mark(problem.line, problem.column), problem.message, problem.hint)
    for field, reason, way_out in image_entries.strange_fields(overlay.value):
        raise _refused(overlay.path, _mark(repo, overlay, (field,), key=True), reason, way_out)


def _refuse_unsafe(repo: Repo, api: Api, environment: str, overlay: Kustomization) -> None:
    for index, reason, way_out in _unsafe(api, environment, overlay):
        raise _refused(overlay.path, _mark(repo, overlay, ("images", index)), reason, way_out)
    for mark in _ambiguous(repo, overlay):
        reason = "without quotes, YAML readers differ on what this value is"
        raise _refused(overlay.path, mark, reason, image_entries.QUOTE_IT)


def _unsafe(api: Api, environment: str, overlay: Kustomization) -> Iterator[image_entries.Unsafe]:
    written = (str(one.written) for one in slots.running(api, environment))
    yield from image_entries.unsafe(slots.entries(overlay), written)


def _ambiguous(repo: Repo, overlay: Kustomization) -> Iterator[Mark]:
    """Where `images:` holds a value that only some readers take for text, such as the date 2026-11-20."""
    problems = yamltext.read(repo.tree.read(overlay.path), replace(KUSTOMIZATION, strict=True)).problems
    if not problems:
        return
    marks = {Mark(problem.line, problem.column) for problem in problems}
    for index, entry in enumerate(slots.entries(overlay)):
        places = (_mark(repo, overlay, ("images", index, field)) for field in entry)
        yield from (place for place in places if place in marks)


def _refuse_unmatched(repo: Repo, chosen: Sequence[Running]) -> None:
    """An image that no entry of its own name would match, such as `app:${TAG}`."""
    for one in chosen:
        if not image_entries.matches(one.written.name, str(one.written)):
            at = (*one.object.at, *one.at, "image")
            mark = yamltext.locate(repo.tree.read(one.object.path), at, one.object.document)
            reason = f"kustomize matches no image entry with {str(one.written)!r}"
            raise _refused(one.object.path, mark, reason, "Write the image without a tag.")


def _refused(path: str, mark: Mark, reason: str, way_out: str) -> BumpRefused:
    return BumpRefused(f"{path}:{mark.line}:{mark.column}: {reason}", way_out)


def _mark(repo: Repo, overlay: Kustomization, at: Path, *, key: bool = False) -> Mark:
    return yamltext.locate(repo.tree.read(overlay.path), at, key=key)


# The edit


def _edited(repo: Repo, overlay: Kustomization, one: Running, new: Image) -> str:
    text = repo.tree.read(overlay.path).decode("utf-8")
    try:
        if one.entry is None:
            return _with_entry(text, overlay, {"name": one.written.name} | _version(new))
        return _with_version(text, one.entry, slots.entries(overlay)[one.entry], new)
    except SpliceError as refused:
        mark = Mark(refused.line, refused.column)
        raise _refused(overlay.path, mark, refused.message, "Write the file plainly, then try again.") from None


def _version(new: Image) -> dict[str, str]:
    parts = {"newTag": new.tag, "digest": new.digest}
    return {field: value for field, value in parts.items() if value is not None}


def _with_entry(text: str, overlay: Kustomization, entry: Mapping[str, str]) -> str:
    if "images" in overlay.value:
        return yamltext.append(text, ("images",), entry)
    return yamltext.set_key(text, (), "images", [entry])


def _with_version(text: str, index: int, entry: Mapping[str, Any], new: Image) -> str:
    """The entry with exactly the new tag and digest, each set before the other goes: no entry is ever empty."""
    at, version = ("images", index), _version(new)
    present = list(entry)
    for field, value in version.items():
        text = yamltext.set_key(text, at, field, value, after=None if field in present else _before(field, present))
        present.append(field)
    for field in ("newTag", "digest"):
        if field in entry and field not in version:
            text = yamltext.remove(text, (*at, field))
    return text


def _before(field: str, present: Sequence[str]) -> str:
    """The field behind which a new one is written."""
    order = image_entries.FIELDS
    return [one for one in order[: order.index(field)] if one in present][-1]


def _refuse_too_long(overlay: Kustomization, text: str) -> None:
    """It could be read until now, and nobody would read it then."""
    if (size := len(text.encode("utf-8"))) > KUSTOMIZATION.max_bytes:
        reason = f"it would have {size:,} bytes, and at most {KUSTOMIZATION.max_bytes:,} are read"
        raise _refused(overlay.path, Mark(1, 1), reason, "Move patches to files of their own, or take out comments.")


# The proof


def _prove(repo: Repo, api: Api, environment: str, text: str, chosen: Sequence[Running], new: Image) -> None:
    """The text read again moves exactly the slot, to the new image. Raises BugError, and BumpRefused for a chain."""
    overlay = api.overlays[environment]
    parsed = yamltext.read(text.encode("utf-8"), KUSTOMIZATION)
    if parsed.problems:
        raise BugError(f"a bump of {overlay.path} broke it: {parsed.problems[0].message}; nothing was written")
    edited = replace(overlay, value=mapping(parsed.documents[0]))
    after = replace(api, overlays={**api.overlays, environment: edited})
    for _, reason, way_out in _unsafe(after, environment, edited):
        mark = _mark(repo, overlay, ("images",), key=True)
        raise _refused(overlay.path, mark, f"with an entry for {chosen[0].written.name}: {reason}", way_out)
    for before, now in zip(slots.running(api, environment), slots.running(after, environment), strict=True):
        if now.image != (new if before in chosen else before.image):
            raise BugError(f"a bump of {overlay.path} makes {now.container} run {now.image}; nothing was written")

"""Entries of a kustomization's `images:` that do something else than their reader thinks.

kustomize takes an entry's name for a regular expression, applies `tagSuffix` twice, lets the last of two entries of
one name win, hands one entry's result to the next, and reads keys in any case (measured with kustomize 5.8.1). An
entry that this module passes does what slots.py says, and an editor may change it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from onboarding_tool import images
from onboarding_tool.images import DIGEST, TAG, Image

# In the order in which they are written.
FIELDS = ("name", "newName", "newTag", "digest")
METACHARACTERS = re.compile(r"[\[\]()*+?|^${}\\]")
NAME = re.compile(r"[A-Za-z0-9._/:@-]+")
# What stands behind the name in the expression that kustomize 5.8.1 matches images with.
TAG_OR_DIGEST = re.compile(r"(?::[a-zA-Z0-9_.{}-]*)?(?:@sha256:[a-zA-Z0-9_.{}-]*)?")
QUOTE_IT = "Write it in quotes."

# (index of the entry, what is wrong with it, what to do)
Unsafe = tuple[int, str, str]


def unsafe(entries: Sequence[Mapping[str, Any]], written_names: Iterable[str]) -> Iterator[Unsafe]:
    """What makes an `images:` list dangerous to edit, entry by entry.

    `entries`: as `slots.entries` gives them; `written_names`: every image of the overlay's manifests as written there,
    with its tag and digest, for those are part of what an entry's name matches.
    """
    written = list(written_names)
    for index, entry in enumerate(entries):
        faults = [*_of_fields(entry), *_of_name(entry), *_of_values(entry)]
        faults += _of_others(entries, index, written) if not faults else []
        yield from ((index, reason, way_out) for reason, way_out in faults)


def strange_fields(kustomization: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(field, what is wrong with it, what to do) of fields that also set images, though they are not `images`."""
    for field in kustomization:
        if field.lower() in ("images", "imagetags") and field != "images":
            yield field, f"{field} changes images too: kustomize reads it beside `images`", "Merge it into `images`."
    if not isinstance(kustomization.get("images"), list | None):
        yield "images", "images is no list, and kustomize refuses it", "Write its entries below it, each with a dash."


def matches(name: str, image: str) -> bool:
    """Whether kustomize applies an entry of this name to an image as written. One with metacharacters: never."""
    if METACHARACTERS.search(name) or len(image) < len(name) or not TAG_OR_DIGEST.fullmatch(image, len(name)):
        return False
    # kustomize takes the name for a regular expression, of which only the dots are left; to compile one takes long.
    return image.startswith(name) or all(
        one == other or (one == "." and other != "\n") for one, other in zip(name, image[: len(name)], strict=True)
    )


# (what is wrong, what to do)
Fault = tuple[str, str]


def _of_fields(entry: Mapping[str, Any]) -> Iterator[Fault]:
    for field in entry:
        if field == "tagSuffix":
            yield "kustomize applies tagSuffix twice", "Take it out, and write the whole tag as newTag."
        elif field not in FIELDS:
            yield f"an image entry has no field {field!r}", f"It has {', '.join(FIELDS)}; upper and lower case count."


def _of_name(entry: Mapping[str, Any]) -> Iterator[Fault]:
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        yield "an image entry without a name", "Write the image that it changes, as `name:`."
    elif METACHARACTERS.search(name):
        yield f"kustomize takes the name {name!r} for a regular expression", "Write the image's name as it is."
    elif not NAME.fullmatch(name):
        yield f"the name {name!r} matches no image", "Write the image's name as the manifest has it."
    elif images.parse(name) != Image(name):
        yield f"the name {name!r} has a tag, and matches this tag only", "Write the name without tag and digest."


def _of_values(entry: Mapping[str, Any]) -> Iterator[Fault]:
    for field, valid in (("newName", images.NAME), ("newTag", TAG), ("digest", DIGEST)):
        value = entry.get(field)
        if value is not None and not isinstance(value, str):
            yield f"{field} is no text, and kustomize refuses it", QUOTE_IT
        elif value and not valid.fullmatch(value):
            yield f"the {field} {value!r} is none", "Correct it, or delete the line."


def _of_others(entries: Sequence[Mapping[str, Any]], index: int, written: Sequence[str]) -> Iterator[Fault]:
    name, new_name = entries[index]["name"], entries[index].get("newName")
    if any(earlier.get("name") == name for earlier in entries[:index]):
        yield f"two entries for {name}: the last one wins", "Make one of the two."
    for image in written:
        if images.parse(image).name != name and matches(name, image):
            yield f"the dots of the name {name} match {image} too", "Give one of the two images another name."
    for later in entries[index + 1 :]:
        if new_name and new_name != name and _rewrites(later, new_name):
            reason = f"this entry gives {new_name}, and the later entry for {later['name']} rewrites it"
            yield reason, "Give the images names of their own in the manifests, and a newName each."


def _rewrites(later: Mapping[str, Any], new_name: str) -> bool:
    name = later.get("name")
    return isinstance(name, str) and matches(name, new_name)

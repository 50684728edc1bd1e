"""Image references, split and compared the way kustomize and the container runtimes do it."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
HOST = r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?"
# A word alone can be a tag, and a repository of Docker Hub: those have no number, as a rule.
LIKE_A_TAG = re.compile(r"latest|main|master|dev|stable|[A-Za-z0-9_.-]*[0-9][A-Za-z0-9_.-]*")
DOCKER_HUB = "docker.io"
SHORT_DIGEST = len("sha256:") + 12  # characters that tell digests apart for people
KEPT = 1024  # references that were parsed: each environment of an API writes the same ones
FORM = "The whole reference is REPOSITORY:TAG, REPOSITORY@sha256:..., or both."
NAME = re.compile(rf"{HOST}{COMPONENT}(?:/{COMPONENT})*")


@dataclass(frozen=True, slots=True, order=True)
class Image:
    """`name[:tag][@digest]`; `name` is the repository as written, with its registry if it has one."""

    name: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        tag = "" if self.tag is None else f":{self.tag}"
        return self.name + tag + ("" if self.digest is None else f"@{self.digest}")

    @property
    def version(self) -> str:
        """What tells this image from others of its repository: the tag, and the digest shortened."""
        short = f"@{self.digest[:SHORT_DIGEST]}" if self.digest else ""
        return (self.tag or "") + short or "(no tag)"

    def renamed(self, name: str) -> "Image":
        return replace(self, name=name)


@lru_cache(KEPT)
def parse(text: str) -> Image:
    """The parts of a reference, split where kustomize splits it. Judges nothing: ask `problem`."""
    start = text.find("/", 1) + 1
    digest_at = text.find("@", start)
    digest = text[digest_at + 1 :] if digest_at >= 0 else None
    rest = text[:digest_at] if digest_at >= 0 else text
    tag_at = rest.find(":", start)
    tag = rest[tag_at + 1 :] if tag_at >= 0 else None
    return Image(rest[:tag_at] if tag_at >= 0 else rest, tag, digest)


@lru_cache(KEPT)
def problem(image: Image) -> str | None:
    """Why no runtime could pull this reference, in half a sentence; None if one could."""
    if not NAME.fullmatch(image.name):
        return f"{image.name!r} is not a repository name{_why_no_name(image.name)}"
    if image.tag is not None and not TAG.fullmatch(image.tag):
        return f"{image.tag!r} is not a tag: letters, digits, _ . - and at most 128 of them"
    if image.digest is not None and not DIGEST.fullmatch(image.digest):
        return f"{image.digest!r} is not a digest: sha256: and 64 hexadecimal digits"
    return None


def alone(text: str) -> Image | None:
    """A tag or a digest that was written without its repository, as an image of no name; None for anything else."""
    image = parse(text)
    if DIGEST.fullmatch(text):
        image = Image("", digest=text)
    elif LIKE_A_TAG.fullmatch(text):
        image = Image("", tag=text)
    is_sound = bool(image.tag or image.digest) and problem(image.renamed("any")) is None
    return image if is_sound and not image.name else None


def _why_no_name(name: str) -> str:
    """What is most often wrong with one."""
    scheme, found, _ = name.partition("://")
    if found:
        return f": leave {scheme}:// away"
    return ": it is lower case, but for the host" if name and NAME.fullmatch(name.lower()) else ""


def canonical(name: str) -> str:
    """The repository as Docker Hub's shorthand means it: `redis` is `docker.io/library/redis`."""
    first, slash, rest = name.partition("/")
    if not (slash and ("." in first or ":" in first or first == "localhost")):
        first, rest = DOCKER_HUB, name
    host = DOCKER_HUB if first == f"index.{DOCKER_HUB}" else first
    return f"{host}/library/{rest}" if host == DOCKER_HUB and "/" not in rest else f"{host}/{rest}"


def same_repository(one: str, other: str) -> bool:
    return canonical(one) == canonical(other)


def parent(name: str) -> str:
    """What stands above a repository: the prefix that allows it and its siblings."""
    return canonical(name).rpartition("/")[0]


def is_below(name: str, prefixes: tuple[str, ...]) -> bool:
    """Whether the repository is one of the registry prefixes or lies below one, by whole segments."""
    whole = canonical(name)
    return any(
        ("/" in prefix and whole == canonical(prefix)) or whole.startswith(_above(prefix)) for prefix in prefixes
    )


def _above(prefix: str) -> str:
    host, slash, rest = prefix.rstrip("/").partition("/")
    return (DOCKER_HUB if host == f"index.{DOCKER_HUB}" else host) + slash + rest + "/"

"""Paths that a kustomization names: what kustomize would fetch, what leaves the folder, and which file is meant."""

import re

from onboarding_tool.checks.facts.written import Place, Reference, Source
from onboarding_tool.tree import Tree

BASE = "../../base"
# Every form that kustomize takes for a repository or a download: a scheme, user@host, a port, git's own marks, a query.
REMOTE = re.compile(r"//|:|^[^/]*@.*/|\.git(?:/|$)|(?:^|/)_git/|\?.*=", re.IGNORECASE)
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}/.+", re.IGNORECASE)
GLOB = re.compile(r"[*?\[\]{}]")


def is_base(source: Source, reference: Reference) -> bool:
    """Whether this is the one reference that may leave its folder: an overlay's to its base."""
    is_resource = reference.at[:1] == ("resources",)
    return source.place is Place.OVERLAY and is_resource and reference.path.removesuffix("/") == BASE


def file_of(source: Source, reference: Reference) -> str:
    """The path in the repository that the reference means."""
    return f"{source.kustomization.folder}/{reference.path.removeprefix('./')}"


def is_remote(source: Source, reference: Reference, tree: Tree) -> bool:
    """Whether kustomize might take it for something on another machine. A host's name can also be a folder's."""
    if REMOTE.search(reference.path):
        return True
    return bool(HOST.fullmatch(reference.path)) and file_of(source, reference) not in tree


def escape(source: Source, reference: Reference) -> str | None:
    """How a local path is more than a file of the own folder, in half a sentence; None if it is not."""
    path = reference.path
    if is_base(source, reference):
        return None
    if path.startswith(("/", "~")):
        return "is an absolute path"
    if "\\" in path:
        return "holds a backslash"
    if ".." in path.split("/"):
        return "leaves its own folder"
    if GLOB.search(path):
        return "is a pattern"
    return None

"""Below apps/ lie the files that an API is made of, and nothing else.

Everything in an API's directory is read by a tool that acts on it, so a file in the wrong place is either ignored, as
a request in a misspelt folder would be, or does what nobody expects. This is what may lie below apps/NAME/:

    metadata.yaml  IMPORT.md  README.md
    base/...                                 the Kubernetes manifests
    overlays/ENVIRONMENT/...                 what differs in one environment
    requests/ENVIRONMENT/NAME.yaml           release requests
    releases/ENVIRONMENT/SEQ-ID.yaml         release records and outcomes, written by the bot

A request's name is 1 to 80 lower-case letters, digits and hyphens, the first no hyphen. Files that begin with a dot
are refused except .gitkeep (and keys of a ConfigMap below overlays/ENVIRONMENT/config/). kustomize's file is called
kustomization.yaml. A removed API keeps metadata.yaml and releases/ only. No file is larger than 1 MiB; an API has at
most 1 MiB in all without releases/, and at most 200 files without requests/.

Bad:

    apps/payments/request/prod/2026-11-20-v2-0-0-3f9c.yaml
    apps/payments/requests/prod/Release v2.yml
    apps/payments/overlays/prod/.argocd-source.yaml
    apps/payments/base/kustomization.yml

Good:

    apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml
    apps/payments/base/kustomization.yaml

Fix: move the file with `git mv` or delete it with `git rm`; the finding says why it may not stay.
`onboard request API ENV IMAGE` puts a request in the right place.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from onboarding_tool.checks.facts.subjects import who_mends
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Lifecycle, Repo
from onboarding_tool.same import Same
from onboarding_tool.tree import Tree
from onboarding_tool.wording import did_you_mean, listed

RULE = "file-unexpected"
SCOPE = Scope.API
NEEDS = NOTHING

FILES = ("metadata.yaml", "IMPORT.md", "README.md")
FOLDERS = ("base", "overlays", "requests", "releases")
GONE_WHEN_REMOVED = ("base", "overlays", "requests")
REQUEST = re.compile(r"[a-z0-9][a-z0-9-]{0,79}\.yaml")
RECORD = re.compile(r"[0-9]{6}-[0-9a-f]{16}(\.outcome)?\.yaml")
OTHER_KUSTOMIZATIONS = ("kustomization.yml", "Kustomization")
MAX_BYTES = 1024 * 1024
MAX_FILES = 200

ONE_FOLDER_EACH = "has one folder for each environment"
KEEP = ".gitkeep"
HIDDEN = {
    ".argocd-source": "Argo CD would let it replace images, patches and namespace of the Application while it renders",
    ".gitattributes": "it hides changes from reviewers and makes git change bytes",
    ".gitignore": "it keeps files that lie here out of the commit",
    ".gitmodules": "submodules bring in content that nobody reviews here",
}

# What is wrong with a file, and what mends it.
Defect = tuple[str, str]


def check(repo: Repo) -> Iterator[Finding]:
    for name in _loose(Same(repo.tree)):
        path = f"apps/{name}"
        message = f"{path} lies in no API's directory: apps/ holds one directory for each API"
        yield _finding(path, message, "Move it into the API's directory, or delete it.")
    for api in repo.apis.values():
        paths = list(repo.tree.paths(api.folder))
        yield from _misplaced(api, paths)
        yield from _too_large(repo, api, paths)


@lru_cache(1)
def _loose(tree: Same[Tree]) -> tuple[str, ...]:
    """The files beside the APIs. Kept, since a fleet is judged in hundreds of parts, and apps/ is as large for each."""
    return tuple(name for name in tree.value.files("apps") if name != KEEP)


def _misplaced(api: Api, paths: list[str]) -> Iterator[Finding]:
    left_over = set()
    for path in paths:
        inner = path.split("/")[2:]
        if api.lifecycle is Lifecycle.REMOVED and inner[0] in GONE_WHEN_REMOVED:
            if inner[0] not in left_over:
                left_over.add(inner[0])
                yield _left_over(api, inner[0], path)
        elif defect := ("/." in path and _by_dot(inner)) or _by_name(inner) or _by_place(inner):
            yield _finding(path, f"{path}: {defect[0]}", defect[1])


def _left_over(api: Api, folder: str, path: str) -> Finding:
    message = f"{api.folder}/{folder}/ is still there, but {api.name} is removed: metadata.yaml and releases/ stay"
    return _finding(path, message, f"`git rm -r {api.folder}/{folder}`, as `onboard api remove {api.name}` does.")


def _is_key(inner: list[str]) -> bool:
    """Of a ConfigMap: it may be named almost as one likes."""
    return len(inner) == 5 and inner[0] == "overlays" and inner[2] == "config"


def _by_dot(inner: list[str]) -> Defect | None:
    """What is wrong wherever the file lies, with a name that begins with a dot."""
    for name in inner:
        if reason := next((reason for start, reason in HIDDEN.items() if name.startswith(start)), None):
            return f"{name} is refused: {reason}", "Delete it: `git rm`."
    for name in inner[:-1] if _is_key(inner) else inner:
        if name.startswith(".") and name != KEEP:
            reason = f"{name} begins with a dot, so reviewers overlook it"
            return reason, f"Rename or delete it; of such names only {KEEP} is allowed."
    return None


def _by_name(inner: list[str]) -> Defect | None:
    if inner[-1] in OTHER_KUSTOMIZATIONS and not _is_key(inner):
        reason = f"{inner[-1]} is not read here, and kustomize refuses a folder with two such files"
        return reason, "Rename it to kustomization.yaml."
    return None


def _by_place(inner: list[str]) -> Defect | None:
    top, depth = inner[0], len(inner)
    if depth == 1:
        return None if top in (*FILES, KEEP) else _unknown(top)
    if top not in FOLDERS:
        return _unknown(top)
    if inner[-1] == KEEP or top == "base":
        return None
    if depth == 2:
        return f"{top}/ {ONE_FOLDER_EACH}, and this file lies in none", f"Move it to {top}/ENVIRONMENT/."
    if top == "requests":
        return _request(inner)
    return _release(inner) if top == "releases" else None


def _unknown(name: str) -> Defect:
    expected = f"An API's directory holds {listed([*FILES, *(f'{folder}/' for folder in FOLDERS)])}."
    return f"nothing called {name!r} belongs here", did_you_mean(name, (*FILES, *FOLDERS), expected)


def _request(inner: list[str]) -> Defect | None:
    if len(inner) > 3:
        return "requests lie directly in the folder of their environment", f"Move it to requests/{inner[1]}/."
    if REQUEST.fullmatch(inner[2]):
        return None
    reason = f"{inner[2]!r} is no name of a request: 1 to 80 lower-case letters, digits and hyphens, then .yaml"
    return reason, "Rename it; `onboard request API ENV IMAGE` writes a file with such a name."


def _release(inner: list[str]) -> Defect | None:
    if len(inner) == 3 and RECORD.fullmatch(inner[2]):
        return None
    reason = "releases/ holds release records only, SEQ-ID.yaml and SEQ-ID.outcome.yaml, and the bot writes them"
    return reason, "Delete it."


def _too_large(repo: Repo, api: Api, paths: list[str]) -> Iterator[Finding]:
    sizes = {path: repo.tree.size(path) for path in paths}
    large = [path for path in paths if sizes[path] > MAX_BYTES]
    for path in large:
        message = f"{path} has {sizes[path]:,} bytes; at most {MAX_BYTES:,} are allowed"
        yield _finding(path, message, "Large data does not belong into the config repo: let the API fetch it.")
    kept = [path for path in paths if not path.startswith(f"{api.folder}/releases/")]
    total = sum(sizes[path] for path in kept)
    if total > MAX_BYTES and not large:
        message = f"{api.folder}/ has {total:,} bytes outside releases/; at most {MAX_BYTES:,} are allowed"
        yield repo.finding(RULE, api.path, message, "Take out what is not needed to run the API.")
    count = sum(not path.startswith(f"{api.folder}/requests/") for path in kept)
    if count > MAX_FILES:
        message = f"{api.folder}/ has {count} files outside releases/ and requests/; at most {MAX_FILES} are allowed"
        yield repo.finding(RULE, api.path, message, "Take out what is not needed to run the API.")


def _finding(path: str, message: str, hint: str) -> Finding:
    return Finding(path, 1, 1, RULE, message, hint, who=who_mends(path))

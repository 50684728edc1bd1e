"""Each document of a manifest is one Kubernetes object with a name of its own.

What has no `apiVersion`, `kind` or `metadata.name` is no object; two objects of one kind and name are one too many.
In both cases kustomize stops, and Argo CD then delivers nothing of the API. A container without a name, or two of
one name, could not be named by a release request.

Bad:

    # apps/payments/base/service.yaml
    kind: Service
    metadata:
      labels: {app: payments}

Good:

    apiVersion: v1
    kind: Service
    metadata:
      name: payments

Fix: add the missing field as text, or delete the second of two objects. Files that are no objects (settings,
scripts) are not listed under `resources:` but under `configMapGenerator:`.
"""

from collections.abc import Iterator

from onboarding_tool import slots, yamltext
from onboarding_tool.checks.facts.paths import file_of
from onboarding_tool.checks.facts.written import Fault, Source, faults, living, objects, of_api, references
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, text
from onboarding_tool.tree import SYMLINK
from onboarding_tool.yamltext import Path

RULE = "manifest-invalid"
SCOPE = Scope.API
NEEDS = NOTHING

IDENTITY: tuple[tuple[str, ...], ...] = (("apiVersion",), ("kind",), ("metadata", "name"))


def check(repo: Repo) -> Iterator[Finding]:
    for api in living(repo):
        for item in objects(api):
            for at, message, hint in (*_nameless(item), *_containers(item)):
                place = (*item.at, *at)
                yield repo.finding(RULE, item.path, f"{api.name}: {message}", hint, at=place, document=item.document)
        for source in of_api(api):
            yield from _no_objects(repo, source)
    yield from faults(repo, RULE, _twice)


def _nameless(item: Object) -> Iterator[tuple[Path, str, str]]:
    for keys in IDENTITY:
        value, field = item.get(*keys), ".".join(keys)
        if value is None or value == "":
            yield keys, f"an object without `{field}`", f"Add `{field}`, or take the file out of `resources:`."
        elif not isinstance(value, str):
            yield keys, f"`{field}` is not text: {value!r}", f'Put it in quotes: "{value}".'


def _containers(item: Object) -> Iterator[tuple[Path, str, str]]:
    seen: set[str] = set()
    for at, value in item.containers():
        name = text(value.get("name"))
        if not name:
            yield at, f"a container of {item.name!r} has no name", "Add `name:`, as metadata.yaml declares it."
        elif name in seen:
            yield (*at, "name"), f"{item.name!r} has two containers {name!r}", "Rename or delete one of the two."
        seen.add(name)


def _no_objects(repo: Repo, source: Source) -> Iterator[Finding]:
    """Documents that are text or lists: the loader keeps only mappings."""
    for reference in references(source.kustomization):
        path = file_of(source, reference)
        if reference.at[0] != "resources" or path not in repo.tree or repo.tree[path].mode == SYMLINK:
            continue
        for document, value in enumerate(_documents(repo, source, path)):
            if value is not None and not isinstance(value, dict):
                message = f"{source.owner}: this document is no Kubernetes object"
                hint = "Delete it, or list the file under `configMapGenerator:` if it holds settings."
                at = (0,)  # there may be no such place; then the document's beginning is shown
                yield repo.finding(RULE, path, message, hint, at=at, document=document)


def _documents(repo: Repo, source: Source, path: str) -> tuple[yamltext.Value, ...]:
    """The documents of a file; none if each of them can be seen to have given an object, which nearly all have."""
    data = repo.tree.read(path)
    if b"\n---" not in data and any(item.path == path for item in source.kustomization.objects):
        return ()
    return yamltext.read(data, yamltext.MANIFEST).documents


def _twice(api: Api, environment: str) -> Iterator[Fault]:
    seen: dict[tuple[str, str, str], Object] = {}
    for item in slots.manifests(api, environment):
        key = (item.group, item.kind, item.name)
        other = seen.setdefault(key, item)
        if all(key[1:]) and other is not item:
            problem = f"there are two objects {item.kind} {item.name!r}; the first is in {other.path}"
            hint = "Delete or rename one of the two; an overlay changes an object of the base by `patches:`."
            yield Fault(item.path, (*item.at, "metadata", "name"), problem, hint, item.document)

"""A kustomization and the patches it names can be read as what they claim to be.

kustomize stops at a field of the wrong shape, and Argo CD then delivers nothing of the API. A patch that cannot be
read could also not be judged.

Bad:

    # apps/payments/base/kustomization.yaml
    kind: Kustomisation
    resources: deployment.yaml
    patches:
      - path: memory.yaml
        patch: "..."

Good:

    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - deployment.yaml
    patches:
      - path: memory.yaml

Fix: write the field in the shape that the hint shows. A component's `kind` is Component, with `apiVersion:
kustomize.config.k8s.io/v1alpha1`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from onboarding_tool import yamltext
from onboarding_tool.checks.facts.patches import PatchText, texts
from onboarding_tool.checks.facts.written import Place, Source, sources
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Kustomization, Repo, mapping, sequence
from onboarding_tool.yamltext import Path

RULE = "kustomization-invalid"
SCOPE = Scope.API
NEEDS = NOTHING

Fault = tuple[Path, str, str]
KUSTOMIZATION = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
COMPONENT = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


Shape = tuple[Callable[[Any], bool], str]
TEXT: Shape = (_is_text, "text")
MAPPING: Shape = (_is_mapping, "a mapping")
TEXTS: Shape = (_is_texts, "a mapping of text to text (quote numbers, true and false)")
LISTS: Mapping[str, Shape] = {
    "resources": TEXT,
    "labels": MAPPING,
    "patches": MAPPING,
    "configMapGenerator": MAPPING,
    "images": MAPPING,
}
FIELDS: Mapping[str, Mapping[str, Shape]] = {
    "labels": {"pairs": TEXTS},
    "patches": {"path": TEXT, "patch": TEXT, "target": MAPPING},
    "configMapGenerator": {"name": TEXT, "options": MAPPING},
}


def check(repo: Repo) -> Iterator[Finding]:
    for source in sources(repo):
        path = source.kustomization.path
        if source.place is Place.COMPONENT:
            yield from _unreadable_component(repo, source)
        for at, message, hint in _faults(source):
            yield repo.finding(RULE, path, f"{source.owner}: {message}", hint, at=at)
        for text in texts(repo, source.kustomization):
            yield from _unreadable_patch(repo, source, text)


def _unreadable_component(repo: Repo, source: Source) -> Iterator[Finding]:
    """What is wrong with the YAML of a base or an overlay is said when it is loaded; a component is read only here."""
    path = source.kustomization.path
    for problem in yamltext.read(repo.tree.read(path), yamltext.KUSTOMIZATION).problems:
        message = f"{source.owner}: {problem.message}"
        yield Finding(path, problem.line, problem.column, RULE, message, problem.hint)


def _faults(source: Source) -> Iterator[Fault]:
    value = source.kustomization.value
    if value:
        yield from _header(value, COMPONENT if source.place is Place.COMPONENT else KUSTOMIZATION, source.place)
    for field in ("namespace",):
        if value.get(field) is not None:
            yield from _shape((field,), value[field], TEXT)
    for field, shape in LISTS.items():
        yield from _list((field,), value.get(field), shape)
    yield from _entries(source.kustomization)


def _header(value: Mapping[str, Any], wanted: Mapping[str, str], place: Place) -> Iterator[Fault]:
    """kustomize takes a file without apiVersion and kind for a Kustomization; a component has to say what it is."""
    for field, right in wanted.items():
        if field not in value and place is Place.COMPONENT:
            yield (), f"`{field}` is missing", f"Add `{field}: {right}`."
        elif value.get(field, right) != right:
            yield (field,), f"`{field}` of a {place} is not {value[field]!r}", f"Write `{field}: {right}`."


def _list(at: Path, value: Any, shape: Shape) -> Iterator[Fault]:
    if value is not None and not isinstance(value, list):
        yield at, f"`{_named(at)}` is no list", "Write a list: one line beginning with `- ` for each item."
    for index, item in enumerate(sequence(value)):
        yield from _shape((*at, index), item, shape)


def _shape(at: Path, value: Any, shape: Shape) -> Iterator[Fault]:
    is_right, name = shape
    if not is_right(value):
        yield at, f"`{_named(at)}` is not {name}", f"Write {name}."


def _entries(kustomization: Kustomization) -> Iterator[Fault]:
    for field, shapes in FIELDS.items():
        for index, item in enumerate(sequence(kustomization.value.get(field))):
            for name, shape in shapes.items():
                if mapping(item).get(name) is not None:
                    yield from _shape((field, index, name), item[name], shape)
    for index, item in enumerate(sequence(kustomization.value.get("patches"))):
        yield from _patch(("patches", index), mapping(item))
    for index, item in enumerate(sequence(kustomization.value.get("configMapGenerator"))):
        yield from _generator(("configMapGenerator", index), mapping(item))


def _patch(at: Path, entry: Mapping[str, Any]) -> Iterator[Fault]:
    if entry and bool(entry.get("path")) == bool(entry.get("patch")):
        both = "both `path` and `patch`" if entry.get("path") else "neither `path` nor `patch`"
        yield (
            at,
            f"an entry of `patches` has {both}",
            "Write one of the two: `path:` names a file, `patch:` is the patch.",
        )


def _generator(at: Path, entry: Mapping[str, Any]) -> Iterator[Fault]:
    if entry and not entry.get("name"):
        yield at, "an entry of `configMapGenerator` has no name", "Add `name:`, the name of the ConfigMap."
    for field in ("files", "literals"):
        yield from _list((*at, field), entry.get(field), TEXT)


def _unreadable_patch(repo: Repo, source: Source, text: PatchText) -> Iterator[Finding]:
    for problem in text.parsed.problems:
        message = f"{source.owner}: the patch cannot be read: {problem.message}"
        if text.inline:
            yield repo.finding(RULE, text.path, f"{message} (line {problem.line} of it)", problem.hint, at=text.at)
        else:
            yield Finding(text.path, problem.line, problem.column, RULE, message, problem.hint)
    if not text.parsed.problems:
        yield from _no_patch(repo, source, text)


def _no_patch(repo: Repo, source: Source, text: PatchText) -> Iterator[Finding]:
    hint = "Write a part of an object (strategic merge), or a list of operations (JSON 6902) and a `target:`."
    for document, value in enumerate(text.parsed.documents):
        is_operations = isinstance(value, list) and all(isinstance(item, dict) for item in value)
        if value is None or isinstance(value, dict) or (is_operations and text.target):
            continue
        what = "is a list of operations, and has no `target:`" if is_operations else "is no patch"
        yield repo.finding(RULE, text.path, f"{source.owner}: the patch {what}", hint, at=text.at, document=document)


def _named(at: Path) -> str:
    """`patches[0].target`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at).removeprefix(".")

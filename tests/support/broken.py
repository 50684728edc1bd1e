"""Hypothesis strategies for broken config repos: a whole one, then bytes, values, files and modes of it go wrong."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from onboarding_tool import yamltext
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, File, Tree
from onboarding_tool.yamltext import MANIFEST, Path
from tests.support.repos import REQUEST, REQUEST_PATH, good, second_api

EXCEPTIONS = """\
apiVersion: onboarding/v1
kind: RuleExceptions
exceptions:
  - rule: image-tag-missing
    path: apps/payments/overlays/prod/kustomization.yaml
    reason: The vendor ships no tags.
    owner: platform-team
    expiry: "2027-01-31"
"""
OUTCOME = """\
apiVersion: onboarding/v1
kind: ReleaseOutcome
id: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
seq: 1
result: failed
seconds: {render: 1}
finished_at: "2026-11-20T16:45:00Z"
message: It did not start.
"""
RECORD = """\
apiVersion: onboarding/v1
kind: ReleaseRecord
id: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
seq: 1
decision: refused
reason: It sets replicas.
request: {api_name: payments, replicas: 10}
request_path: apps/payments/requests/prod/x.yaml
request_sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
slot: null
old_image: null
new_image: null
requested_by: {name: Alice, login: null, id: null, source: git, commit: null}
approved_by: []
actor: {name: Bot, login: null, id: null, source: git, commit: null}
pipeline: null
decided_at: "2026-11-20T16:40:02Z"
base_commit: 4b825dc642cb6eb9a060e54bf8d69288fbee4904
tool_version: 0.1.0
previous: null
"""
PATCHED = """\
patches:
  - path: patch.yaml
  - target: {kind: Deployment}
    patch: "[{op: replace, path: /spec/replicas, value: 1}]"
configMapGenerator:
  - name: settings
    files: [config/settings/a.txt]
"""
PATCH = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments}
spec: {template: {spec: {containers: [{name: app, env: [{name: A, value: b}]}]}}}
"""
LIST = "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"


def everything() -> dict[str, str]:
    """A config repo with at least one file of every kind that is read."""
    prod = "apps/payments/overlays/prod"
    files = good() | second_api() | {REQUEST_PATH: REQUEST, "exceptions.yaml": EXCEPTIONS}
    files[f"{prod}/kustomization.yaml"] += PATCHED
    files[f"{prod}/patch.yaml"] = PATCH
    files[f"{prod}/config/settings/a.txt"] = "a"
    files["apps/orders/base/service.yaml"] += "---\n" + LIST
    files["apps/payments/releases/prod/000001-0123456789abcdef.yaml"] = RECORD
    files["apps/payments/releases/prod/000001-0123456789abcdef.outcome.yaml"] = OUTCOME
    files["components/pre-stop/kustomization.yaml"] = (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n"
    )
    files["components/pre-stop/patch.yaml"] = PATCH
    files["generated/prod/apps/payments/kustomization.yaml"] = "resources: []\n"
    files[".github/CODEOWNERS"] = "* @acme/platform\n"
    return files


PATHS = sorted(everything())
words = st.sampled_from(
    ("", "prod", "payments", "app", "../../base", "/", "active", "path", "2026-11-20", "a:b@c", "\n")
)
texts = words | st.text(max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
parts = words | st.sampled_from(("apps", "base", "overlays", "requests", "releases", "kustomization.yaml", "..", "é"))
paths = st.sampled_from(PATHS) | st.lists(parts | st.text(max_size=3), min_size=1, max_size=5).map("/".join)
modes = st.sampled_from((REGULAR, EXECUTABLE, SYMLINK, SUBMODULE))


@st.composite
def other_bytes(draw: st.DrawFn, text: str) -> bytes:
    """A file with some bytes of it replaced."""
    data = text.encode()
    first, last = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
    return data[:first] + draw(st.binary(max_size=8) | texts.map(str.encode)) + data[last:]


@st.composite
def other_value(draw: st.DrawFn, text: str) -> bytes:
    """A file with a value somewhere in it replaced, a key renamed, or an item gone; as JSON, which is YAML too."""
    documents = list(yamltext.read(text.encode(), MANIFEST).documents)
    place = draw(st.sampled_from(list(places_in(documents))))
    changed = replaced(documents, place, draw(values))
    return "\n---\n".join(json.dumps(document) for document in changed).encode()


def places_in(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where the values inside of a value are."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*at, key)
        yield from places_in(item, (*at, key))


def replaced(value: Any, at: Path, new: Any) -> Any:
    """A copy of the value with another one at a place in it."""
    if not at:
        return new
    copy = value.copy()
    copy[at[0]] = replaced(value[at[0]], at[1:], new)
    return copy


@st.composite
def broken_file(draw: st.DrawFn) -> tuple[str, File | None]:
    """One path, and what lies there now; None if nothing does."""
    path = draw(st.sampled_from([path for path in PATHS if path.endswith(".yaml")]))
    text = everything()[path]
    contents = st.binary(max_size=60) | other_bytes(text) | other_value(text) | other_value(text)
    return draw(
        st.tuples(st.just(path), st.builds(File, contents))
        | st.tuples(paths, st.builds(File, st.binary(max_size=20), modes))
        | st.tuples(st.just(path), st.none())
    )


@st.composite
def broken_trees(draw: st.DrawFn) -> Tree:
    """A config repo in which up to three files are broken, missing, or too many."""
    files = {path: File(text.encode()) for path, text in everything().items()}
    for path, file in draw(st.lists(broken_file(), min_size=1, max_size=3)):
        files.pop(path, None)
        if file is not None:
            files[path] = file
    return Tree(files)


@st.composite
def histories(draw: st.DrawFn, files: dict[str, str]) -> list[Tree]:
    """A config repo that goes wrong in one place after the other, and now and then is whole again."""
    whole = {path: File(text.encode()) for path, text in files.items()}
    found, now = [Tree(whole)], whole
    for is_whole, (path, file) in draw(st.lists(st.tuples(st.booleans(), broken_file()), min_size=1, max_size=4)):
        now = {other: kept for other, kept in (whole if is_whole else now).items() if other != path}
        now |= {path: file} if file is not None else {}
        found.append(Tree(now))
    return [*found, Tree(whole)]

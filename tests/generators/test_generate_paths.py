"""`manifest-generate-paths`: what Argo CD watches of an Application is all that its render reads, and it exists.

A file that is read and not watched is a release that never arrives: Synced at the new commit with the old image.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import normpath

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from onboarding_tool import load
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks import judging
from onboarding_tool.rendering import Rendered, RenderRequest, closure
from onboarding_tool.tree import Tree, tree_of
from tests.support.manifests import one
from tests.support.repos import edited, good, second_api, with_generated

ANNOTATION = "argocd.argoproj.io/manifest-generate-paths"
APPLICATIONS = [f"generated/{environment}/applications/customer-a/payments.yaml" for environment in ("staging", "prod")]
COMPONENTS = ("pre-stop", "annotations")
COMPONENT = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
labels: [{pairs: {platform/component: "yes"}}]
"""
NESTED = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: map-{number}}}\n"
PATCH = "- {{op: add, path: /metadata/annotations, value: {{patch: '{number}'}}}}\n"
INSIDE = ("extra.yaml", "./a/b.yaml", "config/settings/level", "deep/er/still")
OUTSIDE = (
    "../extra.yaml",
    "../../common",
    "../../base/extra.yaml",
    "../prod/extra.yaml",
    "../../../orders/base/extra.yaml",
    "../../../../shared/extra.yaml",
    "../../components/extra",
)
FIELDS = ("resources", "patches", "configMapGenerator", "folders")


@dataclass
class Growing:
    """Files to which references are added, each to a file of its own."""

    files: dict[str, str]
    lists: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def refer(self, folder: str, kind: str, target: str) -> str | None:
        """Adds a reference to the kustomization of the folder, and what it names; returns the path of that.

        None, and nothing is added, for what is there already or lies outside of the repository.
        """
        number = len(self.files)
        path = normpath(f"{folder}/{target}")
        if path.startswith("../") or any(f"{known}/".startswith(f"{path}/") for known in self.files):
            return None
        entry, content = {
            "resources": (target, CONFIG_MAP.format(number=number)),
            "patches": (f"{{path: {target}, target: {{kind: Deployment}}}}", PATCH.format(number=number)),
            "configMapGenerator": (f"{{name: made-{number}, files: [key={target}]}}", f"level {number}\n"),
            "folders": (target, NESTED),
        }[kind]
        name = "resources" if kind == "folders" else kind
        self.lists.setdefault(folder, {}).setdefault(name, []).append(entry)
        self.files[f"{path}/kustomization.yaml" if kind == "folders" else path] = content
        return path

    def written(self) -> dict[str, str]:
        """The files, with the references in their kustomizations."""
        files = dict(self.files)
        for folder, lists in self.lists.items():
            path = f"{folder}/kustomization.yaml"
            for name, entries in lists.items():
                lines = "".join(f"  - {entry}\n" for entry in entries)
                head = f"{name}:\n"
                text = files[path]
                files[path] = text.replace(head, head + lines) if head in text else text + head + lines
        return files


@st.composite
def repos(draw: st.DrawFn, targets: tuple[str, ...]) -> Tree:
    """Two APIs in two environments, with components, and references to `targets` from any kustomization."""
    components = draw(st.lists(st.sampled_from(COMPONENTS), unique=True))
    files = good() | second_api()
    if components:
        files = edited("platform.yaml", "registries:", f"components: [{', '.join(components)}]\nregistries:", files)
    files |= {f"components/{name}/kustomization.yaml": COMPONENT for name in COMPONENTS}
    growing = Growing(files)
    folders = [path.rpartition("/")[0] for path in files if path.endswith("/kustomization.yaml")]
    for _ in range(draw(st.integers(1, 6))):
        folder, kind, target = (draw(st.sampled_from(found)) for found in (folders, FIELDS, targets))
        path = growing.refer(folder, kind, target)
        if path and kind == "folders":
            folders.append(path)
            growing.refer(path, "resources", "inner.yaml")
    return tree_of(with_generated(growing.written()))


@dataclass(frozen=True)
class Watch:
    """What Argo CD watches of an Application: a change below one of `folders` makes it render `source` again."""

    source: str
    folders: tuple[str, ...]

    def sees(self, path: str) -> bool:
        return any(f"{path}/".startswith(f"{folder}/") for folder in self.folders)


def watches(tree: Tree) -> Iterator[Watch]:
    """Of every API's Application. Paths are as Argo CD takes them: absolute from the repository's root, or else from
    the source's folder.
    """
    for path in APPLICATIONS:
        value = one(tree.read(path), "Application")
        source = value["spec"]["source"]["path"]
        paths = value["metadata"]["annotations"][ANNOTATION].split(";")
        yield Watch(source, tuple(path[1:] if path.startswith("/") else normpath(f"{source}/{path}") for path in paths))


@pytest.fixture(scope="module")
def rendering(renderer: Path) -> Iterator[Renderer]:
    with Renderer(jobs=1, time_limit=60, command=renderer) as running:
        yield running


def rendered(rendering: Renderer, tree: Tree, watch: Watch, *, garbled: bool = False) -> Rendered:
    """As Argo CD renders it, with the whole repository at hand; `garbled`: what it does not watch is no YAML."""
    files = {path: tree.read(path) for path in tree.paths()}
    if garbled:
        files = {path: data if watch.sees(path) else b"{garbled: [" for path, data in files.items()}
    (found,) = rendering.render([RenderRequest(watch.source, files)])
    return found


def blind_spots(rendering: Renderer, tree: Tree, watch: Watch) -> set[str]:
    """What a render reads and Argo CD does not watch; empty if it cannot be rendered at all."""
    whole = rendered(rendering, tree, watch)
    if whole.failure:
        return set()
    unseen = {path for path in closure(tree, watch.source) if not watch.sees(path)}
    is_blind = whole != rendered(rendering, tree, watch, garbled=True)
    assert not is_blind or unseen, "the closure misses what is read"
    return unseen


@settings(max_examples=40)
@given(tree=repos(INSIDE))
def test_everything_that_a_render_reads_is_watched(rendering, tree):
    for watch in watches(tree):
        whole = rendered(rendering, tree, watch)
        assert whole.failure is None
        assert whole == rendered(rendering, tree, watch, garbled=True)
        assert {path for path in closure(tree, watch.source) if not watch.sees(path)} == set()


@settings(max_examples=40)
@given(tree=repos(OUTSIDE * 2 + INSIDE))
def test_what_a_render_reads_unwatched_is_a_finding(rendering, tree):
    repo, found = load.load(tree)
    refused = {
        finding.rule
        for finding in judging.run(repo, found).findings
        if finding.path.startswith(("apps/", "components/"))
    }
    spots = {path for watch in watches(tree) for path in blind_spots(rendering, tree, watch)}
    event(f"blind spots: {bool(spots)}")
    assert not spots or "kustomization-path-escapes" in refused


@settings(max_examples=40)
@given(tree=repos(OUTSIDE * 2 + INSIDE))
def test_every_watched_path_is_a_folder_of_the_repo(tree):
    for watch in watches(tree):
        assert [folder for folder in watch.folders if not tree.has_folder(folder)] == []

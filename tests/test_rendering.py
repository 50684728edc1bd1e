"""The closure: every file that a render can depend on, and none outside the tree."""

import pytest

from onboarding_tool.rendering import closure, render_request
from onboarding_tool.tree import SYMLINK, File, Tree, tree_of


def closure_of(files, folder="overlay"):
    return closure(tree_of(files), folder)


def test_every_field_that_names_a_file_counts():
    overlay = """\
resources: [../base, ./extra.yaml]
components: [../component]
patches:
  - path: patch.yaml
  - patch: '[{"op": "remove", "path": "/spec/replicas"}]'
    target: {kind: Deployment}
patchesStrategicMerge: [old-patch.yaml]
patchesJson6902: [{path: old-json.yaml, target: {version: v1, kind: Service, name: a}}]
configMapGenerator:
  - name: a
    files: [config/a.properties, key=config/b.properties]
    envs: [config/c.env]
  - name: b
    env: config/d.env
replacements: [{path: replacement.yaml}]
configurations: [names.yaml]
crds: [crd.json]
openapi: {path: schema.json}
"""
    named = [
        "extra.yaml",
        "patch.yaml",
        "old-patch.yaml",
        "old-json.yaml",
        "config/a.properties",
        "config/b.properties",
        "config/c.env",
        "config/d.env",
        "replacement.yaml",
        "names.yaml",
        "crd.json",
        "schema.json",
    ]
    files = {f"overlay/{name}": "" for name in named} | {
        "overlay/kustomization.yaml": overlay,
        "base/kustomization.yml": "resources: [deployment.yaml]\n",
        "base/deployment.yaml": "",
        "component/Kustomization": "patches: [{path: sidecar.yaml}]\n",
        "component/sidecar.yaml": "",
    }
    unrelated = {"overlay/unrelated.yaml": "", "base/unrelated.yaml": "", "deployment.yaml": "", "other/a.yaml": ""}
    assert closure_of(files | unrelated) == tuple(sorted(files))


def test_files_that_plugins_name_count():
    files = {
        "overlay/kustomization.yaml": "transformers:\n- transformer.yaml\n- |\n  kind: Any\n  path: b.yaml\n",
        "overlay/transformer.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\npath: a.yaml\n",
        "overlay/a.yaml": "",
        "overlay/b.yaml": "",
    }
    assert closure_of(files) == tuple(sorted(files))


def test_missing_files_are_left_out():
    files = {"overlay/kustomization.yaml": "resources: [gone.yaml, ../gone]\n"}
    assert closure_of(files) == ("overlay/kustomization.yaml",)


def test_a_folder_without_kustomization_depends_on_nothing():
    assert closure_of({"overlay/deployment.yaml": ""}) == ()


def test_cycles_end():
    files = {
        "overlay/kustomization.yaml": "resources: [../base, .]\n",
        "base/kustomization.yaml": "resources: [../overlay]\n",
    }
    assert closure_of(files) == ("base/kustomization.yaml", "overlay/kustomization.yaml")


@pytest.mark.parametrize(
    "path",
    [
        "../../outside.yaml",
        "/etc/passwd",
        "/overlay/inside.yaml",
        "https://a.example/overlay/inside.yaml",
        "..",
        "../..",
    ],
)
def test_nothing_outside_the_tree_is_named(path):
    tree = Tree({
        "overlay/kustomization.yaml": File(f"resources: [{path!r}]\n".encode()),
        "overlay/inside.yaml": File(b""),
        "../outside.yaml": File(b"never a path of a tree, but if it were"),
    })  # fmt: skip
    assert closure(tree, "overlay") == ("overlay/kustomization.yaml",)


def test_symlinks_do_not_count():
    tree = Tree({
        "overlay/kustomization.yaml": File(b"resources: [link.yaml]\n"),
        "overlay/link.yaml": File(b"../../../etc/passwd", SYMLINK),
    })  # fmt: skip
    assert closure(tree, "overlay") == ("overlay/kustomization.yaml",)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a 1\nresources:\n  - ../base\n  - 'file.yaml'\n",
        "resources: [../base, file.yaml]\n---\n",
        "resources: [../base,\n  \"file.yaml\"\n",
    ],
)  # fmt: skip
def test_where_a_kustomization_cannot_be_read_every_word_counts(text):
    files = {
        "overlay/kustomization.yaml": text,
        "overlay/file.yaml": "",
        "base/kustomization.yaml": "",
    }
    assert closure_of(files) == tuple(sorted(files))


def test_the_kustomization_at_the_root():
    files = {"kustomization.yaml": "resources: [a.yaml, sub]\n", "a.yaml": "", "sub/kustomization.yaml": ""}
    assert closure_of(files, ".") == tuple(sorted(files))


def test_a_request_carries_the_closures_files():
    files = {"overlay/kustomization.yaml": "resources: [a.yaml]\n", "overlay/a.yaml": "a: 1\n", "b.yaml": ""}
    request = render_request(tree_of(files), "overlay")
    assert request.path == "overlay"
    assert request.files == {"overlay/kustomization.yaml": b"resources: [a.yaml]\n", "overlay/a.yaml": b"a: 1\n"}

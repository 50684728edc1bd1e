"""The closure: every file that a render can depend on, and none outside the tree."""

from dataclasses import replace

import pytest

from onboarding_tool.rendering import Failure, Rendered, closure, explained, links, render_request
from onboarding_tool.tree import SUBMODULE, SYMLINK, File, Tree, tree_of


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


@pytest.mark.parametrize("text", ["resources: [../{}]\n", "../{}: @b\n"], ids=["read", "not YAML"])
def test_a_long_way_through_folders_ends(text):
    """By recursion it would be too deep; and where any text may configure a plugin, twice as long with each folder."""
    files = {f"f{number}/kustomization.yaml": text.format(f"f{number + 1}") for number in range(1000)}
    assert len(closure(tree_of(files), "f0")) == 1000


def test_a_kustomization_that_is_not_yaml_may_name_its_own_folder():
    assert closure(tree_of({"a/kustomization.yaml": "../a: @b\n"}), "a") == ("a/kustomization.yaml",)


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


def test_a_failure_names_the_links_where_the_build_looked():
    tree = Tree({
        "overlay/kustomization.yaml": File(b"resources: [../base, x/y.yaml, link.yaml]\nnamespace: unrelated\n"),
        "overlay/link.yaml": File(b"../../../etc/passwd", SYMLINK),
        "overlay/x": File(b"/elsewhere", SYMLINK),
        "overlay/unrelated.yaml": File(b"a", SYMLINK),
        "base/kustomization.yaml": File(b"configMapGenerator: [{name: a, files: [key=module]}]\n"),
        "base/module": File(b"", SUBMODULE),
        "top/kustomization.yaml": File(b"../overlay/kustomization.yaml", SYMLINK),
        "alone": File(b"overlay", SYMLINK),
    })  # fmt: skip
    assert links(tree, "overlay") == ("base/module", "overlay/link.yaml", "overlay/x")
    assert links(tree, "top") == ("top/kustomization.yaml",)
    assert links(tree, "alone") == ("alone",)
    assert links(tree, "base") == ("base/module",)
    found = explained(tree, Rendered("overlay", "", (), Failure.ERROR, "'overlay/x/y.yaml' doesn't exist"))
    assert found.message == (
        "'overlay/x/y.yaml' doesn't exist: base/module is a submodule, overlay/link.yaml is a symlink"
        " and overlay/x is a symlink, which no build follows"
    )


@pytest.mark.parametrize("failure", [None, Failure.REFUSED, Failure.TIMED_OUT])
def test_what_links_have_no_part_in_is_left_as_it_is(failure):
    tree = Tree({"a/kustomization.yaml": File(b"", SYMLINK)})
    rendered = Rendered("a", "", (), failure, "why")
    assert explained(tree, rendered) is rendered
    failed = replace(rendered, failure=Failure.ERROR)
    assert explained(tree_of({"a/kustomization.yaml": "resources: [b]\n"}), failed) is failed


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


def test_where_a_kustomization_cannot_be_read_names_with_blanks_and_escapes_count_and_what_plugins_name():
    plugin = 'apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: &x a}\npath: "by plugin.yaml"\n'
    files = {
        "overlay/kustomization.yaml": 'a: &a 1\nresources: ["two words.yaml", "\\xFC.yaml"]\ntransformers: [p.yaml]\n',
        "overlay/two words.yaml": "",
        "overlay/ü.yaml": "",
        "overlay/p.yaml": plugin,
        "overlay/by plugin.yaml": "",
    }
    assert closure_of(files) == tuple(sorted(files))


class Counted(Tree):
    """A tree that counts what is asked of it."""

    asked = 0

    def __contains__(self, path: str) -> bool:
        self.asked += 1
        return super().__contains__(path)

    def read(self, path: str) -> bytes:
        self.asked += 1
        return super().read(path)


@pytest.mark.parametrize(
    "kustomization",
    [
        "a: &a 1\nresources:\n" + "".join(f"- {number}\n" for number in range(200_000)),
        "a: &a 1\ntransformers:\n" + "".join(f"- {'./' * number}a.yaml\n" for number in range(300)),
        "transformers:\n" + "".join(f"- {'./' * number}a.yaml\n" for number in range(150)),
    ],
    ids=["words", "spellings of a plugin beside an alias", "spellings of a plugin"],
)
def test_what_it_looks_at_is_bounded(kustomization):
    """Without a bound a few kilobytes keep it busy for minutes, at the price of a system call for each look."""
    plugin = "".join(f"- {number}\n" for number in range(100_000))
    files = {"overlay/kustomization.yaml": kustomization, "overlay/a.yaml": plugin}
    tree = Counted({path: File(text.encode()) for path, text in files.items()})
    assert "overlay/kustomization.yaml" in closure(tree, "overlay")
    assert tree.asked < 100_000


def test_the_kustomization_at_the_root():
    files = {"kustomization.yaml": "resources: [a.yaml, sub]\n", "a.yaml": "", "sub/kustomization.yaml": ""}
    assert closure_of(files, ".") == tuple(sorted(files))


def test_a_request_carries_the_closures_files():
    files = {"overlay/kustomization.yaml": "resources: [a.yaml]\n", "overlay/a.yaml": "a: 1\n", "b.yaml": ""}
    request = render_request(tree_of(files), "overlay")
    assert request.path == "overlay"
    assert request.files == {"overlay/kustomization.yaml": b"resources: [a.yaml]\n", "overlay/a.yaml": b"a: 1\n"}

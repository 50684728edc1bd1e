import subprocess
from pathlib import Path

import pytest

from onboarding_tool import yamltext
from onboarding_tool.checks import patch_changes_image as rule
from onboarding_tool.model import Object, mapping
from tests.support.repos import findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
FILE = "apps/payments/overlays/prod/p.yaml"
POD = "/spec/template/spec"


def merge(pod: str) -> str:
    return f"{{kind: Deployment, metadata: {{name: payments}}, spec: {{template: {{spec: {pod}}}}}}}"


def operation(path: str, op: str = "replace") -> str:
    return f'[{{op: {op}, path: "{path}", from: /metadata/labels/a, value: {{}}}}]'


def inline(patch: str, target: str = "", path: str = PROD) -> dict[str, str]:
    files = good()
    files[path] += f"patches:\n  - patch: '{patch}'\n" + (f"    target: {target}\n" if target else "")
    return files


def in_file(patch: str, target: str = "{}") -> dict[str, str]:
    files = good()
    files[PROD] += f"patches: [{{path: p.yaml, target: {target}}}]\n"
    return files | {FILE: patch}


def test_no_patches_pass():
    assert findings(rule, good()) == []


@pytest.mark.parametrize(
    "patch",
    [
        merge("{containers: [{name: app, env: [{name: A, value: image}]}]}"),
        merge("{containers: [{name: app, resources: {limits: {memory: 1Gi}}}]}"),
        merge("{terminationGracePeriodSeconds: 30, volumes: [{name: a, emptyDir: {}}]}"),
        "{kind: Deployment, metadata: {name: payments, labels: {image: a}}, spec: {minReadySeconds: 5}}",
        "{kind: Service, metadata: {name: payments}, spec: {ports: null}}",
        "{kind: ConfigMap, metadata: {name: a}, spec: {template: {spec: {containers: [{image: a}]}}}}",
        "{kind: HorizontalPodAutoscaler, metadata: {name: payments}, $patch: delete}",
        "{kind: Deployment, metadata: {name: another}, $patch: delete}",
    ],
)
@pytest.mark.parametrize("path", [BASE, PROD])
def test_a_merge_that_leaves_images_and_containers_alone_passes(path, patch):
    assert findings(rule, inline(patch, path=path)) == []


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        (merge("{containers: [{name: app, image: a/b:c}]}"), "sets the image 'a/b:c' of the container 'app'"),
        (merge("{containers: [{name: app, image: null}]}"), "sets the image None"),
        (merge("{containers: [{name: debug}]}"), "adds the container 'debug' to `containers`"),
        (merge("{containers: [{env: []}]}"), "adds the container None"),
        (merge("{initContainers: [{name: app}]}"), "adds the container 'app' to `initContainers`"),
        (merge("{ephemeralContainers: [{name: app}]}"), "adds the container 'app' to `ephemeralContainers`"),
        (merge("{containers: [{name: app, $patch: delete}]}"), "`$patch: delete`"),
        (merge("{containers: [{$patch: replace}]}"), "`$patch: replace`"),
        (merge("{containers: null}"), "empties `containers`"),
        (merge("{$patch: replace, containers: []}"), "`$patch: replace` on spec.template.spec"),
        (merge("null"), "empties `spec.template.spec`"),
        (merge("{volumes: [{name: a, image: {reference: a/b}}]}"), "fills a volume from an image"),
        ("{kind: Deployment, metadata: {name: payments}, spec: {template: null}}", "empties `spec.template`"),
        ("{kind: Deployment, metadata: {name: payments}, spec: null}", "empties `spec`"),
        ("{kind: Deployment, metadata: {name: payments}, $patch: delete}", "`$patch: delete` on the whole object"),
        (f"{{kind: List, items: [{merge('{containers: [{name: app, image: a/b:c}]}')}]}}", "sets the image"),
    ],
)
@pytest.mark.parametrize("path", [BASE, PROD])
def test_a_merge_that_touches_them_is_found(path, patch, words):
    files = inline(patch, path=path)
    found = findings(rule, files)
    assert places(found) == [(path, files[path].count("\n"), 12)]
    assert found[0].rule == "patch-changes-image"
    assert words in found[0].message
    assert "onboard request" in found[0].hint


@pytest.mark.parametrize(
    ("target", "refused"),
    [
        ("{}", True),
        ("{kind: Deployment}", True),
        ("{kind: Deploy.*}", True),
        ("{name: pay.*}", True),
        ("{labelSelector: a=b}", True),
        ("{kind: Service}", False),
        ("{kind: Deployment, name: other}", False),
    ],
)
def test_a_target_decides_and_not_the_name_in_the_patch(target, refused):
    patch = "{kind: Any, metadata: {name: any}, spec: {template: {spec: {containers: [{name: app, image: a/b:c}]}}}}"
    assert len(findings(rule, inline(patch, target))) == refused


def test_a_merge_in_a_file_is_found_in_its_own_place():
    files = in_file(
        "kind: x\n---\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          image: a\n"
    )
    assert places(findings(rule, files)) == [(FILE, 8, 18)]


@pytest.mark.parametrize(
    "path",
    [
        "/metadata/labels/image",
        "/metadata/annotations",
        "/spec/replicas",
        "/spec/template/metadata/annotations/containers",
        f"{POD}/terminationGracePeriodSeconds",
        f"{POD}/containers/0/resources",
        f"{POD}/containers/0/env/0/name",
        f"{POD}/volumes/0/emptyDir",
    ],
)
def test_an_operation_elsewhere_passes(path):
    assert findings(rule, inline(operation(path), "{kind: Deployment}")) == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/kind",
        "/apiVersion",
        "/metadata",
        "/metadata/name",
        "/spec",
        "/spec/template",
        POD,
        f"{POD}/containers",
        f"{POD}/containers/0",
        f"{POD}/containers/-",
        f"{POD}/containers/0/image",
        f"{POD}/containers/-1/image",
        f"{POD}/containers/0/name",
        f"{POD}/initContainers",
        f"{POD}/ephemeralContainers/-",
        f"{POD}/volumes/0/image",
        f"{POD}/volumes/0/image/reference",
        f"x{POD}/containers/0/image",
    ],
)
def test_an_operation_on_them_is_found(path):
    found = findings(rule, inline(operation(path), "{kind: Deployment}"))
    assert places(found) == [(PROD, 10, 12)]
    assert repr(path) in found[0].message


def test_an_operation_in_a_file_is_found_in_its_own_place():
    files = in_file(f"- op: test\n  path: /kind\n- op: remove\n  path: {POD}/containers/1\n", "{kind: Deployment}")
    assert places(findings(rule, files)) == [(FILE, 4, 9)]


def test_moving_a_container_away_is_found():
    patch = f"[{{op: move, from: {POD}/containers/1, path: /metadata/annotations/a}}]"
    assert len(findings(rule, inline(patch, "{kind: Deployment}"))) == 1


@pytest.mark.parametrize(("path", "refused"), [("/spec", False), ("/kind", True), ("/metadata/name", True), ("", True)])
def test_another_object_may_not_become_a_deployment(path, refused):
    assert len(findings(rule, inline(operation(path), "{kind: Service}"))) == refused


@pytest.mark.parametrize(
    ("patch", "target"),
    [
        (merge("{containers: [{name: app, env: [{name: A, value: image}]}]}"), ""),
        (merge("{terminationGracePeriodSeconds: 30, volumes: [{name: a, emptyDir: {}}]}"), ""),
        (
            f"- {{op: add, path: {POD}/containers/0/resources, value: {{limits: {{memory: 1Gi}}}}}}",
            "{kind: Deployment}",
        ),
        (merge("{containers: [{name: app, image: a/b}]}"), ""),
        (merge("{containers: [{name: debug, image: a/b}]}"), ""),
        (merge("{containers: null}"), ""),
        (f"{{kind: List, items: [{merge('{containers: [{name: app, image: a/b}]}')}]}}", ""),
        (f"- {{op: replace, path: {POD}/containers/-1/image, value: a/b}}", "{kind: Deployment}"),
        (f"- {{op: replace, path: x{POD}/containers/0/image, value: a/b}}", "{kind: Deployment}"),
        ("- {op: replace, path: /kind, value: Other}", "{kind: Deployment}"),
        ("{kind: Deployment, metadata: {name: payments}, $patch: delete}", ""),
    ],
)
def test_it_is_found_if_and_only_if_kustomize_changes_what_runs(kustomize, tmp_path, patch, target):
    patch = patch.replace("{kind: Deployment,", "{apiVersion: apps/v1, kind: Deployment,")
    files = inline(patch, target)
    assert bool(findings(rule, files)) == (
        rendered(kustomize, tmp_path, files) != rendered(kustomize, tmp_path, good())
    )


def rendered(kustomize: Path, folder: Path, files: dict[str, str]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Every Deployment of the rendered overlay: kind, name, and the name and image of each container."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    done = subprocess.run([kustomize, "build", folder / PROD.rpartition("/")[0]], capture_output=True, check=True)
    items = [mapping(value) for value in yamltext.read(done.stdout, yamltext.MANIFEST).documents]
    running = [Object("", 0, (), item) for item in items if mapping(item.get("spec")).get("template")]
    return [(one.kind, one.name, [(value["name"], value["image"]) for _, value in one.containers()]) for one in running]

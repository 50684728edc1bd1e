"""`onboard diff` on real git with the real renderer: what a change of files means to Kubernetes, in plain words."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.support.cli import Done, onboard
from tests.support.git import commit, git, repository, write
from tests.support.repos import BASE, DEPLOYMENT, HPA, METADATA, OVERLAY, PLATFORM, good, second_api

PROD = "apps/payments/overlays/prod/kustomization.yaml"
DEPLOYMENT_FILE = "apps/payments/base/deployment.yaml"
COMPONENT = "components/note/kustomization.yaml"
QUIET_COMPONENT = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: CronJob}
    patch: |-
      - {op: add, path: /spec/suspend, value: true}
"""
NOTE = """\
  - target: {kind: Deployment}
    patch: |-
      - {op: add, path: /metadata/annotations, value: {platform.example/note: "yes"}}
"""
GENERATOR = """\
configMapGenerator:
  - name: settings
    files: [config/settings/level]
"""
SETTINGS = "apps/payments/overlays/prod/config/settings/level"
SECRET = """\
apiVersion: v1
kind: Secret
metadata: {name: keys, annotations: {copy: hunter2}}
stringData: {password: hunter2, user: hunter}
"""


@pytest.fixture
def config(tmp_path: Path, renderer: Path) -> Path:
    """A config repo with two APIs in two environments, generated and committed."""
    files = good() | second_api() | {COMPONENT: QUIET_COMPONENT}
    files["platform.yaml"] = f"{PLATFORM}components: [note]\n"
    folder = repository(tmp_path / "config", files)
    generate(folder)
    return folder


def generate(config: Path) -> None:
    done = onboard("generate", at=config)
    assert done.code == 0, done.text
    commit(config, {}, "generated")


def diff(config: Path, *words: str, code: int = 0) -> Done:
    done = onboard("diff", *words, at=config)
    assert done.code == code, done.text
    return done


def lines(config: Path, *words: str, code: int = 0) -> list[str]:
    """The sentences alone."""
    return [line for line in diff(config, *words, code=code).out.splitlines() if not line.startswith(" ")]


def test_nothing_changed(config):
    assert diff(config).out == "No Kubernetes object changes.\n"
    commit(config, {"apps/payments/requests/prod/x.yaml": "kind: ReleaseRequest\n", "README.md": "hello"})
    write(config, {PROD: OVERLAY.format(namespace="payments") + "# a comment\n"})
    assert diff(config).out == "No Kubernetes object changes.\n"
    assert diff(config, "HEAD~1", "HEAD").out == "No Kubernetes object changes.\n"
    assert json.loads(diff(config, "--format", "json").out)["changes"] == []
    assert diff(config, "--format", "markdown").out == "No Kubernetes object changes.\n"


def test_one_image(config):
    commit(config, {PROD: OVERLAY.format(namespace="payments").replace("v1.9.3", "v2.0.0")})
    image = "europe-docker.pkg.dev/acme/payments/app"
    assert diff(config, "HEAD~1", "HEAD").out.splitlines() == [
        "payments prod: image app v1.9.3 -> v2.0.0",
        "  ~ Deployment payments in payments",
        f"  ~   spec.template.spec.containers[app].image: {image}:v1.9.3 -> {image}:v2.0.0",
    ]
    assert lines(config, "HEAD", "HEAD~1") == ["payments prod: image app v2.0.0 -> v1.9.3"]


def test_scales(config):
    write(config, {DEPLOYMENT_FILE: DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: 2\n  selector")})
    assert lines(config) == ["payments prod, staging: replicas unset -> 2"]
    commit(config, {DEPLOYMENT_FILE: DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: 2\n  selector")})
    write(
        config,
        {
            DEPLOYMENT_FILE: DEPLOYMENT.replace("spec:\n  selector", "spec:\n  replicas: 5\n  selector"),
            "apps/payments/base/hpa.yaml": HPA.replace("maxReplicas: 5", "maxReplicas: 9"),
        },
    )
    assert lines(config) == ["payments prod, staging: replicas 2 -> 5, maxReplicas 5 -> 9"]


def test_objects_come_and_go(config):
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner}\n"
    files = {
        "apps/payments/base/kustomization.yaml": f"{BASE}  - account.yaml\n",
        "apps/payments/base/account.yaml": account,
    }
    write(config, files)
    assert lines(config, "--env", "prod") == ["payments prod: ServiceAccount runner added"]
    commit(config, files | {"apps/payments/base/account.yaml": f"{account}---\n{account.replace('runner', 'other')}"})
    assert lines(config, "HEAD~1", "--env", "prod") == ["payments prod: 2 objects added"]
    write(config, {"apps/payments/base/kustomization.yaml": BASE})
    assert lines(config, "--env", "prod") == ["payments prod: 2 objects removed"]
    assert "+     name: runner" not in diff(config).out


def test_a_new_hash_is_one_change(config):
    commit(config, {PROD: OVERLAY.format(namespace="payments") + GENERATOR, SETTINGS: "info\n"})
    write(
        config,
        {DEPLOYMENT_FILE: DEPLOYMENT + "          envFrom: [{configMapRef: {name: settings}}]\n"},
    )
    commit(config, {}, "refers to it")
    write(config, {SETTINGS: "debug\n"})
    out = diff(config).out.splitlines()
    assert out[0] == "payments prod: ConfigMap settings: data.level changed"
    titles = [line for line in out if line.startswith("  ~ ") and "  ~   " not in line]
    assert [title.partition("settings-")[0] for title in titles] == [
        "  ~ ConfigMap ",
        "  ~ Deployment payments in payments",
    ]
    assert {"  -     info", "  +     debug"} <= set(out)
    (change,) = json.loads(diff(config, "--format", "json").out)["changes"]
    assert [(each["kind"], each["action"]) for each in change["objects"]] == [
        ("ConfigMap", "changed"),
        ("Deployment", "changed"),
    ]


def test_a_secret_is_masked_and_differs_from_run_to_run(config):
    files = {
        "apps/payments/base/kustomization.yaml": f"{BASE}  - secret.yaml\n",
        "apps/payments/base/secret.yaml": SECRET,
    }
    write(config, files)
    shown = [diff(config, "--format", form).out for form in ("text", "json", "markdown") for _ in range(2)]
    commit(config, files)
    write(config, {"apps/payments/base/secret.yaml": SECRET.replace("hunter2", "hunter3")})
    assert lines(config) == [
        "payments prod, staging: annotation copy changed, Secret keys: stringData.password changed"
    ]
    shown += [diff(config, "--format", form).out for form in ("text", "json", "markdown") for _ in range(2)]
    for first, second in zip(shown[::2], shown[1::2], strict=True):
        assert "hunter" not in first
        assert "hidden" in first
        assert first != second


def test_a_component_changes_all_that_list_it_and_is_told_once(config):
    write(config, {COMPONENT: QUIET_COMPONENT + NOTE})
    out = diff(config).out.splitlines()
    assert out[:5] == [
        "2 APIs: annotation platform.example/note added",
        "    prod: orders, payments",
        "    staging: orders, payments",
        "    orders prod, for example:",
        "  ~ Deployment orders in orders",
    ]
    assert lines(config, "--env", "staging") == ["2 APIs: annotation platform.example/note added"]
    (change,) = json.loads(diff(config, "--format", "json").out)["changes"]
    assert len(change["subjects"]) == 4


def test_different_effects_stay_apart(config):
    orders = second_api()["apps/orders/base/deployment.yaml"]
    write(
        config,
        {
            COMPONENT: QUIET_COMPONENT + NOTE,
            "apps/orders/base/deployment.yaml": orders.replace("containerPort: 8080", "containerPort: 9090"),
        },
    )
    assert [line.partition(":")[0] for line in lines(config)] == ["orders prod, staging", "payments prod, staging"]


def test_only_what_changed_is_rendered(config):
    """A base that has been broken for long is no news."""
    commit(config, {"apps/orders/base/deployment.yaml": "kind: [\n"})
    write(config, {PROD: OVERLAY.format(namespace="payments").replace("v1.9.3", "v2.0.0")})
    assert lines(config) == ["payments prod: image app v1.9.3 -> v2.0.0"]


def test_a_broken_side_is_told_beside_the_rest(config):
    write(
        config,
        {
            "apps/orders/base/deployment.yaml": "kind: [\n",
            PROD: OVERLAY.format(namespace="payments").replace("v1.9.3", "v2.0.0"),
        },
    )
    found = lines(config, code=1)
    assert found[0].startswith("orders prod, staging: cannot be rendered after the change: ")
    assert "deployment.yaml" in found[0]
    assert found[1:] == ["payments prod: image app v1.9.3 -> v2.0.0"]
    commit(config, {}, "broken")
    write(config, {"apps/orders/base/deployment.yaml": second_api()["apps/orders/base/deployment.yaml"]})
    assert lines(config, code=1)[0].startswith("orders prod, staging: could not be rendered before the change: ")
    assert json.loads(diff(config, "--format", "json", code=1).out)["changes"][0]["broken_after"] is None


def test_the_working_tree_is_files_and_not_the_index(config):
    """Untracked and ignored files are rendered too: kustomize would read them."""
    commit(config, {".gitignore": "config/\n"})
    write(config, {PROD: OVERLAY.format(namespace="payments") + GENERATOR, SETTINGS: "info\n"})
    assert lines(config)[0].startswith("payments prod: ConfigMap settings-")
    git(config, "add", PROD)
    write(config, {PROD: OVERLAY.format(namespace="payments")})
    assert lines(config) == ["No Kubernetes object changes."]


def test_what_is_generated_counts(config):
    routes = METADATA.replace("prod: dual", "prod: path")
    write(config, {"apps/payments/metadata.yaml": routes})
    assert lines(config) == ["No Kubernetes object changes."]
    generate(config)
    assert lines(config, "HEAD~1") == ["payments prod: Ingress payments-legacy removed"]
    quota = 'quota: {pods: "5"}\n'
    write(config, {"platform.yaml": f"{PLATFORM}components: [note]\n{quota}"})
    assert onboard("generate", at=config).code == 0
    assert [line.partition(":")[0] for line in lines(config)] == ["2 namespaces"]


def test_an_api_that_moves_to_another_tenant_keeps_its_application(config):
    teams = (config / "teams.yaml").read_text().replace("tenants: [customer-a]", "tenants: [customer-a, customer-b]")
    write(
        config,
        {
            "teams.yaml": teams,
            "apps/orders/metadata.yaml": second_api()["apps/orders/metadata.yaml"].replace(
                "tenant: customer-a", "tenant: customer-b"
            ),
        },
    )
    assert onboard("generate", at=config).code == 0
    found = lines(config, "--env", "prod")
    assert "Application orders prod: Application orders-prod: spec.project customer-a-prod -> customer-b-prod" in found
    assert any(line.startswith("tenant customer-b prod: ") for line in found)


def test_an_api_that_nothing_delivers_is_named(config):
    write(config, {"apps/new/base/kustomization.yaml": BASE})
    done = diff(config)
    assert done.out == "No Kubernetes object changes.\n"
    assert "new: not compared" in done.err
    assert "onboard generate" in done.err


def test_a_file_that_was_only_touched_did_not_change(config):
    """What was broken before, and what nothing delivers, is not told of it either."""
    commit(config, {"apps/new/base/kustomization.yaml": BASE, "apps/orders/base/deployment.yaml": "kind: [\n"})
    for path in git(config, "ls-files").splitlines():
        os.utime(config / path, (0, 0))
    done = diff(config)
    assert (done.out, done.err) == ("No Kubernetes object changes.\n", "")
    (config / "apps/new/base/kustomization.yaml").write_text(f"{BASE}# more\n")
    assert "new: not compared" in diff(config).err


def test_what_is_not_there_is_said(config):
    assert "no commit 'nowhere'" in diff(config, "nowhere", code=3).err
    assert "Did you mean 'prod'?" in diff(config, "--env", "prd", code=2).err
    assert "is no revision" in onboard("diff", "--", "--output=/tmp/x", at=config).err
    subprocess.run(["rm", "-rf", config / ".git"], check=True)
    assert "is in no git repository" in diff(config, code=3).err


def test_a_range_as_git_writes_it(config):
    bumped = (config / PROD).read_text().replace("v1.9.3", "v2.0.0")
    commit(config, {PROD: bumped}, "bump")
    wanted = lines(config, "HEAD~1", "HEAD")
    assert wanted == ["payments prod: image app v1.9.3 -> v2.0.0"]
    assert lines(config, "HEAD~1..HEAD") == lines(config, "HEAD~1..") == wanted
    said = diff(config, "HEAD~1...HEAD", code=2).err
    assert "'HEAD~1...HEAD' is a range of commits" in said
    assert "git merge-base" in said


def test_a_config_repo_in_a_folder_of_a_repository(tmp_path, renderer):
    config = repository(tmp_path / "all", good(), at="deep/config")
    generate(config)
    commit(config, {PROD: OVERLAY.format(namespace="payments").replace("v1.9.3", "v2.0.0")})
    write(config, {PROD: OVERLAY.format(namespace="payments").replace("v1.9.3", "v3.0.0")})
    assert lines(config, "HEAD~1", "HEAD") == ["payments prod: image app v1.9.3 -> v2.0.0"]
    assert lines(config) == ["payments prod: image app v2.0.0 -> v3.0.0"]


HOSTILE = (
    "```\n\n</details><img src=x onerror=alert(1)> @acme/platform #1 https://evil.example "
    "[a](javascript:b) `` ` ~~~~ \x1b[31m \u202e **bold**\n`````\n# heading\n"
)


def test_hostile_text_reaches_neither_the_terminal_nor_the_page(config):
    text = json.dumps(HOSTILE)
    annotation = json.dumps(HOSTILE.replace("\n", " "))
    operation = f"- {{op: add, path: /metadata/annotations, value: {{note: {annotation}}}}}"
    patch = f"patches:\n  - target: {{kind: Service}}\n    patch: |-\n      {operation}\n"
    literal = json.dumps("level=" + HOSTILE)
    generator = f"configMapGenerator:\n  - name: settings\n    literals:\n      - {literal}\n"
    commit(config, {PROD: OVERLAY.format(namespace="payments") + generator.replace("#1", "#0")})
    broken = {"apps/orders/overlays/prod/kustomization.yaml": f"kind: Kustomization\nresources: [{text}]\n"}
    write(config, {PROD: OVERLAY.format(namespace="payments") + patch + generator} | broken)
    for form in ("text", "json", "markdown"):
        out = diff(config, "--format", form, code=1).out
        assert not {"\x1b", "\u202e", "\x7f"} & set(out)
    tokens = MarkdownIt("commonmark").parse(out)
    blocks = [token for token in tokens if token.type == "html_block"]
    assert {token.content.strip() for token in blocks} == {"<details><summary>Fields</summary>", "</details>"}
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"code_inline", "text", "softbreak"}
    assert "".join(child.content for child in inline if child.type == "text").replace(": ", "") == ""
    assert any("onerror" in token.content for token in tokens if token.type == "fence")


def test_markdown_fits_a_comment(config):
    many = "".join(f"      - key{number}={'x' * 150}{number}\n" for number in range(2000))
    generator = f"configMapGenerator:\n  - name: settings\n    literals:\n{many}"
    write(config, {PROD: OVERLAY.format(namespace="payments") + generator})
    commit(config, {}, "many")
    write(config, {PROD: OVERLAY.format(namespace="payments") + generator.replace("xxxx", "yyyy")})
    out = diff(config, "--format", "markdown").out
    assert "2,000 fields changed" in out
    assert "too many to be shown" in out
    assert len(out) < 65_536

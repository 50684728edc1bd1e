"""What Argo CD renders: the examples with their generated files, built by the real kustomize."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from onboarding_tool import generators
from onboarding_tool.generators import kustomizations
from tests.support.examples import NAMES, example, example_repo
from tests.support.manifests import one
from tests.support.repos import edited, good, repo_of

PATH = "generated/prod/apps/payments/kustomization.yaml"
FOLDER = re.compile(r"generated/([^/]+)/apps/([^/]+)/kustomization\.yaml")


def kustomization(files):
    return one(generators.generate(repo_of(files))[PATH], "Kustomization")


def test_a_kustomization_whole():
    files = edited("platform.yaml", "registries:", "components: [pre-stop, annotations]\nregistries:")
    assert kustomization(files) == {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "payments",
        "resources": ["../../../../apps/payments/overlays/prod", "routes.yaml"],
        "components": ["../../../../components/pre-stop", "../../../../components/annotations"],
        "labels": [{"pairs": {"platform/api-name": "payments"}}],
    }


def test_without_components_and_routes_none_are_named():
    value = kustomization(edited("apps/payments/metadata.yaml", "prod: dual", "prod: redirect-permanent"))
    assert value["resources"] == ["../../../../apps/payments/overlays/prod"]
    assert "components" not in value


def test_the_way_up_leads_to_the_root():
    assert (Path("/repo") / PATH).parent.joinpath(kustomizations.UP).resolve() == Path("/repo")


BUILDS = [
    (name, *found.groups())
    for name in NAMES
    for path in generators.generate(example_repo(name))
    if (found := FOLDER.fullmatch(path))
]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Each example with what is generated for it, on disk."""
    root = tmp_path_factory.mktemp("examples")
    for name in NAMES:
        for path, data in (example(name) | generators.generate(example_repo(name))).items():
            (root / name / path).parent.mkdir(parents=True, exist_ok=True)
            (root / name / path).write_bytes(data)
    return root


def build(kustomize, folder):
    done = subprocess.run([kustomize, "build", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def identity(value):
    return value["kind"], value["metadata"]["name"]


def test_every_delivered_api_of_the_examples_is_built():
    assert len(BUILDS) == 9


@pytest.mark.parametrize(("name", "environment", "api"), BUILDS)
def test_the_render_is_the_overlay_and_the_routes_owned_and_in_place(kustomize, written, name, environment, api):
    repo = example_repo(name)
    label, declared = repo.platform.ownership_label, repo.apis[api]
    folder = written / name / "generated" / environment / "apps" / api
    overlay = build(kustomize, written / name / declared.overlay_folder(environment))
    routes = (
        list(yaml.safe_load_all((folder / "routes.yaml").read_bytes())) if (folder / "routes.yaml").exists() else []
    )
    rendered = build(kustomize, folder)

    assert sorted(map(identity, rendered)) == sorted(map(identity, [*overlay, *routes]))
    for value in rendered:
        assert value["metadata"]["namespace"] == declared.environments[environment].namespace
        assert value["metadata"]["labels"][label] == api
        assert label not in str(value.get("spec")), "neither selectors nor templates may change"


def test_the_render_keeps_what_the_overlay_says_of_pods(kustomize, written):
    folder = written / "one-api"
    alone = {identity(value): value for value in build(kustomize, folder / "apps/payments/overlays/prod")}
    whole = {identity(value): value for value in build(kustomize, folder / "generated/prod/apps/payments")}
    for key, value in alone.items():
        assert whole[key].get("spec") == value.get("spec")


def test_components_reach_the_render(kustomize, written):
    rendered = {identity(v): v for v in build(kustomize, written / "three-tenants/generated/prod/apps/search")}
    assert rendered["Deployment", "search"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 45
    assert rendered["Service", "search"]["metadata"]["annotations"] == {"platform.example/managed": "yes"}


def test_an_ingress_of_the_base_stays_beside_the_generated_ones(kustomize, written):
    rendered = build(kustomize, written / "three-tenants/generated/staging/apps/ledger")
    ingresses = {v["metadata"]["name"]: v["spec"]["rules"][0]["host"] for v in rendered if v["kind"] == "Ingress"}
    assert ingresses == {"ledger": "ledger.customer-a.com", "ledger-path": "api.staging.platform.example"}


def test_names_that_yaml_1_1_reads_as_something_else_stay_text():
    files = {path.replace("payments", "on"): text for path, text in good().items()}
    files["apps/on/metadata.yaml"] = files["apps/on/metadata.yaml"].replace("api_name: payments", 'api_name: "on"')
    value = one(generators.generate(repo_of(files))["generated/prod/apps/on/kustomization.yaml"], "Kustomization")
    assert value["labels"] == [{"pairs": {"platform/api-name": "on"}}]

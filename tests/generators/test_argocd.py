"""Applications of APIs, and the parents above them."""

import re

import pytest

from onboarding_tool import generators
from tests.support.manifests import documents, one
from tests.support.repos import TEAMS, edited, good, repo_of

METADATA = "apps/payments/metadata.yaml"
APPLICATION = "generated/prod/applications/customer-a/payments.yaml"
TENANT = "generated/prod/tenants/customer-a.yaml"
PROTECTED = "Prune=false,Delete=false"
FINALIZER = "resources-finalizer.argocd.argoproj.io"


def generated(files):
    return generators.generate(repo_of(files))


def application(files):
    return one(generated(files)[APPLICATION], "Application")


def all_applications(files):
    texts = (data for path, data in generated(files).items() if re.search(r"/(root|tenants|applications)/.*yaml", path))
    return {d["metadata"]["name"]: d for data in texts for d in documents(data) if d["kind"] == "Application"}


def test_an_application_whole():
    assert application(good()) == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": "payments-prod",
            "namespace": "argocd",
            "labels": {"app.kubernetes.io/managed-by": "onboarding-tool", "platform/api-name": "payments"},
            "annotations": {
                "argocd.argoproj.io/manifest-generate-paths": ".;/apps/payments/overlays/prod;/apps/payments/base",
                "argocd.argoproj.io/sync-options": PROTECTED,
            },
        },
        "spec": {
            "project": "customer-a-prod",
            "source": {
                "repoURL": "https://git.example/acme/onboarding-config.git",
                "targetRevision": "refs/heads/main",
                "path": "generated/prod/apps/payments",
            },
            "destination": {"name": "gke-prod", "namespace": "payments"},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True, "allowEmpty": False},
                "syncOptions": [
                    "ServerSideApply=true",
                    "ApplyOutOfSyncOnly=true",
                    "PruneLast=true",
                    "FailOnSharedResource=true",
                ],
                "retry": {
                    "limit": 5,
                    "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"},
                    "refresh": True,
                },
            },
            "revisionHistoryLimit": 5,
        },
    }


def test_the_parents_and_what_each_reads():
    found = {name: value["spec"] for name, value in all_applications(good()).items() if name.endswith("-prod")}
    here = {"name": "in-cluster", "namespace": "argocd"}
    assert {name: (spec["source"]["path"], spec["destination"]) for name, spec in found.items()} == {
        "onboarding-prod": ("generated/prod/tenants", here),
        "tenant-customer-a-prod": ("generated/prod/applications/customer-a", here),
        "namespaces-customer-a-prod": ("generated/prod/namespaces/customer-a", {"name": "gke-prod"}),
        "payments-prod": ("generated/prod/apps/payments", {"name": "gke-prod", "namespace": "payments"}),
    }


@pytest.mark.parametrize("parent", ["onboarding-prod", "tenant-customer-a-prod", "namespaces-customer-a-prod"])
def test_a_parent_follows_main_and_is_automated_whatever_the_environment_says(parent):
    files = edited("platform.yaml", "requests: queue", "revision: refs/tags/v1\n    sync: manual")
    value = all_applications(files)[parent]
    spec = value["spec"]
    automated = {"prune": True, "selfHeal": True} | ({"allowEmpty": True} if parent.startswith("tenant-") else {})
    assert spec["syncPolicy"]["automated"] == automated
    assert spec["syncPolicy"]["retry"] == application(good())["spec"]["syncPolicy"]["retry"]
    assert spec["project"] == "onboarding-prod"
    assert spec["source"]["targetRevision"] == "refs/heads/main"
    assert "directory" not in spec["source"]
    assert value["metadata"]["annotations"] == {"argocd.argoproj.io/sync-options": PROTECTED}
    assert "finalizers" not in value["metadata"]


def test_a_manual_environment_keeps_everything_but_automated():
    automatic = application(good())["spec"]["syncPolicy"]
    manual = application(edited("platform.yaml", "requests: queue", "sync: manual"))["spec"]["syncPolicy"]
    assert manual == {key: value for key, value in automatic.items() if key != "automated"}


def test_an_api_follows_the_revision_of_its_environment():
    files = edited("platform.yaml", "requests: queue", "revision: refs/tags/v1.2.0")
    assert application(files)["spec"]["source"]["targetRevision"] == "refs/tags/v1.2.0"


@pytest.mark.parametrize(("version", "refreshes"), [("3.1", False), ("3.2", True), ("3.10", True), ("2.14", False)])
def test_retry_refresh_only_where_argo_cd_knows_it(version, refreshes):
    files = edited("platform.yaml", "registries:", f'argocd: {{version: "{version}"}}\nregistries:')
    for value in all_applications(files).values():
        assert ("refresh" in value["spec"]["syncPolicy"]["retry"]) is refreshes


def test_every_component_is_among_the_paths_and_none_hides_behind_a_space():
    files = edited("platform.yaml", "registries:", "components: [pre-stop, on]\nregistries:")
    annotation = application(files)["metadata"]["annotations"]["argocd.argoproj.io/manifest-generate-paths"]
    assert annotation == ".;/apps/payments/overlays/prod;/apps/payments/base;/components/pre-stop;/components/on"


def test_every_application_is_protected_until_its_api_retires():
    retiring = edited(METADATA, "lifecycle: active", "lifecycle: retiring")
    for name, value in all_applications(retiring).items():
        is_child = name.startswith("payments-")
        assert value["metadata"].get("finalizers", []) == ([FINALIZER] if is_child else [])
        protection = value["metadata"]["annotations"].get("argocd.argoproj.io/sync-options")
        assert protection == (None if is_child else PROTECTED)
    assert all("finalizers" not in value["metadata"] for value in all_applications(good()).values())


@pytest.mark.parametrize(
    ("old", "new"), [("lifecycle: active", "lifecycle: removed"), ("delivery: argocd", "delivery: set-image")]
)
def test_an_api_that_argo_cd_does_not_deliver_has_no_application_and_no_folder(old, new):
    files = generated(edited(METADATA, old, new))
    assert [path for path in files if "/apps/" in path or path.endswith("/payments.yaml")] == []
    assert "generated/prod/applications/customer-a/.gitkeep" in files
    assert "generated/staging/namespaces/customer-a/payments-staging.yaml" in files
    assert one(files[TENANT], "AppProject")["spec"]["destinations"] == [{"name": "gke-prod", "namespace": "payments"}]


def test_a_tenant_without_apis_has_its_parents_and_folders_that_exist():
    files = good() | {"teams.yaml": TEAMS.replace("[customer-a]", "[customer-a, customer-b]")}
    paths = set(generated(files))
    for environment in ("staging", "prod"):
        assert f"generated/{environment}/tenants/customer-b.yaml" in paths
        assert f"generated/{environment}/applications/customer-b/.gitkeep" in paths
        assert f"generated/{environment}/namespaces/customer-b/.gitkeep" in paths


def test_without_any_tenant_the_folder_of_the_root_still_exists():
    files = {"platform.yaml": good()["platform.yaml"], "teams.yaml": TEAMS.replace("[customer-a]", "[]")}
    assert sorted(generated(files)) == [
        ".github/CODEOWNERS",
        "generated/prod/tenants/.gitkeep",
        "generated/root/prod.yaml",
        "generated/root/staging.yaml",
        "generated/staging/tenants/.gitkeep",
    ]


def test_a_tenant_that_only_an_api_names_is_generated_too():
    assert set(generated(good())) <= set(generated(good() | {"teams.yaml": TEAMS.replace("[customer-a]", "[]")}))


def test_names_that_yaml_1_1_reads_as_something_else_stay_text():
    files = {path.replace("payments", "on"): text for path, text in good().items()}
    files["apps/on/metadata.yaml"] = (
        files[METADATA.replace("payments", "on")]
        .replace("api_name: payments", 'api_name: "on"')
        .replace("namespace: payments,", 'namespace: "1e3",')
    )
    found = generated(files)["generated/prod/applications/customer-a/on.yaml"]
    value = one(found, "Application")
    assert value["metadata"]["labels"]["platform/api-name"] == "on"
    assert value["spec"]["destination"]["namespace"] == "1e3"

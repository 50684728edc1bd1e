"""AppProjects: what may be deployed where."""

from onboarding_tool import generators
from onboarding_tool.kinds import PROJECT_KINDS
from tests.support.manifests import one
from tests.support.repos import edited, good, repo_of, second_api

REPOSITORY = "https://git.example/acme/onboarding-config.git"
TENANT = "generated/prod/tenants/customer-a.yaml"
PROTECTED = {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"}


def project(files, path=TENANT):
    return one(generators.generate(repo_of(files))[path], "AppProject")


def test_a_tenants_project():
    value = project(good())
    kinds = [(item["group"], item["kind"]) for item in value["spec"].pop("namespaceResourceWhitelist")]
    assert kinds == list(PROJECT_KINDS)
    assert {("apps", "ReplicaSet"), ("", "Pod")} <= set(kinds)
    assert value == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {
            "name": "customer-a-prod",
            "namespace": "argocd",
            "labels": {"app.kubernetes.io/managed-by": "onboarding-tool"},
            "annotations": PROTECTED,
        },
        "spec": {
            "description": "The APIs of customer-a in prod",
            "sourceRepos": [REPOSITORY],
            "destinations": [{"name": "gke-prod", "namespace": "payments"}],
            "clusterResourceWhitelist": [],
        },
    }


def test_the_platforms_project():
    value = project(good(), "generated/root/prod.yaml")
    assert value["metadata"]["name"] == "onboarding-prod"
    assert value["metadata"]["annotations"] == PROTECTED
    assert value["spec"] == {
        "description": "What the platform itself deploys for prod",
        "sourceRepos": [REPOSITORY],
        "destinations": [{"name": "in-cluster", "namespace": "argocd"}, {"name": "gke-prod", "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
        "namespaceResourceWhitelist": [
            {"group": "argoproj.io", "kind": "Application"},
            {"group": "argoproj.io", "kind": "AppProject"},
            {"group": "", "kind": "ResourceQuota"},
            {"group": "", "kind": "LimitRange"},
            {"group": "networking.k8s.io", "kind": "NetworkPolicy"},
        ],
    }


def test_destinations_are_every_namespace_once_and_sorted():
    files = good() | second_api("orders") | second_api("carts", **{"namespace: carts,": "namespace: payments,"})
    found = [item["namespace"] for item in project(files)["spec"]["destinations"]]
    assert found == ["orders", "payments"]


def test_a_removed_api_keeps_its_destination():
    files = good() | second_api("orders", **{"lifecycle: active": "lifecycle: removed"})
    assert {"name": "gke-prod", "namespace": "orders"} in project(files)["spec"]["destinations"]


def test_a_project_holds_nothing_of_another_tenant():
    files = good() | second_api("orders", **{"tenant: customer-a": "tenant: customer-b"})
    assert project(files)["spec"]["destinations"] == [{"name": "gke-prod", "namespace": "payments"}]
    other = project(files, "generated/prod/tenants/customer-b.yaml")
    assert other["spec"]["destinations"] == [{"name": "gke-prod", "namespace": "orders"}]


def test_a_project_without_apis_permits_no_destination():
    files = edited("teams.yaml", "[customer-a]", "[customer-a, customer-b]")
    assert project(files, "generated/prod/tenants/customer-b.yaml")["spec"]["destinations"] == []


def test_argo_cds_own_namespace_is_the_platforms_choice():
    files = edited("platform.yaml", "registries:", "argocd: {namespace: gitops}\nregistries:")
    assert project(files)["metadata"]["namespace"] == "gitops"
    root = project(files, "generated/root/prod.yaml")
    assert root["spec"]["destinations"][0] == {"name": "in-cluster", "namespace": "gitops"}

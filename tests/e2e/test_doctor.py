"""`onboard doctor` on a real Kubernetes and a real Argo CD: each defect is made there, and mended as it says."""

import json
import os
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.cluster import argocd as argo
from tests.cluster import conditions
from tests.cluster.argocd import ArgoCD
from tests.cluster.client import Cluster, Object
from tests.cluster.remote import Remote
from tests.cluster.rights import documented, grant, revoke
from tests.support.cli import Done
from tests.support.git import git, repository
from tests.support.pages import typed
from tests.support.repos import edited, with_generated

# Argo CD is not to deliver what these tests do not look at.
SKIPPED = {"argocd.argoproj.io/skip-reconcile": "true"}
REPO_SERVER: Object = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "argocd-repo-server",
        "namespace": argo.NAMESPACE,
        "labels": {"app.kubernetes.io/name": "argocd-repo-server", "app.kubernetes.io/part-of": "argocd"},
    },
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "argocd-repo-server"}},
        "template": {
            "metadata": {"labels": {"app": "argocd-repo-server"}},
            "spec": {
                "containers": [
                    {"name": "plugin", "image": "acme/plugin:v9.9.9"},
                    {"name": "argocd-repo-server", "image": "quay.io/argoproj/argocd:v3.5.1"},
                ]
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class World:
    """A config repo, and around it all that it needs."""

    config: Path
    argocd: ArgoCD
    first: Cluster  # gke-staging, with Argo CD
    second: Cluster  # gke-prod
    ingress_class: str
    run: Callable[..., Done]

    def doctor(self, *words: str, **environment: str) -> dict[tuple[str, str], dict[str, str]]:
        """The results that are not ok, by name and subject."""
        done = self.run("doctor", "--format", "json", *words, at=self.config, **environment)
        assert done.err == "", done
        found = json.loads(done.out)["results"]
        assert done.code == int(any(result["status"] == "problem" for result in found))
        return {(result["name"], result["subject"]): result for result in found if result["status"] != "ok"}

    def type(self, fix: str) -> None:
        """Do what the first line says, as kubectl would."""
        command = shlex.split(fix.splitlines()[0])
        context, namespace, verb = command[2], command[4], command[5]
        assert command == ["kubectl", "--context", self.first.name, "-n", argo.NAMESPACE, *command[5:]], context
        if verb == "apply":
            apply_root(self.config / command[-1], self.first)
        else:
            assert verb == "patch"
            kind = {"configmap": "ConfigMap", "appproject": "AppProject"}[command[6]]
            self.first.patch(kind, command[7], json.loads(command[-1]), namespace)

    def edit(self, old: str, new: str) -> None:
        path = self.config / "platform.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def close_default(cluster: Cluster) -> None:
    cluster.patch("AppProject", "default", {"spec": {"sourceRepos": [], "destinations": []}}, argo.NAMESPACE)


def apply_root(path: Path, cluster: Cluster) -> None:
    for item in yaml.safe_load_all(path.read_text()):
        if item["kind"] == "Application":
            item["metadata"]["annotations"] |= SKIPPED
        cluster.apply(item)


def ingress_class(name: str) -> Object:
    kind = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": name}}
    return kind | {"spec": {"controller": "example.com/ingress"}}


@pytest.fixture
def world(
    argocd: ArgoCD,
    cluster: Cluster,
    second_cluster: Cluster,
    remote: Remote,
    namespace: str,
    onboard: Callable[..., Done],
    tmp_path: Path,
) -> Iterator[World]:
    """With nothing wrong in it."""
    files = edited("platform.yaml", "https://git.example/acme/onboarding-config.git", remote.url)
    files = edited("platform.yaml", "class: nginx", f"class: {namespace}", files)
    config = repository(tmp_path / "config", with_generated(files))
    git(config, "remote", "add", "origin", remote.url)
    git(config, "push", "-q", "-u", "origin", "main")
    for each in (cluster, second_cluster):
        argocd.register(each)
        each.apply(ingress_class(namespace))
    close_default(cluster)
    for name in ("staging", "prod"):
        apply_root(config / f"generated/root/{name}.yaml", cluster)
    cluster.apply(REPO_SERVER)
    yield World(config, argocd, cluster, second_cluster, namespace, onboard)
    cluster.delete("Deployment", "argocd-repo-server", argo.NAMESPACE)
    cluster.patch("ConfigMap", "argocd-cm", {"data": None}, argo.NAMESPACE)
    cluster.apply(argo.DEFAULT_PROJECT)
    for each in (cluster, second_cluster):
        each.delete("IngressClass", namespace)


ADMIN = ("argocd-rights-excessive", "argocd")


def test_in_a_good_world_an_administrator_is_only_told_so(world):
    found = world.doctor()
    assert set(found) == {ADMIN}
    assert found[ADMIN]["status"] == "warning"
    assert "you may do everything" in found[ADMIN]["message"]


def test_the_default_project_is_open_until_it_is_closed_as_it_says(world):
    world.first.apply(argo.DEFAULT_PROJECT)
    found = world.doctor()
    assert set(found) == {ADMIN, ("argocd-project-default-open", "argocd")}
    world.type(found["argocd-project-default-open", "argocd"]["fix"])
    assert set(world.doctor()) == {ADMIN}
    world.first.delete("AppProject", "default", argo.NAMESPACE)
    world.first.wait_until_gone("AppProject", "default", argo.NAMESPACE)
    assert set(world.doctor()) == {ADMIN}


def test_settings_that_weaken_argocd_are_mended_as_it_says(world):
    settings = {
        "kustomize.buildOptions": "--load-restrictor LoadRestrictionsNone --enable-helm --helm-debug",
        "kustomize.path.v5.0.0": "/custom-tools/kustomize",
        "application.resourceTrackingMethod": "label",
        "cluster.inClusterEnabled": "false",
    }
    world.first.patch("ConfigMap", "argocd-cm", {"data": settings}, argo.NAMESPACE)
    found = world.doctor()
    assert {name: result["status"] for (name, _), result in found.items()} == {
        "argocd-build-options-unsafe": "problem",
        "argocd-kustomize-replaced": "warning",
        "argocd-tracking-by-label": "warning",
        "argocd-in-cluster-disabled": "problem",
        "argocd-rights-excessive": "warning",
    }
    for name in ("argocd-build-options-unsafe", "argocd-tracking-by-label", "argocd-in-cluster-disabled"):
        world.type(found[name, "argocd"]["fix"])
    assert set(world.doctor()) == {ADMIN, ("argocd-kustomize-replaced", "argocd")}
    kept = world.first.get("ConfigMap", "argocd-cm", argo.NAMESPACE)
    assert kept is not None
    assert kept["data"]["kustomize.buildOptions"] == "--helm-debug"


def test_clusters_that_argocd_does_not_know_or_knows_twice(world):
    world.first.delete("Secret", "cluster-gke-prod", argo.NAMESPACE)
    twin = world.first.get("Secret", "cluster-gke-staging", argo.NAMESPACE)
    assert twin is not None
    labels = twin["metadata"]["labels"]
    metadata = {"name": "cluster-twin", "namespace": argo.NAMESPACE, "labels": labels}
    world.first.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": twin["data"]})
    found = world.doctor()
    assert set(found) == {
        ADMIN,
        ("cluster-unregistered", "cluster gke-prod"),
        ("cluster-registered-twice", "cluster gke-staging"),
    }
    unregistered = found["cluster-unregistered", "cluster gke-prod"]
    assert "but gke-staging and in-cluster" in unregistered["message"]
    assert unregistered["fix"] == "argocd cluster add gke-prod --name gke-prod"
    world.argocd.register(world.second)
    world.first.delete("Secret", "cluster-twin", argo.NAMESPACE)
    assert set(world.doctor()) == {ADMIN}


def test_a_root_that_was_not_applied_or_is_an_old_one(world):
    world.first.delete("Application", "onboarding-prod", argo.NAMESPACE)
    world.first.wait_until_gone("Application", "onboarding-prod", argo.NAMESPACE)
    source = {"spec": {"source": {"path": "generated/staging/old"}}}
    world.first.patch("Application", "onboarding-staging", source, argo.NAMESPACE)
    found = world.doctor()
    assert set(found) == {
        ADMIN,
        ("root-not-applied", "environment prod"),
        ("root-not-applied", "environment staging"),
    }
    missing, old = found["root-not-applied", "environment prod"], found["root-not-applied", "environment staging"]
    assert (missing["status"], old["status"]) == ("problem", "warning")
    assert "the Application onboarding-prod is missing" in missing["message"]
    world.type(missing["fix"])
    assert ("root-not-applied", "environment prod") not in world.doctor()


def test_an_ingress_class_that_is_missing(world):
    world.second.delete("IngressClass", world.ingress_class)
    world.second.apply(ingress_class(f"{world.ingress_class}-2"))
    found = world.doctor()
    world.second.delete("IngressClass", f"{world.ingress_class}-2")
    assert set(found) == {ADMIN, ("ingress-class-missing", "environment prod")}
    assert f"{world.ingress_class}-2" in found["ingress-class-missing", "environment prod"]["fix"]


GATEWAY_KINDS = ("gateways", "Gateway"), ("httproutes", "HTTPRoute")


def gateway_kind(plural: str, kind: str) -> Object:
    """A definition of the Gateway API, of the fields that matter here."""
    group = "gateway.networking.k8s.io"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{plural}.{group}",
            "annotations": {"api-approved.kubernetes.io": "https://github.com/kubernetes-sigs/gateway-api"},
        },
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }


def test_a_gateway_that_is_missing(world):
    name = world.ingress_class
    entry = "host: api.platform.example, target: {}, class: {}"
    world.edit(entry.format("ingress-nginx", name), entry.format("gateway", f"{name}/main"))
    subject = "environment prod"
    assert "does not know the Gateway API" in world.doctor()["gateway-missing", subject]["message"]
    for plural, kind in GATEWAY_KINDS:
        world.second.apply(gateway_kind(plural, kind))
        world.second.wait_until(
            conditions.established, "CustomResourceDefinition", f"{plural}.gateway.networking.k8s.io"
        )
    assert f"no Gateway {name}/main" in world.doctor()["gateway-missing", subject]["message"]
    gateway = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway"}
    world.second.apply(gateway | {"metadata": {"name": "main", "namespace": name}})
    found = world.doctor()
    for plural, _ in GATEWAY_KINDS:
        world.second.delete("CustomResourceDefinition", f"{plural}.gateway.networking.k8s.io")
    assert ("gateway-missing", subject) not in found


def test_versions_that_platform_yaml_does_not_say(world):
    world.edit("registries:", 'kubernetes: "1.37"\nargocd: {version: "3.4"}\nregistries:')
    found = world.doctor("--env", "prod")
    assert (
        "it is version 3.5, and Applications are generated for 3.4"
        in found["argocd-version-mismatch", "argocd"]["message"]
    )
    assert found["kubernetes-version-mismatch", "cluster gke-prod"]["status"] == "problem"
    world.edit('kubernetes: "1.37"', 'kubernetes: "1.35"')
    assert world.doctor()["kubernetes-version-mismatch", "cluster gke-prod"]["status"] == "warning"


def test_argocd_that_is_elsewhere(world):
    there = world.doctor("--argocd-context", "gke-prod")
    assert there["argocd-namespace-missing", "argocd"]["status"] == "problem"
    assert there["argocd-crds-missing", "argocd"]["status"] == "problem"
    assert there["root-not-applied", "environment prod"]["status"] == "unknown"
    assert there["argocd-project-default-open", "argocd"]["status"] == "unknown"
    world.edit("clusters:\n", "clusters:\n  in-cluster: {context: gke-prod}\n")
    assert ("argocd-namespace-missing", "argocd") in world.doctor()
    assert ("argocd-namespace-missing", "argocd") not in world.doctor("--argocd-context", "gke-staging")


def test_a_version_that_is_not_to_be_seen_is_unknown(world):
    world.first.delete("Deployment", "argocd-repo-server", argo.NAMESPACE)
    found = world.doctor()
    assert {name for name, _ in found} == {ADMIN[0], "argocd-version-mismatch", "argocd-kustomize-mismatch"}
    assert {result["status"] for result in found.values()} == {"unknown", "warning"}


# Who asks


def stranger(cluster: Cluster, path: Path, **changes: str) -> Path:
    """The kubeconfig of the administrator with something else in it."""
    value = json.loads(cluster.kubeconfig.read_text())
    value["users"][0]["user"] |= {key: text for key, text in changes.items() if key == "token"}
    value["clusters"][0]["cluster"] |= {key: text for key, text in changes.items() if key != "token"}
    path.write_text(json.dumps(value))
    return path


def test_a_token_that_nobody_knows(world, tmp_path):
    prod = stranger(world.second, tmp_path / "prod", token="hunter2")
    found = world.doctor(KUBECONFIG=f"{world.first.kubeconfig}{os.pathsep}{prod}")
    broken = {key for key, result in found.items() if result["status"] == "problem"}
    assert broken == {("cluster-unreachable", "cluster gke-prod")}
    assert "does not know you: Unauthorized" in found["cluster-unreachable", "cluster gke-prod"]["message"]
    assert "Log in again" in found["cluster-unreachable", "cluster gke-prod"]["fix"]


def test_a_cluster_with_another_certificate(world, tmp_path):
    authority = json.loads(world.first.kubeconfig.read_text())["clusters"][0]["cluster"]["certificate-authority-data"]
    prod = stranger(world.second, tmp_path / "prod", **{"certificate-authority-data": authority})
    found = world.doctor(KUBECONFIG=f"{world.first.kubeconfig}{os.pathsep}{prod}")
    assert "certificate verify failed" in found["cluster-unreachable", "cluster gke-prod"]["message"]


@pytest.fixture
def bot(world: World, namespace: str) -> Iterator[str]:
    """A service account without any rights, on both clusters; returns its KUBECONFIG. What it is granted goes."""
    for each in (world.first, world.second):
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": namespace}}
        each.apply(account, namespace=namespace)
    yield os.pathsep.join(str(each.kubeconfig_of(namespace, namespace)) for each in (world.first, world.second))
    for each in (world.first, world.second):
        revoke(each, namespace)


REGISTRATION = {
    (name, f"cluster {cluster}")
    for name in ("cluster-unregistered", "cluster-registered-twice")
    for cluster in ("gke-staging", "gke-prod")
}


def test_the_documented_rights_are_enough_and_not_too_many(world, bot, namespace, blocks):
    in_argocd, in_environments = documented()
    assert len(blocks) == 2
    grant(world.first, in_argocd, namespace)
    for each in (world.first, world.second):
        grant(each, in_environments, namespace)
    found = world.doctor(KUBECONFIG=bot)
    assert set(found) == REGISTRATION
    assert {result["status"] for result in found.values()} == {"unknown"}
    assert "you may not list them" in found["cluster-unregistered", "cluster gke-prod"]["message"]


def test_the_page_shows_what_it_prints(world, bot, namespace, tmp_path, blocks):
    """To somebody who may also see which clusters are registered, and calls Argo CD's own gke-platform."""
    [shown] = blocks
    in_argocd, in_environments = documented()
    in_argocd[0]["rules"].append({"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]})
    grant(world.first, in_argocd, namespace)
    for each in (world.first, world.second):
        grant(each, in_environments, namespace)
    world.first.apply(argo.DEFAULT_PROJECT)
    platform = tmp_path / "kubeconfig"
    platform.write_text(Path(bot.partition(os.pathsep)[0]).read_text().replace('"gke-staging"', '"gke-platform"'))
    heading, problem, *fix, passed = shown.shows.splitlines(keepends=True)
    assert len(shown.text.splitlines()) == 4
    for line in shown.text.splitlines():
        done = typed(line, at=world.config, KUBECONFIG=f"{platform}{os.pathsep}{bot}")
        assert (done.code, done.err) == (1, ""), done.out
        assert "1 problem, 0 warnings, 0 unknown" in done.out
        assert "".join([heading, problem, *fix]) in done.out
        assert passed in done.out or "--verbose" in line


def test_whoever_may_nothing_is_told_what_is_missing_and_what_is_unknown(world, bot):
    found = world.doctor(KUBECONFIG=bot)
    broken = {key for key, result in found.items() if result["status"] == "problem"}
    assert broken == {
        ("argocd-rights-missing", "argocd"),
        ("rights-missing", "environment staging"),
        ("rights-missing", "environment prod"),
    }
    assert "may not list and watch Applications in argocd" in found["argocd-rights-missing", "argocd"]["message"]
    lacking = found["rights-missing", "environment prod"]["message"]
    assert "list deployments.apps, watch deployments.apps, list pods and watch pods in payments" in lacking
    unknown = found["argocd-project-default-open", "argocd"]
    assert unknown["status"] == "unknown"
    assert "forbids to look at appprojects.argoproj.io" in unknown["message"]


def test_rights_in_the_namespaces_of_the_apis_are_enough(world, bot, namespace):
    rules = [
        {"apiGroups": [group], "resources": [kind], "verbs": ["list", "watch"]}
        for group, kind in (("apps", "deployments"), ("", "pods"))
    ]
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": namespace}}
    world.second.apply(role | {"rules": rules})
    world.second.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "payments"}})
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": namespace}}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": namespace}
    subject = {"kind": "ServiceAccount", "name": namespace, "namespace": namespace}
    world.second.apply(binding | {"roleRef": reference, "subjects": [subject]}, namespace="payments")
    assert ("rights-missing", "environment prod") not in world.doctor("--env", "prod", KUBECONFIG=bot)


def test_a_pipeline_that_may_patch_applications_is_an_administrator(world, bot, namespace):
    in_argocd, _ = documented()
    for item in in_argocd:
        for rule in item.get("rules", ()):
            if "applications" in rule["resources"]:
                rule["verbs"] = [*rule["verbs"], "patch"]
    grant(world.first, in_argocd, namespace)
    excessive = world.doctor(KUBECONFIG=bot)[ADMIN]
    assert (excessive["status"], excessive["message"][:38]) == ("warning", "you may patch Applications in argocd: ")
    world.edit("registries:", "argocd: {refresh: true}\nregistries:")
    assert ADMIN not in world.doctor(KUBECONFIG=bot)

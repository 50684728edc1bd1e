"""Every object that `generate` can make is one that the API server accepts, and nothing in it is unknown to it."""

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from kubernetes.dynamic.exceptions import DynamicApiError

from onboarding_tool import generators, load, resources, scaffold
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks import quota_not_whole
from onboarding_tool.generators.layout import is_read_as_it_is
from onboarding_tool.model import Phase
from onboarding_tool.rendering import Form, render_request
from onboarding_tool.tree import changed, tree_of
from tests.cluster import controlplane
from tests.cluster.client import Cluster, Object
from tests.cluster.conditions import established
from tests.cluster.tools import Tools
from tests.support import fleets
from tests.support.examples import NAMES, example
from tests.support.imports import empty_repo, imported
from tests.support.manifests import documents
from tests.support.repos import (
    METADATA,
    TEAMS,
    edited,
    findings,
    good,
    loaded,
    repo_of,
    second_api,
    with_component,
)

Files = Mapping[str, str | bytes]
PLATFORM_FILE, METADATA_FILE = "platform.yaml", "apps/payments/metadata.yaml"
QUOTAS = (
    "{}",
    '{limits.cpu: "8", limits.memory: 16Gi}',
    '{cpu: 1500m, memory: "1e9", ephemeral-storage: 0.5Gi, requests.storage: 1Ti, pods: "0"}',
    '{count/deployments.apps: "10", services.loadbalancers: "1", persistentvolumeclaims: "3", secrets: 1k}',
    '{requests.nvidia.com/gpu: "4", gold.storageclass.storage.k8s.io/requests.storage: 5Ti}',
)
# Names and amounts of a quota, of which some are refused.
LIMITED = (
    *(f"{before}{name}" for before in ("", "requests.", "limits.") for name in ("cpu", "ephemeral-storage", "storage")),
    *("pods", "requests.pods", "Pods", "services", "services.nodeports", "services.clusterips", "resourcequotas"),
    *("replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "deployments", "foo", "count"),
    *("hugepages-2Mi", "requests.hugepages-2Mi", "limits.hugepages-2Mi", "hugepages-", "count/jobs.batch", "Foo/x"),
    *("nvidia.com/gpu", "requests.nvidia.com/gpu", "limits.nvidia.com/gpu", "x.kubernetes.io/y"),
    *("gold.storageclass.storage.k8s.io/requests.storage", f"{'a.' * 118}a/x", f"{'a.' * 127}a/x"),
)
AMOUNTS = (
    *(
        "0",
        "00",
        "1.0",
        "0.5k",
        "1.0001k",
        "1.5Ki",
        "1.3Ki",
        "1.5Ti",
        "1E",
        "1.5E",
        "1E3",
        "1e3",
        "1.5e1",
        "1e-3",
        "1e+3",
    ),
    *(
        "1e+3",
        "1000e-3",
        "1000m",
        "1500m",
        "1m",
        "1u",
        "1n",
        "1000000u",
        "1000000000n",
        "0.00000000001",
        "1e99.5",
        "1 k",
    ),
)
LONGEST = "a" * 40
KUSTOMIZATION = re.compile(r"generated/[^/]+/apps/[^/]+/kustomization\.yaml")
ROUTES = re.compile(r"generated/([^/]+)/apps/([^/]+)/routes\.yaml")
OUR_KINDS = ("Application", "AppProject", "Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy", "Ingress")


# Shapes


def platform(*pairs: str) -> dict[str, str]:
    """`good()` with pieces of platform.yaml replaced: old, new, old, new."""
    files = good()
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        files = edited(PLATFORM_FILE, old, new, files)
    return files


def metadata(old: str, new: str) -> dict[str, str]:
    return edited(METADATA_FILE, old, new)


def said(line: str) -> dict[str, str]:
    """`good()` with one more line in platform.yaml."""
    return platform("registries:", f"{line}\nregistries:")


def shapes() -> dict[str, Files]:
    """Config repos that differ in what is generated, by what is special about each."""
    found: dict[str, Files] = {f"example {name}": example(name) for name in NAMES}
    found |= {f"quota {quota}": said(f"quota: {quota}") for quota in QUOTAS}
    found |= {f"Argo CD {version}": said(f'argocd: {{version: "{version}"}}') for version in ("2.14", "3.1", "3.2")}
    found |= {
        f"lifecycle {name}": metadata("lifecycle: active", f"lifecycle: {name}") for name in ("retiring", "removed")
    }
    found |= {f"managed {one} {two}": managed(one, two) for one, two in product(("full", "none"), repeat=2)}
    found |= {f"route {', '.join(map(str, words))}": routed(*words) for words in routes()}
    return found | {
        "good": good(),
        "sync manual": platform("requests: queue", "requests: queue\n    sync: manual"),
        "pinned": platform("requests: queue", "requests: queue\n    revision: refs/tags/customer-a-v1.2.0"),
        "Argo CD elsewhere": said("argocd: {namespace: gitops}"),
        "in Argo CD's cluster": platform("gke-prod", "in-cluster"),
        "by ssh": platform("https://git.example/acme/onboarding-config.git", "git@git.example:acme/config.git"),
        "entered from nowhere": said("ingress_from: []"),
        "entered from two": said("ingress_from: [{namespace: ingress-nginx}, {namespace: monitoring}]"),
        "component": with_component('labels: [{pairs: {a: "yes"}}]\n'),
        "label y": said("ownership_label: 'y'"),
        "set-image": metadata("delivery: argocd", "delivery: set-image"),
        "no tenants": good() | {"teams.yaml": TEAMS.replace("[customer-a]", "[]")},
        "idle tenant": good() | {"teams.yaml": TEAMS.replace("[customer-a]", f"[customer-a, {LONGEST}]")},
        "two in one namespace": good() | second_api(**{"orders-staging": "payments-staging"}),
        "two routes": metadata("routes:\n", f"routes:\n{route('/a', 'dual', 'generated', True, ())}"),
        "ambiguous names": renamed("on", "1e3"),
        "long names": renamed(LONGEST, "b" * 63),
    }


def managed(staging: str, prod: str) -> dict[str, str]:
    files = metadata("manage: full", f"manage: {staging}")
    return edited(METADATA_FILE, "payments, manage: none", f"payments, manage: {prod}", files)


def routes() -> Iterable[tuple[str, str, bool, tuple[str, ...]]]:
    hosts = ((), ("1.e5", "www.customer-a.com"))
    return product((phase.value for phase in Phase), ("generated", "base"), (True, False), hosts)


def routed(*words: object) -> dict[str, str]:
    """One route in the environment prod."""
    return good() | {METADATA_FILE: METADATA.partition("  - prefix")[0] + route("/customer-a/payments", *words)}


def route(prefix: str, phase: str, legacy: str, strip: bool, hosts: tuple[str, ...]) -> str:
    fields = f"prefix: {prefix}, service: payments, port: 8080, strip_prefix: {str(strip).lower()}"
    return f"  - {{{fields}, legacy: {legacy}, legacy_hosts: {json.dumps(hosts)}, phase: {{prod: {phase}}}}}\n"


def renamed(name: str, namespace: str) -> dict[str, str]:
    """`good()` with another name of the API in prod."""
    files = {path.replace("payments", name): text for path, text in good().items()}
    path = METADATA_FILE.replace("payments", name)
    files[path] = files[path].replace("api_name: payments", f'api_name: "{name}"')
    return files | {path: files[path].replace("namespace: payments,", f'namespace: "{namespace}",')}


def scaffolded() -> Files:
    wish = scaffold.Wish("orders", "customer-a", "payments-team", "europe-docker.pkg.dev/acme/orders/app:v1", 8080)
    repo = repo_of(good())
    return files_with(repo, scaffold.add_api(repo, wish))


def brought_in(name: str, data: bytes) -> Files:
    repo = empty_repo()
    return files_with(repo, imported({name: data}, repo, name=name, prefix=None, allow_registries=True).changes)


def files_with(repo, changes) -> Files:
    tree = changed(repo.tree, changes)
    return {path: tree.read(path) for path in tree.paths()}


def everything() -> dict[str, Files]:
    found = shapes() | {"scaffolded": scaffolded()}
    exports = resources.example_files().items()
    return found | {f"import {path}": brought_in(path.removesuffix(".yaml"), data) for path, data in exports}


# What the cluster receives


@pytest.fixture(scope="module")
def rendering(renderer: Path) -> Iterator[Renderer]:
    with Renderer(jobs=1, time_limit=60, command=renderer) as running:
        yield running


def received(rendering: Renderer, files: Files) -> Iterator[Object]:
    """The objects in the files that Argo CD reads as they stand, and in its renders."""
    repo, found = load.load(tree_of(files))
    assert found == []
    tree = changed(repo.tree, generators.generate(repo))
    for path in filter(is_read_as_it_is, tree.paths()):
        yield from documents(tree.read(path))
    folders = [path.rpartition("/")[0] for path in tree.paths() if KUSTOMIZATION.fullmatch(path)]
    for rendered in rendering.render(render_request(tree, folder, Form.OBJECTS) for folder in folders):
        assert rendered.failure is None, rendered.message
        yield from rendered.values


@pytest.fixture(scope="module")
def objects(rendering: Renderer) -> list[tuple[str, Object]]:
    """Each different object once, after the shape that it comes from."""
    found: dict[str, tuple[str, Object]] = {}
    for shape, files in everything().items():
        for value in received(rendering, files):
            found.setdefault(json.dumps(value, sort_keys=True), (shape, value))
    return list(found.values())


# Judging


def refusal(cluster: Cluster, value: Object) -> str | None:
    """What the API server has against an object, which is not stored."""
    resource = cluster.api.resources.get(api_version=value["apiVersion"], kind=value["kind"])
    strictly = [("dryRun", "All"), ("fieldValidation", "Strict")]
    namespace = value["metadata"].get("namespace")
    try:
        cluster.api.server_side_apply(
            resource, body=value, namespace=namespace, field_manager="tests", query_params=strictly
        )
    except DynamicApiError as error:
        return str(json.loads(error.body)["message"])
    return None


def make_namespaces(cluster: Cluster, names: Iterable[str]) -> None:
    for name in sorted(set(names)):
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})


def namespaces_of(objects: Iterable[Object]) -> Iterator[str]:
    return (value["metadata"]["namespace"] for value in objects if "namespace" in value["metadata"])


@pytest.fixture(scope="module")
def newest(tools: Tools, _folder: Path, published_crds: Path) -> Iterator[Cluster]:
    """A cluster with the newest CustomResourceDefinitions of Argo CD and Gateway API, and without their controllers.

    One of its own: other tests count on clusters without them, and Kubernetes may take minutes to delete a definition.
    """
    with controlplane.running(tools, _folder / "newest", "newest") as running:
        for path in sorted(published_crds.glob("*/*.yaml")):
            if "applicationset" in path.name:
                continue
            definition = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            running.apply(definition)
            running.wait_until(established, "CustomResourceDefinition", definition["metadata"]["name"])
        yield running


def test_every_object_of_every_shape_is_accepted(newest, objects):
    make_namespaces(newest, namespaces_of(value for _, value in objects))
    refused = {shape: said for shape, value in objects if (said := refusal(newest, value))}
    assert refused == {}
    assert {value["kind"] for _, value in objects} >= {*OUR_KINDS, "Deployment", "Service", "ConfigMap"}


def test_every_application_and_project_is_accepted_by_the_argo_cd_that_runs_here(argocd, objects):
    ours = [(shape, value) for shape, value in objects if value["kind"] in ("Application", "AppProject")]
    make_namespaces(argocd.cluster, namespaces_of(value for _, value in ours))
    refused = {shape: said for shape, value in ours if (said := refusal(argocd.cluster, value))}
    assert refused == {}
    assert len(ours) > 100


@given(repo=fleets.repos)
@settings(max_examples=10)
def test_whatever_a_fleet_is_its_objects_are_accepted(newest, repo):
    make_namespaces(newest, {*fleets.LABELS} - {item["metadata"]["name"] for item in newest.objects("Namespace")})
    for path, data in generators.generate(repo).items():
        if found := ROUTES.fullmatch(path):
            environment, api = found.groups()
            home = repo.apis[api].environments[environment].namespace
            values = [value | {"metadata": value["metadata"] | {"namespace": home}} for value in documents(data)]
        else:
            values = documents(data) if is_read_as_it_is(path) else []
        assert [said for value in values if (said := refusal(newest, value))] == []


@pytest.mark.parametrize("kind", ["Application", "Ingress"])
def test_a_field_that_nobody_knows_is_refused(newest, objects, kind):
    value = copy.deepcopy(next(value for _, value in objects if value["kind"] == kind))
    make_namespaces(newest, namespaces_of([value]))
    value["spec"]["unheardOf"] = True
    said = refusal(newest, value)
    assert said is not None
    assert "unheardOf" in said


def test_a_quota_is_refused_here_where_the_api_server_refuses_it(newest):
    make_namespaces(newest, ["quotas"])
    asked = [
        *((name, amount) for name in LIMITED for amount in ("1", "1.5")),
        *(("pods", amount) for amount in AMOUNTS),
    ]
    refused = {pair for pair in asked if refusal(newest, quota_of(*pair))}
    assert {pair for pair in asked if not fits(*pair)} == refused
    assert 0 < len(refused) < len(asked)


def quota_of(name: str, amount: str) -> Object:
    metadata = {"name": "quota", "namespace": "quotas"}
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {"hard": {name: amount}}}


def fits(name: str, amount: str) -> bool:
    files = said(f'quota: {{"{name}": "{amount}"}}')
    return loaded(files) == [] and findings(quota_not_whole, files) == []

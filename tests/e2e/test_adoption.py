"""An API that runs already, applied with kubectl, is imported and taken over by Argo CD: nothing of it restarts."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml

from tests.cluster.client import Cluster, Object
from tests.cluster.conditions import available, delivered, rescaled_to, there, with_address, with_replicas
from tests.cluster.config_repo import ENVIRONMENT
from tests.cluster.delivery import Delivery, application, deleting, prepared
from tests.support.pages import ROOT, typed

# How each of them came to its number of pods; the HPA of each wants at least three.
NEVER_APPLIED, HANDED_OVER, NOT_HANDED_OVER = APIS = ("payments", "orders", "catalog")
REPLICAS = 3
CLIENT_SIDE = "kubectl-client-side-apply"
EXPORTED = (
    *("Deployment", "ReplicaSet", "Pod", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Ingress"),
    *("ConfigMap", "ServiceAccount"),
)
# As a legacy platform applied them. Two containers of one repository have two tags; the Service has a chosen port.
MANIFESTS = """\
apiVersion: v1
kind: ServiceAccount
metadata: {name: API}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: API-config}
data: {application.properties: "mode=live\\n"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: API, labels: {app: API, tier: backend}}
spec:
  selector: {matchLabels: {app: API}}
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata:
      annotations: {kubectl.kubernetes.io/restartedAt: "2026-08-30T07:02:11+02:00"}
      labels: {app: API, tier: backend}
    spec:
      serviceAccountName: API
      initContainers:
        - {name: migrate, image: registry.example/legacy/API-tools:v7, command: [migrate]}
      containers:
        - name: app
          image: registry.example/legacy/API:v1.4.0
          env:
            - {name: LOG_LEVEL, value: info}
            - {name: OLD_SWITCH, value: "1"}
          ports: [{containerPort: 8080, name: http}]
          volumeMounts: [{name: config, mountPath: /config}]
        - {name: proxy, image: "registry.example/legacy/API:v0.9.0-proxy", args: [--listen=:9102]}
      volumes:
        - {name: config, configMap: {name: API-config}}
---
apiVersion: v1
kind: Service
metadata: {name: API}
spec:
  type: NodePort
  selector: {app: API}
  ports: [{name: http, port: 80, targetPort: http, nodePort: NODEPORT}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: API}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: API}
  minReplicas: 3
  maxReplicas: 5
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: API}
spec: {minAvailable: 1, selector: {matchLabels: {app: API}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: API}
spec:
  ingressClassName: nginx
  rules:
    - host: API.customer-a.com
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: API, port: {name: http}}}}
"""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What ran in each API's namespace before Argo CD came, and after; by kind and name."""

    delivery: Delivery
    homes: dict[str, str]
    before: dict[str, dict[tuple[str, str], Object]]
    after: dict[str, dict[tuple[str, str], Object]]


@pytest.fixture(scope="module")
def adopted(_argocd, cluster, tmp_path_factory) -> Iterator[Adopted]:
    folder = tmp_path_factory.mktemp("repo")
    with prepared(_argocd, cluster, folder) as delivery:
        homes = {api: delivery.namespace(api) for api in APIS}
        for number, (api, home) in enumerate(homes.items()):
            cluster.kubectl("apply", "-n", home, "-f", "-", given=yaml.safe_dump_all(manifests(api, number)))
            cluster.kubectl("set", "env", "-n", home, f"deployment/{api}", "--containers=app", "BY_HAND=1")
        for api, home in homes.items():
            cluster.wait_until(scaled, "Deployment", api, home)
            cluster.wait_until(with_address, "Ingress", api, home)
            exported = folder / f"{api}.yaml"
            words = ("get", ",".join(EXPORTED), "-n", home, "--show-managed-fields", "-o", "yaml")
            exported.write_text(cluster.kubectl(*words), encoding="utf-8")
            delivery.repo.bring_in(api, exported, home)
        hand_over(delivery, HANDED_OVER)
        before = {api: running(cluster, home) for api, home in homes.items()}
        delivery.begin(*APIS)
        delivery.settle()
        for api, home in homes.items():
            cluster.wait_until(scaled, "Deployment", api, home)
        yield Adopted(delivery, homes, before, {api: running(cluster, home) for api, home in homes.items()})


def manifests(api: str, number: int) -> list[Object]:
    text = MANIFESTS.replace("NODEPORT", str(30080 + number)).replace("API", api)
    objects = list(yaml.safe_load_all(text))
    if api != NEVER_APPLIED:
        [deployment] = (item for item in objects if item["kind"] == "Deployment")
        deployment["spec"]["replicas"] = REPLICAS
    return objects


def scaled(deployment: Object) -> bool:
    return deployment["spec"]["replicas"] == REPLICAS and available(deployment)


def running(cluster: Cluster, namespace: str) -> dict[tuple[str, str], Object]:
    found = ((kind, item) for kind in EXPORTED for item in cluster.objects(kind, namespace))
    return {(kind, item["metadata"]["name"]): item for kind, item in found if not deleting(item)}


def hand_over(delivery: Delivery, api: str) -> None:
    """Run the command that the import left to people."""
    page = (delivery.repo.folder / f"apps/{api}/IMPORT.md").read_text(encoding="utf-8")
    [step] = [line for line in page.splitlines() if f"Before Argo CD takes over {api}," in line]
    [command] = re.findall(r"`kubectl ([^`]+)`", step)
    delivery.cluster.kubectl(*shlex.split(command))


def uids(objects: dict[tuple[str, str], Object]) -> dict[tuple[str, str], str]:
    return {key: item["metadata"]["uid"] for key, item in objects.items()}


def contents(objects: dict[tuple[str, str], Object]) -> dict[tuple[str, str], Object]:
    """All that an object says, but for its status and metadata."""
    return {key: {name: item[name] for name in item.keys() - {"metadata", "status"}} for key, item in objects.items()}


def test_an_adopted_api_keeps_every_object_and_every_pod_and_what_they_say(adopted):
    before, after = adopted.before[NEVER_APPLIED], adopted.after[NEVER_APPLIED]
    assert uids(after) == uids(before)
    assert contents(after) == contents(before)
    assert len([kind for kind, _ in after if kind == "Pod"]) == REPLICAS


def test_an_adopted_object_belongs_to_argo_cd_and_no_longer_to_kubectl(adopted):
    for applied in manifests(NEVER_APPLIED, 0):
        kind = applied["kind"]
        metadata = adopted.after[NEVER_APPLIED][kind, applied["metadata"]["name"]]["metadata"]
        managers = {entry["manager"] for entry in metadata["managedFields"]}
        assert "argocd-controller" in managers, kind
        assert CLIENT_SIDE not in managers, kind
        assert metadata["labels"]["platform/api-name"] == NEVER_APPLIED


def test_an_adopted_number_of_replicas_stays_when_it_was_handed_over_as_the_import_says(adopted):
    assert uids(adopted.after[HANDED_OVER]) == uids(adopted.before[HANDED_OVER])
    assert contents(adopted.after[HANDED_OVER]) == contents(adopted.before[HANDED_OVER])


def test_an_adopted_number_of_replicas_that_was_not_handed_over_falls_to_one_as_the_import_warns(adopted):
    cluster, home = adopted.delivery.cluster, adopted.homes[NOT_HANDED_OVER]
    before = adopted.before[NOT_HANDED_OVER]["Deployment", NOT_HANDED_OVER]["metadata"]["resourceVersion"]
    cluster.wait_until(with_replicas(1), "Deployment", NOT_HANDED_OVER, home, since=before)
    cluster.wait_until(rescaled_to(REPLICAS), "Event", namespace=home)
    lost = uids(adopted.before[NOT_HANDED_OVER]).keys() - uids(adopted.after[NOT_HANDED_OVER]).keys()
    # The autoscaler looks every second here: once in a hundred runs at the very moment, before any pod has gone.
    assert len([name for kind, name in lost if kind == "Pod"]) == (2 if fallen(cluster, home) else 0)
    assert not any(fallen(cluster, adopted.homes[api]) for api in (NEVER_APPLIED, HANDED_OVER))


def fallen(cluster: Cluster, namespace: str) -> bool:
    """Whether Kubernetes says that pods went; where a Deployment is rolled out, they go one by one."""
    said = [event["message"] for event in cluster.objects("Event", namespace)]
    return any(re.fullmatch(r"Scaled down replica set .* from 3 to 1", message) for message in said)


@pytest.mark.parametrize(
    ("api", "left"),
    [
        # The limit of it: Argo CD takes over what `kubectl apply` set, and nothing that others did.
        (NEVER_APPLIED, {"BY_HAND", "LOG_LEVEL"}),
        (HANDED_OVER, {"LOG_LEVEL"}),
    ],
)
def test_after_an_adoption_what_kubectl_applied_goes_when_git_no_longer_says_it(adopted, api, left):
    delivery, tool = adopted.delivery, f"registry.example/legacy/{api}"
    for variable in ("OLD_SWITCH", "BY_HAND"):
        line = f'            - name: {variable}\n              value: "1"\n'
        delivery.repo.edit(f"apps/{api}/base/deployment.yaml", line, "")
    delivery.repo.onboard("bump", api, ENVIRONMENT, f"{tool}:v1.5.0", "--container", "app")
    commit = delivery.push("Bump the app, and take two variables away")
    delivery.argocd.wait_until(delivered(commit, f"{tool}:v1.5.0"), application(api))
    found = delivery.cluster.wait_until(available, "Deployment", api, adopted.homes[api])
    app, proxy = found["spec"]["template"]["spec"]["containers"]
    assert {variable["name"] for variable in app["env"]} == left
    assert (app["image"], proxy["image"]) == (f"{tool}:v1.5.0", f"{tool}:v0.9.0-proxy")


def test_the_documented_export_is_what_import_takes(cluster, namespace, kubeconfig, tmp_path, blocks):
    """As the page says it for an API that was applied with kubectl: all of it is brought in."""
    [commands] = blocks
    home = "payments"
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home}})
    cluster.wait_until(there, "ServiceAccount", "default", home)
    cluster.kubectl("apply", "-n", home, "-f", "-", given=yaml.safe_dump_all(manifests("payments", len(APIS))))
    cluster.wait_until(available, "Deployment", "payments", home)
    before = "onboard init config --registry registry.example/legacy\ncd config\n"
    before += "onboard team add payments-team --tenant customer-a\n"
    done = typed(before, commands.text, "onboard generate\nonboard check\n", at=tmp_path, KUBECONFIG=kubeconfig)
    assert done.code == 0, done.text
    base = tmp_path / "config/apps/payments/base"
    kept = {item["kind"] for path in base.glob("*.yaml") for item in yaml.safe_load_all(path.read_text())}
    generated = {"ConfigMap"}  # as files, from which kustomize makes it
    assert kept - {"Kustomization"} == {item["kind"] for item in manifests("payments", 0)} - generated
    assert list((tmp_path / "config/apps/payments/overlays/prod/config").rglob("application.properties"))
    # The README has the same.
    assert commands.text.splitlines()[0] in (ROOT / "README.md").read_text(encoding="utf-8")

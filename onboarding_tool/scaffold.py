"""`onboard api add`: a new API from a few words, as a team would write it that has run many."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from onboarding_tool import images, metadata_file, yamltext
from onboarding_tool.errors import UsageError
from onboarding_tool.images import Image
from onboarding_tool.model import Api, Container, Phase, Repo, Route, Workload
from onboarding_tool.tree import Changes

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {deployment}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {tenant}
spec:
  # No replicas: the HorizontalPodAutoscaler owns their number.
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/part-of: {tenant}
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: {container}
          # The tag stands in the overlays, and changes by release requests.
          image: {repository}
          ports:
            - name: http
              containerPort: {port}
          # An open port says little: use httpGet as soon as the API has a path that tells whether it can serve.
          startupProbe:
            tcpSocket:
              port: http
            periodSeconds: 2
            failureThreshold: 60
          readinessProbe:
            tcpSocket:
              port: http
            periodSeconds: 5
          livenessProbe:
            tcpSocket:
              port: http
            periodSeconds: 10
            failureThreshold: 6
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop:
                - ALL
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {tenant}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: {port}
      targetPort: http
"""

HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {tenant}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {deployment}
  minReplicas: 2
  maxReplicas: 5
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
"""

PDB = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {name}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {tenant}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
"""

BASE = {"deployment.yaml": DEPLOYMENT, "service.yaml": SERVICE, "hpa.yaml": HPA, "pdb.yaml": PDB}


@dataclass(frozen=True, slots=True)
class Wish:
    """What `onboard api add` was told. `namespaces`: by environment; empty means all of them, NAME-ENV each."""

    name: str
    tenant: str
    team: str
    image: str
    port: int
    deployment: str | None = None
    container: str | None = None
    namespaces: Mapping[str, str] = field(default_factory=dict)
    prefix: str | None = None
    legacy_hosts: tuple[str, ...] = ()


def add_api(repo: Repo, wish: Wish) -> Changes:
    """The files of a new API. Raises UsageError for a wish that cannot be met."""
    metadata_file.refuse_unfit(repo, wish.name, wish.tenant, wish.team)
    image = _image(wish.image)
    _refuse(wish)
    api = _api(repo, wish, image)
    files: Changes = {
        api.path: metadata_file.metadata(api),
        f"{api.folder}/base/kustomization.yaml": metadata_file.base(BASE),
    }
    words = _words(wish, api)
    files |= {f"{api.folder}/base/{name}": text.format_map(words).encode() for name, text in BASE.items()}
    for environment, place in api.environments.items():
        overlay = metadata_file.overlay(place.namespace, [metadata_file.image_entry(image)])
        files[f"{api.overlay_folder(environment)}/kustomization.yaml"] = overlay
    return files


def _image(text: str) -> Image:
    image = images.parse(text)
    reason = images.problem(image)
    if reason is None and not metadata_file.REPOSITORY.fullmatch(image.name):
        reason = f"{image.name!r} is not a repository name in lower case"
    if reason is None and not (image.tag or image.digest):
        reason = "it has no tag, and what runs would change by itself"
    if reason:
        raise UsageError(f"--image {text}: {reason}", "For example: europe-docker.pkg.dev/acme/payments/app:v1.0.0.")
    return image


def _refuse(wish: Wish) -> None:
    for option, name in (("--deployment", wish.deployment), ("--container", wish.container)):
        if name is not None and not metadata_file.LABEL.fullmatch(name):
            hint = "Lower-case letters, digits and -, at most 63."
            raise UsageError(f"{option}: {name!r} cannot be the name of one", hint)
    if not 0 < wish.port < 65536:
        raise UsageError(
            f"--port: there is no port {wish.port}", "A number from 1 to 65535: the one its container listens on."
        )
    for host in wish.legacy_hosts:
        if not metadata_file.is_host(host):
            hint = "A full host name in lower case, without scheme, port or wildcard: payments.customer-a.com."
            raise UsageError(f"--legacy-host: {host!r} cannot be a legacy host", hint)
    if wish.prefix is not None:
        metadata_file.refuse_prefix(wish.prefix)


def _api(repo: Repo, wish: Wish, image: Image) -> Api:
    environments = metadata_file.placements(repo, wish.namespaces, lambda env: f"{wish.name}-{env}", "full")
    phase = Phase.LEGACY if wish.legacy_hosts else Phase.PATH
    route = Route(
        prefix=wish.prefix or f"/{wish.tenant}/{wish.name}",
        service=wish.name,
        port=wish.port,
        legacy_hosts=tuple(dict.fromkeys(wish.legacy_hosts)),
        phase=dict.fromkeys(environments, phase),
    )
    container = Container(wish.container or "app", image.name)
    return Api(
        name=wish.name,
        tenant=wish.tenant,
        team=wish.team,
        workloads=(Workload(wish.deployment or wish.name, (container,)),),
        environments=environments,
        routes=(route,),
    )


def _words(wish: Wish, api: Api) -> dict[str, str]:
    """What stands in the manifests, in quotes where a name such as `on` would be read as something else."""
    (workload,) = api.workloads
    (container,) = workload.containers
    words: dict[str, str | int] = {
        "name": wish.name,
        "tenant": wish.tenant,
        "deployment": workload.deployment,
        "container": container.name,
        "repository": container.image,
        "port": wish.port,
    }
    return {key: yamltext.scalar(value) for key, value in words.items()}

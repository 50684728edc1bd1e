"""The files of one API of a benchmark's fleet: metadata.yaml, base/ and overlays/. Plain text, since there are many."""

from collections.abc import Iterable, Iterator
from random import Random

from benchmarks.shapes import NOUNS, Container, Shape, Size, hexadecimal, shape
from onboarding_tool.metadata_file import MODELINE
from onboarding_tool.scaffold import DEPLOYMENT, HPA, PDB, SERVICE


def api_files(size: Size, number: int) -> dict[str, bytes]:
    """The files of an API, by path, but for requests/ and releases/."""
    about = shape(size, number)
    random = Random(f"{size.seed}/{number}/files")
    files = {"metadata.yaml": _metadata(about), **_base(about)}
    for environment in size.names:
        files |= _overlay(about, environment, random)
    ending = "\r\n" if about.crlf else "\n"
    folder = f"apps/{about.name}"
    return {f"{folder}/{path}": text.replace("\n", ending).encode() for path, text in files.items()}


# metadata.yaml


def _metadata(about: Shape) -> str:
    manage = "full" if about.managed else "none"
    places = (f"  {env}: {{namespace: {name}, manage: {manage}}}\n" for env, name in about.namespaces.items())
    workloads = (
        f"  - deployment: {name}\n    containers:\n"
        + "".join(f"      - {{name: {one.name}, image: {one.repository}}}\n" for one in containers)
        for name, containers in about.deployments.items()
    )
    comment = "# Moved from the old cluster; ask the team before its phases change.\n" if about.routes == 2 else ""
    return (
        f"{MODELINE}{comment}apiVersion: onboarding/v1\nkind: Api\napi_name: {about.name}\ntenant: {about.tenant}\n"
        f"team: {about.team}\nlifecycle: {about.lifecycle}\ncapability: {about.capability}\n"
        f"delivery: {about.delivery}\nworkloads:\n{''.join(workloads)}environments:\n{''.join(places)}{_routes(about)}"
    )


def _routes(about: Shape) -> str:
    if not about.routes:
        return "routes: []\n"
    phases = ", ".join(f"{env}: {phase}" for env, phase in about.phases.items())
    legacy = {"legacy", "dual"} & set(about.phases.values())
    found = "routes:\n"
    for suffix in ("", "-v2")[: about.routes]:
        found += (
            f"  - prefix: /{about.tenant}/{about.name}{suffix}\n    service: {about.name}\n    port: {about.port}\n"
        )
        if legacy:
            found += f"    legacy_hosts: [{about.name}{suffix}.{about.tenant}.example]\n    legacy: generated\n"
        found += f"    phase: {{{phases}}}\n"
    return found


# base/


HEADER = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
POD, CONTAINER = DEPLOYMENT.split("      containers:\n")
SIDE = """\
        - name: {container}
          image: {repository} # its tag stands in the overlays
          resources: {{requests: {{cpu: 50m, memory: 64Mi}}, limits: {{memory: 128Mi}}}}
          securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
"""
FLOW_POD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {deployment}, labels: {{app.kubernetes.io/name: {name}, app.kubernetes.io/part-of: {tenant}}}}}
spec:
  selector: {{matchLabels: {{app.kubernetes.io/name: {name}}}}}
  template:
    metadata: {{labels: {{app.kubernetes.io/name: {name}, app.kubernetes.io/part-of: {tenant}}}}}
    spec:
      securityContext: {{runAsNonRoot: true}}
"""
FLOW_CONTAINER = """\
        - name: {container}
          image: {repository}
          ports: [{{name: http, containerPort: {port}}}]
          readinessProbe: {{httpGet: {{path: /healthz, port: http}}, periodSeconds: 5}}
          resources: {{requests: {{cpu: 100m, memory: 128Mi}}, limits: {{memory: 256Mi}}}}
"""
# As tools write it that quote every text, with the lists not indented.
QUOTED_POD = """\
---
apiVersion: "apps/v1"
kind: "Deployment"
metadata:
  name: "{deployment}"
  labels: {{"app.kubernetes.io/name": "{name}"}}
  annotations:
    description: 'Serves {name}; what it needs is told in the team''s handbook.'
spec:
  selector:
    matchLabels: {{"app.kubernetes.io/name": "{name}"}}
  template:
    metadata:
      labels: {{"app.kubernetes.io/name": "{name}"}}
    spec:
      terminationGracePeriodSeconds: 30   # as long as the slowest call
"""
QUOTED_CONTAINER = """\
        - name: "{container}"
          image: "{repository}"
          args: ["--listen", ":{port}", "--log-format", "json"]
          ports:
          - name: "http"
            containerPort: {port}
          livenessProbe:
            tcpSocket: {{"port": "http"}}
          resources:
            requests: {{"cpu": "0.1", "memory": "128Mi"}}
            limits: {{"memory": "256Mi"}}
"""
STYLES = {"plain": (POD, CONTAINER), "flow": (FLOW_POD, FLOW_CONTAINER), "quoted": (QUOTED_POD, QUOTED_CONTAINER)}


def _base(about: Shape) -> dict[str, str]:
    words = {"name": about.name, "tenant": about.tenant, "deployment": about.name, "port": str(about.port)}
    files = {"service.yaml": SERVICE.format_map(words)}
    for name, containers in about.deployments.items():
        file = "deployment.yaml" if name == about.name else "worker.yaml"
        files[file] = _deployment(about, name, containers)
    if about.scaled:
        files["hpa.yaml"] = HPA.format_map(words)
    if about.budget:
        files["pdb.yaml"] = PDB.format_map(words)
    resources = "".join(f"  - {file}\n" for file in sorted(files))
    files["kustomization.yaml"] = f"{HEADER}resources:\n{resources}"
    return {f"base/{file}": text for file, text in files.items()}


def _deployment(about: Shape, deployment: str, containers: Iterable[Container]) -> str:
    pod, main = STYLES[about.style]
    words = {"name": deployment, "tenant": about.tenant, "deployment": deployment, "port": str(about.port)}
    groups = {"initContainers": "", "containers": ""}
    for one in containers:
        text = main if one.name in ("app", "worker") else SIDE
        written = text.format_map(words | {"container": one.name, "repository": one.written or one.repository})
        groups["initContainers" if one.init else "containers"] += written + _environment(about, one)
    replicas = "" if about.scaled and deployment == about.name else "  replicas: 2\n"
    head = pod.format_map(words).replace("spec:\n", f"spec:\n{replicas}", 1)
    return head + "".join(f"      {group}:\n{text}" for group, text in groups.items() if text)


def _environment(about: Shape, one: Container) -> str:
    if about.config == "none" or one.name != "app":
        return ""
    return f"          envFrom:\n            - configMapRef:\n                name: {about.name}-settings\n"


# overlays/


MEMORY = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
        - name: app
          resources:
            requests: {{cpu: {cpu}m}}
            limits:
              memory: {memory}Mi # measured under load
"""
VARIABLES = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  template:
    spec:
      containers:
        - name: app
          env:
            - {{name: LOG_LEVEL, value: {level}}}
            - {{name: WORKERS, value: "{workers}"}}
"""
BOUNDS = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {name}
spec:
  minReplicas: {least}
  maxReplicas: {most}
"""


def _overlay(about: Shape, environment: str, random: Random) -> dict[str, str]:
    text = f"{HEADER}namespace: {about.namespaces[environment]}\nresources:\n  - ../../base\n"
    text += f"images:\n{''.join(_images(about, random))}"
    patches = dict(_patches(about, random))
    files: dict[str, str] = {}
    if about.patches_in_files:
        text += "patches:\n" + "".join(f"  - path: {name}.yaml\n" for name in patches)
        files = {f"{name}.yaml": patch for name, patch in patches.items()}
    else:
        text += "patches:\n" + "".join(f"  - patch: |-\n{_indented(patch)}" for patch in patches.values())
    text += _config(about, environment, random)
    if about.config == "file":
        files[f"config/{about.name}-settings/application.properties"] = _properties(about, environment, random)
    files["kustomization.yaml"] = text
    return {f"overlays/{environment}/{path}": text for path, text in files.items()}


def _images(about: Shape, random: Random) -> Iterator[str]:
    """One entry for each repository; its containers are one slot."""
    every = {one.repository: one for containers in about.deployments.values() for one in containers}
    for repository, one in every.items():
        if one.written:
            yield f"  - name: {one.written}\n    newName: {repository}\n    newTag: {_tag(random)}\n"
        elif one.name == "proxy":
            yield f"  - {{name: {repository}, digest: 'sha256:{hexadecimal(random, 64)}'}}\n"
        elif about.style == "quoted":
            yield f'  - name: "{repository}"\n    newTag: "{random.randint(1, 9)}.{random.randint(0, 30)}"\n'
        else:
            yield f"  - name: {repository}\n    newTag: {_tag(random)} # moved by release requests\n"


def _patches(about: Shape, random: Random) -> Iterator[tuple[str, str]]:
    """Every overlay has a strategic-merge patch, as real ones do."""
    name = about.name
    if random.random() < 0.6:
        yield "memory", MEMORY.format(name=name, cpu=random.randint(1, 20) * 50, memory=random.randint(2, 32) * 64)
    else:
        yield "variables", VARIABLES.format(name=name, level=_level(random), workers=random.randint(1, 16))
    if about.scaled and random.random() < 0.3:
        least = random.randint(2, 6)
        yield "bounds", BOUNDS.format(name=name, least=least, most=least * 3)


def _config(about: Shape, environment: str, random: Random) -> str:
    if about.config == "none":
        return ""
    name = f"{about.name}-settings"
    if about.config == "file":
        return (
            f"configMapGenerator:\n  - name: {name}\n    files:\n      - config/{name}/application.properties\n"
            "    options: {disableNameSuffixHash: true} # as it was imported\n"
        )
    literals = (f"REGION={environment}", f"LOG_LEVEL={_level(random)}", f"TIMEOUT={random.randint(1, 60)}s")
    return f"configMapGenerator:\n  - name: {name}\n    literals: [{', '.join(literals)}]\n"


def _properties(about: Shape, environment: str, random: Random) -> str:
    lines = (f"{key}.limit={random.randint(1, 10_000)}\n" for key in NOUNS)
    return f"# {about.name} in {environment}\nlog.level={_level(random)}\n{''.join(lines)}"


def _tag(random: Random) -> str:
    return f"v{random.randint(1, 5)}.{random.randint(0, 20)}.{random.randint(0, 9)}"


def _level(random: Random) -> str:
    return random.choice(("debug", "info", "warning"))


def _indented(text: str) -> str:
    return "".join(f"      {line}\n" for line in text.splitlines())

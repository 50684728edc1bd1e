"""Overlays of every shape that kustomize renders, from a seed: for comparing two renderers, not for looking at."""

from random import Random

HEADER = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  labels: {{app: {name}, "quoted": "yes"}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: app   # the one that counts
          image: registry.example/{name}/app:v{replicas}
          env: [{{name: LEVEL, value: "0123"}}, {{name: "ON", value: 'off'}}]
          envFrom: [{{configMapRef: {{name: settings}}}}]
          ports: [{{containerPort: 8080}}]
        - name: proxy
          image: registry.example/proxy@sha256:{digest}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {{name: {name}, annotations: {{note: "{note}"}}}}
spec:
  selector: {{app: {name}}}
  ports: [{{port: 80, targetPort: 8080}}]
"""
CUSTOM = """\
apiVersion: example.com/v1
kind: Widget
metadata: {{name: {name}}}
spec: {{parts: [{{name: a, value: 1}}, {{name: b, value: 1e3}}], on: true, text: "several\\nlines\\n"}}
"""
COMPONENT = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: Deployment}
    patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: any}
      spec: {template: {spec: {containers: [{name: sidecar, image: registry.example/sidecar:1}]}}}
"""
MERGE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  template:
    spec:
      containers:
        - name: app
          resources: {{limits: {{memory: {size}Mi}}}}
          env: [{{name: LEVEL, value: "{size}"}}, {{name: NEW, value: ü}}]
        - name: proxy
          $patch: delete
"""
JSON = """\
- {{op: replace, path: /spec/replicas, value: {size}}}
- {{op: add, path: /metadata/annotations, value: {{a~b: "1"}}}}
"""


def overlays(seed: int, count: int) -> dict[str, str]:
    """Files of `count` overlays, each apps/<n>/overlays/prod over a base of its own."""
    random = Random(seed)
    files = {"components/sidecar/kustomization.yaml": COMPONENT}
    for number in range(count):
        files |= {f"apps/{number}/{path}": text for path, text in _app(random, f"api-{number}").items()}
    return files


def _app(random: Random, name: str) -> dict[str, str]:
    digest = "".join(random.choices("0123456789abcdef", k=64))
    note = random.choice(["plain", "a: b", "# no comment", "ünïcödé 🚀", "1_000", "~", "long " * 30])
    return {
        "base/kustomization.yaml": HEADER + "resources: [deployment.yaml, service.yaml, widget.yaml]\n",
        "base/deployment.yaml": DEPLOYMENT.format(name=name, replicas=random.randint(1, 9), digest=digest),
        "base/service.yaml": SERVICE.format(name=name, note=note),
        "base/widget.yaml": CUSTOM.format(name=name),
        "overlays/prod/merge.yaml": MERGE.format(name=name, size=random.randint(64, 512)),
        "overlays/prod/settings.properties": f"level={note}\nlines=\\n\n",
        "overlays/prod/settings.env": "A=1\nB=two words\n# comment\nC=\n",
        "overlays/prod/kustomization.yaml": _kustomization(random, name),
    }


def _kustomization(random: Random, name: str) -> str:
    size = random.randint(2, 99)
    said = [
        f"namespace: {name}-prod\n",
        f"images:\n  - name: registry.example/{name}/app\n    newTag: v{size}\n    newName: mirror.example/app\n",
        f"images:\n  - {{name: registry.example/proxy, digest: sha256:{'ab' * 32}}}\n",
        "patches:\n  - path: merge.yaml\n",
        "patches:\n  - target: {kind: Deployment}\n    patch: |-\n" + _indented(JSON.format(size=size)),
        "components: [../../../../components/sidecar]\n",
        f"labels:\n  - pairs: {{platform/api-name: {name}}}\n    includeTemplates: {random.choice(['true', 'no'])}\n",
        f"commonAnnotations: {{note: '{size}'}}\n",
        "commonLabels: {everywhere: 'yes'}\n",
        f"replicas: [{{name: {name}, count: {size}}}]\n",
        "namePrefix: pre-\n",
        "nameSuffix: -post\n",
        "sortOptions: {order: fifo}\n",
        "buildMetadata: [originAnnotations, managedByLabel, transformerAnnotations]\n",
        "secretGenerator:\n  - {name: hidden, literals: [password=hunter2]}\n",
        _config_map(random),
    ]
    chosen = random.sample(said, random.randint(1, 9))
    fields = {text.partition(":")[0]: text for text in chosen}  # images and patches come in two forms each
    return HEADER + "resources: [../../base]\n" + "".join(fields.values())


def _config_map(random: Random) -> str:
    source = random.choice(
        ["files: [settings.properties]", "files: [renamed=settings.properties]", "envs: [settings.env]"]
    )
    options = random.choice(["", "    options: {disableNameSuffixHash: true}\n"])
    return f"configMapGenerator:\n  - name: settings\n    {source}\n    literals: [a=1, 'b= two ', c=ü]\n{options}"


def _indented(text: str) -> str:
    return "".join(f"      {line}\n" for line in text.splitlines())

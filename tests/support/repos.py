"""Config repos for tests, from dicts: a small one that is right, to be broken in one place."""

from collections.abc import Mapping
from dataclasses import replace
from textwrap import dedent
from typing import Any

from onboarding_tool import generators, load
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.tree import tree_of

PLATFORM = """\
# yaml-language-server: $schema=.onboard/schemas/platform.json
apiVersion: onboarding/v1
kind: Platform
tool: {version: "0.1.0"}
repository: https://git.example/acme/onboarding-config.git
registries: [europe-docker.pkg.dev/acme]
clusters:
  gke-staging: {context: gke-staging}
  gke-prod: {context: gke-prod}
environments:
  staging:
    cluster: gke-staging
    requests: latest-wins
    approval: {by: team, count: 1}
    entry: {host: api.staging.platform.example, target: ingress-nginx, class: nginx}
  prod:
    cluster: gke-prod
    requests: queue
    approval: {by: platform, count: 1}
    entry: {host: api.platform.example, target: ingress-nginx, class: nginx}
"""

TEAMS = """\
# yaml-language-server: $schema=.onboard/schemas/teams.json
apiVersion: onboarding/v1
kind: Teams
platform: platform-team
teams:
  platform-team: {github: acme/platform, members: [{login: kim, id: 1}]}
  payments-team:
    github: acme/payments
    tenants: [customer-a]
    members: [{login: alice, id: 1001}]
"""

METADATA = """\
# yaml-language-server: $schema=../../.onboard/schemas/api.json
apiVersion: onboarding/v1
kind: Api
api_name: payments
tenant: customer-a
team: payments-team
lifecycle: active
capability: L0
delivery: argocd
workloads:
  - deployment: payments
    containers:
      - {name: app, image: europe-docker.pkg.dev/acme/payments/app}
environments:
  staging: {namespace: payments-staging, manage: full}
  prod: {namespace: payments, manage: none}
routes:
  - prefix: /customer-a/payments
    service: payments
    port: 8080
    legacy_hosts: [payments.customer-a.com]
    phase: {staging: path, prod: dual}
"""

BASE = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployment.yaml
  - service.yaml
  - hpa.yaml
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: payments
  labels:
    app.kubernetes.io/name: payments
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: payments
  template:
    metadata:
      labels:
        app.kubernetes.io/name: payments
    spec:
      containers:
        - name: app
          image: europe-docker.pkg.dev/acme/payments/app
          ports:
            - containerPort: 8080
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: payments
spec:
  selector:
    app.kubernetes.io/name: payments
  ports:
    - name: http
      port: 8080
      targetPort: 8080
"""

HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: payments
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: payments
  minReplicas: 2
  maxReplicas: 5
"""

OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: {namespace}
resources:
  - ../../base
images:
  - name: europe-docker.pkg.dev/acme/payments/app
    newTag: v1.9.3 # the last good one
"""

REQUEST = """\
# yaml-language-server: $schema=../../../../.onboard/schemas/release-request.json
apiVersion: onboarding/v1
kind: ReleaseRequest
api_name: payments
environment: prod
namespace: payments
deployment: payments
container: app
target_image: europe-docker.pkg.dev/acme/payments/app:v2.0.0
expected_current: europe-docker.pkg.dev/acme/payments/app:v1.9.3
reason: "CHG-1234: new settlement rules"
"""
REQUEST_PATH = "apps/payments/requests/prod/2026-11-20-v2-0-0-3f9c.yaml"


def good() -> dict[str, str]:
    """A config repo with one API in two environments and nothing wrong (its generated/ is empty)."""
    return {
        "platform.yaml": PLATFORM,
        "teams.yaml": TEAMS,
        "apps/payments/metadata.yaml": METADATA,
        "apps/payments/base/kustomization.yaml": BASE,
        "apps/payments/base/deployment.yaml": DEPLOYMENT,
        "apps/payments/base/service.yaml": SERVICE,
        "apps/payments/base/hpa.yaml": HPA,
        "apps/payments/overlays/staging/kustomization.yaml": OVERLAY.format(namespace="payments-staging"),
        "apps/payments/overlays/prod/kustomization.yaml": OVERLAY.format(namespace="payments"),
    }


def second_api(name: str = "orders", **words: str) -> dict[str, str]:
    """The files of another API: `payments` with its name, hosts, prefix and namespaces changed, then `words`."""
    files = {}
    for path, text in good().items():
        if path.startswith("apps/payments/"):
            text = text.replace("acme/payments", "ACME").replace("payments-team", "TEAM")
            text = text.replace("payments", name).replace("ACME", "acme/payments").replace("TEAM", "payments-team")
            for old, new in words.items():
                text = text.replace(old, new)
            files[path.replace("apps/payments", f"apps/{name}")] = text
    return files


def edited(path: str, old: str, new: str, files: dict[str, str] | None = None) -> dict[str, str]:
    """`good()` (or `files`) with one piece of one file replaced; the piece must be there."""
    files = dict(files or good())
    assert old in files[path], f"{old!r} is not in {path}"
    files[path] = files[path].replace(old, dedent(new))
    return files


def patched(target: str, patch: str, files: dict[str, str] | None = None, environment: str = "prod") -> dict[str, str]:
    """`good()` (or `files`) with a patch in an overlay of `payments`: a target in flow style, and one line of text."""
    files = dict(files or good())
    path = f"apps/payments/overlays/{environment}/kustomization.yaml"
    files[path] += f"patches:\n  - target: {target}\n    patch: '{patch}'\n"
    return files


def listed_in_base(name: str, text: str, files: dict[str, str] | None = None, api: str = "payments") -> dict[str, str]:
    """`good()` (or `files`) with one more manifest in the base of an API."""
    files = edited(f"apps/{api}/base/kustomization.yaml", "- hpa.yaml", f"- hpa.yaml\n  - {name}", files)
    return files | {f"apps/{api}/base/{name}": text}


def excepting(rule: str, path: str, owner: str = "platform-team") -> dict[str, str]:
    """An exceptions.yaml with one entry."""
    entry = f'{{rule: {rule}, path: {path}, reason: because, owner: {owner}, expiry: "2030-01-01"}}'
    return {"exceptions.yaml": f"apiVersion: onboarding/v1\nkind: RuleExceptions\nexceptions:\n  - {entry}\n"}


def with_component(text: str, files: dict[str, str] | None = None, **others: str) -> dict[str, str]:
    """`good()` (or `files`) with a component `extra`, `others` beside its kustomization, and all that is generated."""
    files = edited("platform.yaml", "registries:", "components: [extra]\nregistries:", files)
    head = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    files |= {f"components/extra/{name}.yaml": other for name, other in others.items()}
    return with_generated(files | {"components/extra/kustomization.yaml": head + text})


def with_generated(files: dict[str, str]) -> dict[str, str]:
    """The files with the generated/ that belongs to them."""
    wanted = generators.generate(repo_of(files))
    return files | {path: data.decode() for path, data in wanted.items()}


def repo_of(files: Mapping[str, str | bytes], **fields: Any) -> Repo:
    """The repo as loaded, findings of load ignored; `fields` such as `today` are set on it."""
    return replace(load.load(tree_of(files))[0], **fields)


def findings(rule: Any, files: Mapping[str, str | bytes], **fields: Any) -> list[Finding]:
    """What one rule finds, sorted."""
    return sorted(rule.check(repo_of(files, **fields)))


def loaded(files: Mapping[str, str | bytes]) -> list[Finding]:
    """What load finds."""
    return load.load(tree_of(files))[1]


def places(found: list[Finding]) -> list[tuple[str, int, int]]:
    """Path, line and column of each finding."""
    return [(finding.path, finding.line, finding.column) for finding in found]

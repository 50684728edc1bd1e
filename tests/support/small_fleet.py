"""A config repo of six APIs in three teams, drawn by a seed, and pull requests each of which is right by itself."""

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from onboarding_tool.gate.author import Author
from tests.support.pulls import CAPABILITIES, KIM, Pulls
from tests.support.repos import PLATFORM, SERVICE, excepting, second_api, with_generated

REGISTRY = "europe-docker.pkg.dev/acme"
CURRENT = "v1.9.3"
DIGEST = "sha256:" + "ab" * 32
ENVIRONMENTS = ("staging", "prod")
# API -> team, tenant, level, by turns.
APIS = {
    "payments": ("payments-team", "customer-a", "L2"),
    "ledger": ("payments-team", "customer-a", "L1"),
    "orders": ("orders-team", "customer-b", "L2"),
    "carts": ("orders-team", "customer-b", "L0"),
    "search": ("search-team", "customer-c", "L2"),
    "feeds": ("search-team", "customer-c", "L1"),
}
MEMBERS = {
    "platform-team": KIM,
    "payments-team": Author("alice", 1001),
    "orders-team": Author("bob", 1002),
    "search-team": Author("carol", 1003),
}
TEAMS = """\
apiVersion: onboarding/v1
kind: Teams
platform: platform-team
teams:
  platform-team: {github: acme/platform, members: [{login: kim, id: 1}]}
  payments-team:
    github: acme/payments
    tenants: [customer-a]
    members:
      - {login: alice, id: 1001}
      - {login: ann, id: 1004}
  orders-team:
    github: acme/orders
    tenants: [customer-b]
    members:
      - {login: bob, id: 1002}
      - {login: ben, id: 1005}
  search-team:
    github: acme/search
    tenants: [customer-c]
    members:
      - {login: carol, id: 1003}
  spare-team:
    github: acme/spare
    tenants: [customer-a]
    members: []
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: NAME
  template:
    metadata:
      labels:
        app.kubernetes.io/name: NAME
    spec:
      initContainers:
        - name: migrate
          image: REGISTRY/NAME/app
      containers:
        - name: app
          image: REGISTRY/NAME/app
          env:
            - name: FIRST
              value: "1"
            - name: SECOND
              value: "2"
            - name: THIRD
              value: "3"
          envFrom:
            - configMapRef:
                name: settings
          ports:
            - containerPort: 8080
          resources:
            requests:
              cpu: 100m
              memory: 64Mi
              ephemeral-storage: 1Gi
            limits:
              ephemeral-storage: 2Gi
              memory: 256Mi
        - name: proxy
          image: REGISTRY/NAME/proxy:v1.0.0
"""
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: NAME
spec:
  minReplicas: 2
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: NAME
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: 70}
  maxReplicas: 5
"""
OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: NAMESPACE
resources:
  - ../../base
images:
  - name: REGISTRY/NAME/app
    newTag: v1.9.3 # the last good one
configMapGenerator:
  - name: settings
    files:
      - config/app.properties
      - config/limits.properties
"""
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
GRACE = (
    "patches:\n  - target: {{kind: Deployment}}\n    patch: |-\n      - op: add\n        path: {}\n        value: {}\n"
)
PERIOD = "/spec/template/spec/terminationGracePeriodSeconds"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: old\nstringData: {token: x}\n"

Text = dict[str, str]
Difference = dict[str, str | None]


@dataclass(frozen=True)
class Wish:
    """A pull request: what it is called, who opens it, and the files that it writes, or deletes where they are None."""

    name: str
    author: Author
    files: Mapping[str, str | None]


# The config repo


def fleet(seed: int) -> Text:
    """Which environment queues, and what waits, was released or excused before, differs from seed to seed."""
    random_ = random.Random(seed)
    found = {"platform.yaml": _platform(seed), "teams.yaml": TEAMS}
    found |= excepting("secret-in-plaintext", "apps/orders/base/secret.yaml")
    found["components/grace/kustomization.yaml"] = COMPONENT + GRACE.format(PERIOD, 30)
    for name, (team, tenant, level) in APIS.items():
        found |= api(name, team, tenant, level)
    if seed % 2:
        for environment in ENVIRONMENTS:
            found |= _released("payments", environment)
            # Which name comes first says nothing about who came first.
            found |= waiting(random_.choice(("orders", "search")), environment, "0001" if seed % 4 == 1 else "f001")
    return regenerated(found)


def arrived(files: Mapping[str, str]) -> tuple[str, ...]:
    """The requests that wait, in the order in which they came."""
    return tuple(sorted(path for path in files if "/requests/" in path))


def pulls_of(files: Text, folder: Path) -> Pulls:
    """A bare repository with them. A request that waits came alone, as a pull request brings it."""
    late = arrived(files)
    pulls = Pulls(folder, {path: text for path, text in files.items() if path not in late})
    for path in late:
        pulls.base = pulls.commit({path: files[path]}, pulls.base)
    pulls.git("update-ref", "refs/heads/main", pulls.base)
    return pulls


def _platform(seed: int) -> str:
    text = PLATFORM.replace("registries:", "components: [grace]\nregistries:") + CAPABILITIES
    text += 'quota: {requests.cpu: "2", pods: "10"}\n'
    text += "images:\n  require: tag\n  forbidden_tags: [latest, main]\n"
    if seed % 4 > 1:
        text = text.replace("requests: queue", "requests: x").replace("requests: latest-wins", "requests: queue")
        text = text.replace("requests: x", "requests: latest-wins")
    return text


def api(name: str, team: str, tenant: str, level: str) -> Text:
    """The files of an API with a slot of two containers and one of another."""
    words = {"payments-team": team, "customer-a": tenant, "capability: L0": f"capability: {level}"}
    found = second_api(name, **words)
    at = f"apps/{name}"
    declared = f"- {{name: app, image: {REGISTRY}/payments/app}}"
    every = "".join(
        f"{gap}- {{name: {container}, image: {REGISTRY}/{name}/{image}}}"
        for gap, container, image in (
            ("", "app", "app"),
            ("\n      ", "migrate", "app"),
            ("\n      ", "proxy", "proxy"),
        )
    )
    found[f"{at}/metadata.yaml"] = found[f"{at}/metadata.yaml"].replace(declared, every)
    for part, text in (("deployment", DEPLOYMENT), ("hpa", HPA), ("service", SERVICE.replace("payments", "NAME"))):
        found[f"{at}/base/{part}.yaml"] = text.replace("REGISTRY", REGISTRY).replace("NAME", name)
    for environment in ENVIRONMENTS:
        overlay, namespace = f"{at}/overlays/{environment}", name if environment == "prod" else f"{name}-{environment}"
        text = OVERLAY.replace("NAMESPACE", namespace).replace("REGISTRY", REGISTRY).replace("NAME", name)
        found[f"{overlay}/kustomization.yaml"] = text
        found[f"{overlay}/config/app.properties"] = "currency=EUR\nlocale=de\nzone=a\nmode=fast\nretries=3\n"
        found[f"{overlay}/config/limits.properties"] = "most=10\n"
    return found


def regenerated(files: Text) -> Text:
    """The files with the generated/ that belongs to them, and no other."""
    return with_generated({path: text for path, text in files.items() if not _is_generated(path)})


def _is_generated(path: str) -> bool:
    return path.startswith("generated/") or path == ".github/CODEOWNERS"


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> Difference:
    """What turns one into the other."""
    found: Difference = {path: text for path, text in after.items() if before.get(path) != text}
    return found | dict.fromkeys(before.keys() - after.keys())


# Requests and records


def request(
    name: str, environment: str, version: str, *, expected: str = "", container: str = "app", **more: str
) -> str:
    said = {
        "apiVersion": "onboarding/v1",
        "kind": "ReleaseRequest",
        "api_name": name,
        "environment": environment,
        "namespace": name if environment == "prod" else f"{name}-{environment}",
        "deployment": name,
        "container": container,
        "target_image": reference(name, version, container),
    }
    if expected:
        said["expected_current"] = reference(name, expected, container)
    return yaml.safe_dump(said | more, sort_keys=False)


def reference(name: str, version: str, container: str = "app") -> str:
    image = "proxy" if container == "proxy" else "app"
    return f"{REGISTRY}/{name}/{image}{'@' if version.startswith('sha256:') else ':'}{version}"


def request_path(name: str, environment: str, token: str) -> str:
    return f"apps/{name}/requests/{environment}/2026-11-20-release-{token}.yaml"


def waiting(name: str, environment: str, token: str) -> Text:
    """A request that is on the base already."""
    return {request_path(name, environment, token): request(name, environment, "v1.9.4", expected=CURRENT)}


def _released(name: str, environment: str) -> Text:
    """The record of a release that brought what runs now."""
    path = request_path(name, environment, "0000")
    text = request(name, environment, CURRENT)
    identity = hashlib.sha256(path.encode() + b"\0" + text.encode()).hexdigest()
    bot: dict[str, Any] = {"name": "Bot", "login": None, "id": None, "source": "git", "commit": None}
    record = {
        "apiVersion": "onboarding/v1",
        "kind": "ReleaseRecord",
        "id": identity,
        "seq": 1,
        "decision": "applied",
        "reason": None,
        "request": yaml.safe_load(text),
        "request_path": path,
        "request_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "slot": [{"deployment": name, "container": container} for container in ("app", "migrate")],
        "old_image": reference(name, "v1.8.0"),
        "new_image": reference(name, CURRENT),
        "requested_by": bot | {"name": "Alice"},
        "approved_by": [],
        "actor": dict(bot),
        "pipeline": None,
        "decided_at": "2026-11-19T16:40:02Z",
        "base_commit": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "tool_version": "0.1.0",
        "previous": None,
    }
    return {f"apps/{name}/releases/{environment}/000001-{identity[:16]}.yaml": yaml.safe_dump(record, sort_keys=False)}


# Pull requests


def wishes(files: Text, seed: int) -> list[Wish]:
    """Pull requests of every kind, each of which is right on these files."""
    random_ = random.Random(seed)
    found = [*_of_requests(files, random_), *_of_teams(files), *_of_the_platform(files)]
    return sorted(found, key=lambda wish: wish.name)


def owner(name: str) -> Author:
    return MEMBERS[APIS[name][0]]


def _of_requests(files: Text, random_: random.Random) -> Iterator[Wish]:
    environments = yaml.safe_load(files["platform.yaml"])["environments"]
    for name in APIS:
        for environment in ENVIRONMENTS:
            is_queue = environments[environment]["requests"] == "queue"
            first = any(path.startswith(f"apps/{name}/requests/{environment}/") for path in files)
            now = "v1.9.4" if is_queue and first else CURRENT
            tags = random_.sample(["v2.0.0", "v2.0.1", "v2.1.0", "v3.0.0", DIGEST], 2)
            for number, (tag, expected) in enumerate([(tags[0], now), (tags[1], now), (tags[0], ""), (tags[1], "")]):
                path = request_path(name, environment, f"a{number:03x}")
                text = request(name, environment, tag, expected=expected)
                yield Wish(f"request {name} {environment} {number}", owner(name), {path: text})
        path = request_path(name, "prod", "b000")
        proxy = {path: request(name, "prod", "v1.0.1", expected="v1.0.0", container="proxy")}
        yield Wish(f"request {name} prod proxy", owner(name), proxy)
        path = request_path(name, "prod", "b001")
        yield Wish(
            f"request {name} prod migrate", owner(name), {path: request(name, "prod", "v3.1.0", container="migrate")}
        )
        both = {request_path(name, each, "c000"): request(name, each, "v4.0.0") for each in ENVIRONMENTS}
        yield Wish(f"request {name} everywhere", owner(name), both)
        same = request_path(name, "prod", "d000")
        for tag in ("v5.0.0", "v5.0.1", "v5.0.1"):  # one file name, and of two the same bytes
            yield Wish(f"request {name} prod same {tag}", owner(name), {same: request(name, "prod", tag)})
    for path in sorted(files):
        if "/releases/" in path:
            _, name, _, environment, file = path.split("/")
            said = request(name, environment, "v1.8.0", rollback_of=file[7:23])
            yield Wish(f"rollback {name} {environment}", owner(name), {request_path(name, environment, "e000"): said})


def _edit(files: Text, path: str, old: str, new: str) -> Difference:
    assert old in files[path], (path, old)
    return {path: files[path].replace(old, new, 1)}


def _of_teams(files: Text) -> Iterator[Wish]:
    for name, (_, _, level) in APIS.items():
        if level == "L0":
            continue
        prod = f"apps/{name}/overlays/prod"
        one, other = f"{prod}/config/app.properties", f"{prod}/kustomization.yaml"
        yield Wish(f"config {name} first", owner(name), _edit(files, one, "currency=EUR", "currency=USD"))
        yield Wish(f"config {name} first again", owner(name), _edit(files, one, "currency=EUR", "currency=CHF"))
        yield Wish(f"config {name} last", owner(name), _edit(files, one, "retries=3", "retries=5"))
        key = _edit(files, other, "    files:\n", "    literals: [extra=1]\n    files:\n")
        yield Wish(f"config {name} literal", owner(name), key)
        last = _edit(files, other, "limits.properties\n", "limits.properties\n      - config/extra\n")
        yield Wish(f"config {name} file", owner(name), last | {f"{prod}/config/extra": "2"})
        if level != "L2":
            continue
        hpa, deployment = f"apps/{name}/base/hpa.yaml", f"apps/{name}/base/deployment.yaml"
        for most in (8, 9):
            edit = _edit(files, hpa, "maxReplicas: 5", f"maxReplicas: {most}")
            yield Wish(f"autoscaling {name} up to {most}", owner(name), edit)
        for cpu in (300, 400):
            edit = _edit(files, deployment, "cpu: 100m", f"cpu: {cpu}m")
            yield Wish(f"resources {name} cpu {cpu}", owner(name), edit)
        edit = _edit(files, hpa, "minReplicas: 2", "minReplicas: 4")
        yield Wish(f"autoscaling {name} at least 4", owner(name), edit)
        yield Wish(f"autoscaling {name} down to 3", owner(name), _edit(files, hpa, "maxReplicas: 5", "maxReplicas: 3"))
        edit = _edit(files, deployment, "memory: 64Mi", "memory: 192Mi")
        yield Wish(f"resources {name} more memory", owner(name), edit)
        edit = _edit(files, deployment, "memory: 256Mi", "memory: 128Mi")
        yield Wish(f"resources {name} lower limit", owner(name), edit)


def _of_the_platform(files: Text) -> Iterator[Wish]:
    for name, edit in _edits_of_the_platform(files):
        after = {path: text for path, text in (files | edit).items() if text is not None}
        yield Wish(f"platform {name}", KIM, difference(files, regenerated(after)))


def _edits_of_the_platform(files: Text) -> Iterator[tuple[str, Difference]]:
    for name, (team, tenant, level) in APIS.items():
        at = f"apps/{name}"
        metadata, prod = f"{at}/metadata.yaml", f"{at}/overlays/prod/kustomization.yaml"
        deployment, hpa = f"{at}/base/deployment.yaml", f"{at}/base/hpa.yaml"
        if not any(path.startswith(f"{at}/requests/") for path in files):
            yield f"retire {name}", _edit(files, metadata, "lifecycle: active", "lifecycle: retiring")
            moved = _edit(files, metadata, f"namespace: {name},", f"namespace: {name}-new,")
            yield (
                f"namespace {name}",
                moved | _edit(files, prod, f"namespace: {name}\n", f"namespace: {name}-new\n"),
            )
            moved = _edit(files, metadata, f"namespace: {name},", "namespace: common,")
            yield (
                f"namespace {name} common",
                moved | _edit(files, prod, f"namespace: {name}\n", "namespace: common\n"),
            )
        other = "L0" if level != "L0" else "L2"
        yield f"level {name} {other}", _edit(files, metadata, f"capability: {level}", f"capability: {other}")
        if tenant == "customer-a":
            yield f"owner {name}", _edit(files, metadata, f"team: {team}", "team: spare-team")
        first = '          env:\n            - name: EXTRA\n              value: "0"\n'
        yield f"env {name} first", _edit(files, deployment, "          env:\n", first)
        last = 'value: "3"\n            - name: EXTRA\n              value: "9"\n'
        yield f"env {name} last", _edit(files, deployment, 'value: "3"\n', last)
        entry = f"  - name: {REGISTRY}/{name}/proxy\n    newTag: v1.2.0\n"
        yield f"images {name} first", _edit(files, prod, "images:\n", f"images:\n{entry}")
        yield f"images {name} last", _edit(files, prod, "configMapGenerator:", f"{entry}configMapGenerator:")
        label = "labels:\n    app.kubernetes.io/part-of: shop\n"
        yield f"label {name} first", _edit(files, deployment, "metadata:\n  name", f"metadata:\n  {label}  name")
        named = f"kind: Deployment\nmetadata:\n  name: {name}\n"
        yield f"label {name} last", _edit(files, deployment, named, f"{named}  {label}")
        yield f"bump {name}", _edit(files, prod, CURRENT, "v1.9.9")
        text = files[hpa]
        listing = _edit(files, f"{at}/base/kustomization.yaml", "hpa.yaml", "autoscaler.yaml")
        yield f"rename {name} hpa", listing | {hpa: None, f"{at}/base/autoscaler.yaml": text}
        yield f"prefix {name} shared", _edit(files, metadata, f"prefix: /{tenant}/{name}", "prefix: /shared")
        host = f"[{name}.{tenant}.com, www.example.com]"
        yield f"host {name} shared", _edit(files, metadata, f"[{name}.{tenant}.com]", host)
    for number, tenant in enumerate(("customer-a", "customer-b")):
        team = f"{('payments', 'orders')[number]}-team"
        yield f"api new {number}", dict(api("new", team, tenant, "L0"))
        shared = api(f"shared{number}", team, tenant, "L0")
        metadata = shared[f"apps/shared{number}/metadata.yaml"]
        shared[f"apps/shared{number}/metadata.yaml"] = metadata.replace(
            f"prefix: /{tenant}/shared{number}", "prefix: /shared"
        )
        yield f"api shared{number}", dict(shared)
        settled = {
            path: text.replace(f"namespace: settled{number}\n", "namespace: common\n").replace(
                f"namespace: settled{number},", "namespace: common,"
            )
            for path, text in api(f"settled{number}", team, tenant, "L0").items()
        }
        yield f"api settled{number}", dict(settled)
    yield "api of spare", dict(api("spare", "spare-team", "customer-a", "L0"))
    yield from _of_policy(files)


def _of_policy(files: Text) -> Iterator[tuple[str, Difference]]:
    platform, teams = "platform.yaml", "teams.yaml"
    whole = "  spare-team:\n    github: acme/spare\n    tenants: [customer-a]\n    members: []\n"
    yield "team gone", _edit(files, teams, whole, "")
    yield "team added", _edit(files, teams, whole, f"{whole}  more-team: {{github: acme/more, members: []}}\n")
    for login, number in (("alice", 1001), ("bob", 1002)):
        yield f"member {login} gone", _edit(files, teams, f"      - {{login: {login}, id: {number}}}\n", "")
    yield "tenant moved", _edit(files, teams, "acme/spare\n    tenants: [customer-a]", "acme/spare\n    tenants: []")
    yield "policy tags", _edit(files, platform, "[latest, main]", "[latest, main, v2.0.0, v2.1.0, v4.0.0]")
    yield "policy levels", _edit(files, platform, "L2: [config, resources, autoscaling]", "L2: [config]")
    yield "policy no L1", _edit(files, platform, "L1: [config]", "L1: []")
    yield "policy quota", _edit(files, platform, 'quota: {requests.cpu: "2", pods: "10"}', 'quota: {pods: "6"}')
    one, other = "requests: queue", "requests: latest-wins"
    turned = files[platform].replace(one, "requests: x").replace(other, one).replace("requests: x", other)
    yield "policy queue", {platform: turned}
    if not any("/requests/" in path for path in files):
        pinned = "cluster: gke-prod\n    revision: refs/tags/v1\n"
        yield "policy revision", _edit(files, platform, "cluster: gke-prod\n    requests", f"{pinned}    requests")
    grace = "components/grace/kustomization.yaml"
    yield "component longer", _edit(files, grace, "value: 30", "value: 60")
    yield "component gone", _edit(files, platform, "components: [grace]\n", "")
    yield "exception gone", {"exceptions.yaml": "apiVersion: onboarding/v1\nkind: RuleExceptions\nexceptions: []\n"}
    listing = _edit(files, "apps/orders/base/kustomization.yaml", "- hpa.yaml", "- hpa.yaml\n  - secret.yaml")
    yield "secret excused", listing | {"apps/orders/base/secret.yaml": SECRET}

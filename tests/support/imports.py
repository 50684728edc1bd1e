"""Imports in tests: a config repo to import into, objects to import, and what real kustomize makes of the result."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from onboarding_tool import generators, legacy, load, yamltext
from onboarding_tool.legacy import Import, Wish
from onboarding_tool.legacy.export import EXPORT
from onboarding_tool.model import Repo
from onboarding_tool.tree import Changes, changed, tree_of
from tests.support.repos import PLATFORM, TEAMS

# Of Online Boutique: eleven services that nobody of this project wrote.
SERVICES = (
    "adservice",
    "cartservice",
    "checkoutservice",
    "currencyservice",
    "emailservice",
    "frontend",
    "loadgenerator",
    "paymentservice",
    "productcatalogservice",
    "recommendationservice",
    "shippingservice",
)
Objects = dict[tuple[str, str], dict[str, Any]]

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: payments
spec:
  selector:
    matchLabels:
      app: payments
  template:
    metadata:
      labels:
        app: payments
    spec:
      containers:
      - name: app
        image: europe-docker.pkg.dev/acme/payments/app:v1.9.3
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: payments
spec:
  selector:
    app: payments
  ports:
  - name: http
    port: 80
    targetPort: 8080
"""

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: payments
spec:
  rules:
  - host: payments.customer-a.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: payments
            port:
              name: http
"""

HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: payments
spec:
  maxReplicas: 4
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: payments
"""


class Reader(yaml.CSafeLoader):
    """Another reader than the tool's, to judge what kustomize writes."""


# kustomize leaves the text = without quotes, as YAML 1.2 allows.
Reader.add_constructor("tag:yaml.org,2002:value", lambda _, node: node.value)


def empty_repo(**replaced: str) -> Repo:
    """A config repo without APIs; `replaced`: pieces of platform.yaml."""
    platform = PLATFORM
    for old, new in replaced.items():
        assert old in platform
        platform = platform.replace(old, new)
    return load.load(tree_of({"platform.yaml": platform, "teams.yaml": TEAMS}))[0]


def documents(*texts: str) -> dict[str, bytes]:
    """One source of several documents."""
    return {"export.yaml": "---\n".join(texts).encode()}


def imported(sources: Mapping[str, bytes], repo: Repo | None = None, **words: Any) -> Import:
    """The import of `sources` as the API payments, unless `words` (fields of Wish) say something else."""
    fields = {"name": "payments", "tenant": "customer-a", "team": "payments-team"} | words
    return legacy.import_api(repo or empty_repo(), sources, Wish(**fields))


def boutique_files(corpus: Path) -> dict[str, bytes]:
    return {name: (corpus / "online-boutique" / f"{name}.yaml").read_bytes() for name in SERVICES}


def imported_together(sources: Mapping[str, bytes]) -> Repo:
    """All of them as APIs of one repo; those with one Service get a route."""
    repo = empty_repo()
    for name, data in sources.items():
        prefix = None if name in ("cartservice", "frontend", "loadgenerator") else f"/customer-a/{name}"
        result = imported({f"{name}.yaml": data}, repo, name=name, prefix=prefix, allow_registries=True)
        repo = load.load(changed(repo.tree, result.changes))[0]
    return repo


def generated_files(repo: Repo) -> dict[str, str | bytes]:
    """The files of a repo with all that is generated from it."""
    return {path: repo.tree.read(path) for path in repo.tree.paths()} | dict(generators.generate(repo))


def text(result: Import, path: str) -> str:
    """A file of the imported API."""
    data = result.changes[f"{result.api.folder}/{path}"]
    assert data is not None
    return data.decode()


def value(result: Import, path: str) -> Any:
    """A YAML file of the imported API, as kustomize reads it."""
    parsed = yamltext.read(text(result, path).encode(), EXPORT)
    assert parsed.problems == ()
    (document,) = parsed.documents
    return document


def notes(result: Import) -> set[tuple[str, str]]:
    """(object, field) of everything that was not kept."""
    return {(note.object, note.field) for note in result.notes}


def findings(repo: Repo, changes: Changes) -> list[Any]:
    """What load finds in the repo with the changes."""
    return load.load(changed(repo.tree, changes))[1]


def written(folder: Path, changes: Changes) -> Path:
    """The changes as files below a folder."""
    for path, data in changes.items():
        assert data is not None
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def built(kustomize: Path, overlay: Path) -> Objects:
    """The objects that kustomize makes of an overlay, by kind and name."""
    done = subprocess.run([kustomize, "build", overlay], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return by_name(list(yaml.load_all(done.stdout, Reader)))


def objects(data: bytes) -> list[dict[str, Any]]:
    """The objects of a file, those of lists one by one."""
    parsed = yamltext.read(data, EXPORT)
    assert parsed.problems == ()
    found: list[Any] = list(parsed.documents)
    return [item for document in found for item in (document["items"] if document["kind"] == "List" else [document])]


def by_name(found: list[dict[str, Any]]) -> Objects:
    assert len({(item["kind"], item["metadata"]["name"]) for item in found}) == len(found)
    return {(item["kind"], item["metadata"]["name"]): item for item in found}


def expected(data: bytes, result: Import, namespace: str) -> Objects:
    """The objects of an export as they should be rendered: without what the notes name, in the namespace."""
    wanted = by_name(objects(data))
    for note in result.notes:
        kind, _, name = note.object.partition(" ")
        if note.at:
            _delete(wanted[(kind, name)], list(note.at))
        else:
            wanted.pop((kind, name), None)
    for item in wanted.values():
        item["metadata"]["namespace"] = namespace
    return wanted


def _delete(value: Any, at: list[str | int]) -> None:
    """Deletes a field, and a mapping that is empty without it."""
    *holders, last = at
    holder = value
    for step in holders:
        holder = holder[step]
    del holder[last]
    if holder == {}:
        _delete(value, holders)

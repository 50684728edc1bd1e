"""Hypothesis strategies for kustomizations of every shape: to compare two renderers by, not to look at.

Most can be built. Some have a mistake, or values that happen to be one together: both renderers must refuse those.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st

Text = str | bytes
Fields = dict[str, Any]
Part = tuple[Fields, dict[str, Text]]  # of a kustomization: fields, and files beside it
Draw = Callable[[st.SearchStrategy[Any]], Any]

KUSTOMIZATION = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
COMPONENT = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
DIGEST = "sha256:" + "ab" * 32
IMAGES = ("registry.example/app:v1", "registry.example:5000/team/web", f"proxy:1@{DIGEST}", f"app@{DIGEST}", "app", "")
# What YAML 1.1, YAML 1.2 and Go may take for something else than a text; what is hard to write; and to read.
ODD = ("", "no", "on", "y", "~", "null", "0123", "0o17", "1_000", "1e3", "0x1F", "12:30", "2026-11-20", "=", "<<")
HARD = ("a: b", "# a", " two ", "ünïcödé 🚀", "long " * 40, "tab\there", "a\nb\n", "a\r\nb", "'q\"", "\\n", "$(VAR)")
HARDER = ("*a", "&a", "!t", "- a", "{a}", "\x85", "\ufeffb", "\u2028", "---", "--- a\n...", "%YAML", "[", "?")
texts = st.sampled_from(("plain", *ODD, *HARD, *HARDER)) | st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12
)
notes = st.dictionaries(st.sampled_from(("a", "example.com/b", "c.d")), texts, min_size=1, max_size=2)
names = st.sampled_from(("app", "web", "api-1"))
sizes = st.integers(1, 99)


@dataclass(frozen=True, slots=True)
class Overlay:
    """A folder to render, in files named from the root. `features` are those of all its kustomizations."""

    files: Mapping[str, Text]
    folder: str
    features: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """What the layers below have, under the names that they gave."""

    deployments: tuple[str, ...] = ()
    generated: tuple[str, ...] = ()


@dataclass(slots=True)
class Plan:
    """An overlay as it grows, layer by layer."""

    files: dict[str, Text] = field(default_factory=dict)
    features: set[str] = field(default_factory=set)
    known: Known = Known()


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


# Files


@st.composite
def dumped(draw: Draw, value: Any) -> str:
    """A value as YAML or JSON, in one of their styles."""
    style = draw(one_of(False, False, None, True, "json"))
    if style == "json":
        return json.dumps(value, indent=draw(one_of(None, 2)), ensure_ascii=False)
    return yaml.safe_dump(value, default_flow_style=style, sort_keys=False, allow_unicode=draw(st.booleans()))


@st.composite
def several(draw: Draw, values: list[Any]) -> str:
    """Documents of one file, with what may stand between them."""
    between = draw(one_of("---\n", "---\n# nothing\n---\n", "--- # next\n", "\n---\n\n"))
    parts = [draw(dumped(value)) for value in values]
    return between.join(part if part.endswith("\n") else part + "\n" for part in parts)


@st.composite
def spelled(draw: Draw, path: str) -> str:
    """A path in one of the ways to write it."""
    return draw(one_of(path, path, f"./{path}", path.replace("/", "//"), f".//{path}"))


# Objects


@st.composite
def workloads(draw: Draw, name: str, kind: str) -> Fields:
    env: list[Any] = [{"name": "LEVEL", "value": draw(texts)}]
    env.append({"name": "SET", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "a"}}})
    containers = [
        {"name": "app", "image": draw(one_of(*IMAGES)), "env": env, "ports": [{"containerPort": 8080}]},
        {"name": "side", "image": draw(one_of(*IMAGES)), "envFrom": [{"configMapRef": {"name": "settings"}}]},
    ]
    pod = {"containers": containers[: draw(st.integers(1, 2))], "serviceAccountName": "robot"}
    if draw(st.booleans()):
        volumes = [{"name": "v", "configMap": {"name": "settings"}}, {"name": "s", "secret": {"secretName": "hidden"}}]
        pod |= {"initContainers": [{"name": "first", "image": draw(one_of(*IMAGES))}], "volumes": volumes}
    return _workload(name, kind, pod, draw(sizes))


def _workload(name: str, kind: str, pod: Fields, replicas: int) -> Fields:
    labels = {"app": name, "tier": "front"}
    template = {"metadata": {"labels": labels}, "spec": pod}
    meta: Fields = {"kind": kind, "metadata": {"name": name, "labels": labels}}
    if kind == "CronJob":
        spec = {"schedule": "0 * * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}}
        return {"apiVersion": "batch/v1"} | meta | {"spec": spec}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1"} | meta | {"spec": spec}


def others(name: str, text: str) -> tuple[Fields, ...]:
    """Objects of every sort that kustomize treats in some way of its own."""
    meta, group = {"name": name}, "rbac.authorization.k8s.io"
    widget = {"on": True, "text": text, "parts": [{"name": "a", "value": 1}, {"name": "b", "value": 1000.0}]}
    backend = {"service": {"name": name, "port": {"number": 80}}}
    rule = {"host": "a.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    account = {"kind": "ServiceAccount", "name": "robot", "namespace": "default"}
    role = {"apiGroup": group, "kind": "ClusterRole", "name": name}
    may = {"apiGroups": [""], "resources": ["pods"], "resourceNames": [name], "verbs": ["get"]}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    service = {"selector": {"app": name}, "ports": [{"port": 80}]}
    local = {"annotations": {"config.kubernetes.io/local-config": "true"}}
    items = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": n}, "data": {n: text}} for n in "ab"]
    return (
        {"apiVersion": "v1", "kind": "Service", "metadata": meta | {"annotations": {"note": text}}, "spec": service},
        {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": meta, "spec": widget},
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": {"rules": [rule]}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "robot"}},
        {"apiVersion": f"{group}/v1", "kind": "ClusterRoleBinding", "metadata": meta, "subjects": [account]}
        | {"roleRef": role},
        {"apiVersion": f"{group}/v1", "kind": "ClusterRole", "metadata": meta, "rules": [may]},
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta}
        | {"spec": {"scaleTargetRef": target, "maxReplicas": 3}},
        {"apiVersion": "v1", "kind": "Namespace", "metadata": meta},
        {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": {"a": "aHVudGVyMg=="}, "type": "Opaque"},
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta}
        | {"spec": {"podSelector": {"matchLabels": {"app": name}}}},
        {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
        | {"metadata": {"name": "widgets.example.com"}, "spec": {"names": {"kind": "Widget"}, "scope": "Cluster"}},
        {"apiVersion": "v1", "kind": "List", "items": items},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "local"} | local},
        {"apiVersion": "v1", "kind": "PodTemplate", "metadata": meta, "template": {"spec": {"containers": []}}},
    )


@st.composite
def manifests(draw: Draw) -> tuple[Part, tuple[str, ...]]:
    """Files of objects, listed; and the names of the Deployments."""
    found = draw(st.lists(names, min_size=1, max_size=2, unique=True))
    objects = [draw(workloads(name, "Deployment")) for name in found]
    if draw(st.booleans()):
        objects.append(draw(workloads("more", draw(one_of("StatefulSet", "DaemonSet", "CronJob")))))
    extra = others(draw(names), draw(texts))
    objects += [extra[index] for index in sorted(draw(st.sets(st.integers(0, len(extra) - 1), max_size=4)))]
    cut = draw(st.integers(1, len(objects)))
    files: dict[str, Text] = {"a.yaml": draw(several(objects[:cut]))}
    if objects[cut:]:
        files[draw(one_of("more/b.yml", "more/b=c +1.json", "more/b ü.yaml"))] = draw(several(objects[cut:]))
    return ({"resources": [draw(spelled(path)) for path in files]}, files), tuple(found)


# Features of a kustomization


@st.composite
def namespace(draw: Draw, known: Known) -> Part:
    return {"namespace": draw(one_of("prod", "payments", "123"))}, {}


@st.composite
def affixes(draw: Draw, known: Known) -> Part:
    return draw(one_of({"namePrefix": "a-"}, {"nameSuffix": "-b"}, {"namePrefix": "", "nameSuffix": "123"})), {}


@st.composite
def labels(draw: Draw, known: Known) -> Part:
    entry = {"pairs": draw(notes)} | draw(one_of({}, {"includeSelectors": True}, {"includeTemplates": True}))
    more = {"fields": [{"path": "spec/extra/labels", "create": True, "kind": "Widget"}]}
    return {"labels": [entry | draw(one_of({}, {}, more))]}, {}


@st.composite
def common(draw: Draw, known: Known) -> Part:
    """What is said of every object; commonLabels is the older form of labels."""
    return {draw(one_of("commonLabels", "commonAnnotations", "commonAnnotations")): draw(notes)}, {}


@st.composite
def images(draw: Draw, known: Known) -> Part:
    tag = draw(one_of("v2", "1.10", ""))
    fields = {"newName": "mirror.example/app", "newTag": tag, "digest": DIGEST, "tagSuffix": "-x"}
    wanted = draw(st.lists(st.sampled_from(("newName", "newTag", "newTag", "digest", "tagSuffix")), max_size=2))
    name = draw(one_of("registry.example/app", "registry.example:5000/team/web", "proxy", "app", ".*", "p(r|o)xy"))
    return {"images": [{"name": name} | {key: fields[key] for key in wanted}]}, {}


@st.composite
def replicas(draw: Draw, known: Known) -> Part:
    return {"replicas": [{"name": draw(st.sampled_from(known.deployments)), "count": draw(sizes)}]}, {}


@st.composite
def merges(draw: Draw, known: Known) -> Fields:
    """A strategic merge patch of a Deployment."""
    app: Fields = {"name": "app", "resources": {"limits": {"memory": f"{draw(sizes)}Mi"}}}
    app |= {"env": draw(one_of([{"name": "LEVEL", "value": "1"}], [{"name": "LEVEL", "$patch": "delete"}], [], None))}
    beside = one_of({"name": "side", "$patch": "delete"}, {"name": "new", "image": "new:1"}, {"$patch": "replace"})
    pod: Fields = {"containers": [app, *draw(st.lists(beside, max_size=2))]}
    pod |= draw(one_of({}, {"serviceAccountName": None}, {"volumes": [{"name": "v", "emptyDir": {}}]}))
    metadata = {"name": draw(st.sampled_from(known.deployments)), "annotations": {"note": draw(texts)}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": pod}}}


operations = one_of(
    {"op": "add", "path": "/metadata/annotations", "value": {"a~b": "1"}},
    {"op": "add", "path": "/metadata/labels/a~1b", "value": "~0"},
    {"op": "add", "path": "/spec/extra", "value": [1, 1.5, None, True, "0123"]},
    {"op": "test", "path": "/kind", "value": "Deployment"},
    {"op": "copy", "from": "/metadata/name", "path": "/metadata/labels/copied"},
    {"op": "move", "from": "/metadata/labels/tier", "path": "/metadata/labels/moved"},
    {"op": "replace", "path": "/spec/replicas", "value": 3},
    {"op": "replace", "path": "/metadata/name", "value": "renamed"},
    {"op": "remove", "path": "/spec/template/spec/containers/0/env/0"},
)
targets = one_of(
    {"kind": "Deployment"},
    {"kind": "Deployment", "name": "app|web"},
    {"kind": "Deploy.*", "group": "apps", "version": "v1"},
    {"kind": "Deployment", "labelSelector": "app in (app,web), tier"},
    {"kind": "Deployment", "labelSelector": "!tier"},
    {"kind": "Deployment", "annotationSelector": "note"},
    {"kind": "Deployment", "namespace": "prod"},
)


@st.composite
def json_patch(draw: Draw) -> str:
    found = draw(st.lists(operations, min_size=1, max_size=2))
    return json.dumps(found, indent=draw(one_of(None, 1))) if draw(st.booleans()) else yaml.safe_dump(found)


@st.composite
def patches(draw: Draw, known: Known) -> Part:
    """All three kinds, inline or as a file: a merge that names its object, one with a target, JSON 6902."""
    how = draw(one_of("merge", "merge with target", "json", "json"))
    text = draw(json_patch() if how == "json" else merges(known).flatmap(dumped))
    entry: Fields = {} if how == "merge" else {"target": draw(targets)}
    entry |= draw(one_of({}, {}, {"options": {"allowNameChange": True, "allowKindChange": True}}))
    if draw(st.booleans()):
        return {"patches": [entry | {"patch": text}]}, {}
    path = draw(one_of("patch.yaml", "patches/p.json"))
    return {"patches": [entry | {"path": draw(spelled(path))}]}, {path: text}


@st.composite
def old_patches(draw: Draw, known: Known) -> Part:
    """The fields that `patches` replaced; kustomize still builds them."""
    if draw(st.booleans()):
        return {"patchesStrategicMerge": ["old.yaml"]}, {"old.yaml": draw(merges(known).flatmap(dumped))}
    target = {"group": "apps", "version": "v1", "kind": "Deployment", "name": draw(st.sampled_from(known.deployments))}
    return {"patchesJson6902": [{"target": target, "path": "old.json"}]}, {"old.json": draw(json_patch())}


@st.composite
def replacements(draw: Draw, known: Known) -> Part:
    source: Fields = {"kind": "Deployment", "name": draw(st.sampled_from(known.deployments))}
    source |= draw(one_of({}, {"fieldPath": "metadata.labels.app"}, {"fieldPath": "spec.replicas"}))
    kind, path = draw(
        one_of(
            ("Service", "spec.selector.app"),
            ("Widget", "spec.parts.[name=a].value"),
            ("Deployment", "spec.template.spec.containers.*.image"),
            ("Deployment", "metadata.annotations.note"),
            ("ConfigMap", "metadata.labels.[a.b/c]"),
        )
    )
    target: Fields = {"select": {"kind": kind}, "fieldPaths": [path]}
    target |= {} if "*" in path else {"options": {"create": True}}
    target |= draw(one_of({}, {"reject": [{"name": "web"}]}))
    value = {"source": source, "targets": [target]}
    if draw(st.booleans()):
        return {"replacements": [value]}, {}
    return {"replacements": [{"path": "replacement.yaml"}]}, {"replacement.yaml": draw(dumped(value))}


@st.composite
def sources(draw: Draw) -> Part:
    """What a generator reads."""
    literals = draw(st.dictionaries(one_of("a", "b.c", "A_B"), texts, max_size=3))
    fields: Fields = {"literals": [f"{key}={text}" for key, text in literals.items()]}
    files: dict[str, Text] = {}
    if draw(st.booleans()):
        fields["envs"] = ["set.env"]
        files["set.env"] = draw(one_of("A=1\nB=two words\n# comment\nC=\nD\n", "\ufeffA=1\r\nB=2", "A=ü=b", ""))
    if draw(st.booleans()):
        name = draw(one_of("settings.properties", "dir/.hidden", "dir/a=b", "two words+ü"))
        fields["files"] = [name if name == "settings.properties" else draw(one_of(name, f"key={name}"))]
        files[name] = draw(texts | st.binary(max_size=20))
    return fields, files


@st.composite
def generators(draw: Draw, known: Known) -> Part:
    field, name = draw(one_of(("configMapGenerator", "settings"), ("secretGenerator", "hidden")))
    entry, files = draw(sources())
    entry["name"] = name
    settings = {"labels": {"a": "b"}, "annotations": {"note": "no"}, "immutable": True, "disableNameSuffixHash": True}
    if chosen := draw(st.sets(st.sampled_from(sorted(settings)), max_size=2)):
        entry["options"] = {key: settings[key] for key in sorted(chosen)}
    if name in known.generated:
        entry["behavior"] = draw(one_of("merge", "merge", "replace"))
    elif field == "secretGenerator":
        entry |= draw(one_of({}, {"type": "kubernetes.io/tls"}))
    return {field: [entry]}, files


@st.composite
def options(draw: Draw, known: Known) -> Part:
    order = {"orderFirst": ["Widget"], "orderLast": ["Service"]}
    settings: tuple[Fields, ...] = (
        {"generatorOptions": {"disableNameSuffixHash": True, "labels": {"g": "1"}}},
        {"sortOptions": {"order": "fifo"}},
        {"sortOptions": {"order": "legacy", "legacySortOptions": order}},
        {"buildMetadata": ["originAnnotations", "managedByLabel", "transformerAnnotations"]},
        {"metadata": {"name": "me"}},
    )
    return draw(st.sampled_from(settings)), {}


@st.composite
def plugins(draw: Draw, known: Known) -> Part:
    """kustomize's own transformers and generators, configured by hand, inline or in a file."""
    anything = {"path": "metadata/annotations", "create": True}
    configured: Fields = draw(
        one_of(
            {"kind": "PrefixTransformer", "prefix": "p-", "fieldSpecs": [{"path": "metadata/name"}]},
            {"kind": "NamespaceTransformer", "metadata": {"name": "x", "namespace": "spaced"}, "unsetOnly": True},
            {"kind": "LabelTransformer", "labels": {"l": "1"}, "fieldSpecs": [anything]},
            {"kind": "PatchTransformer", "path": "by-plugin.yaml", "target": {"kind": "Deployment"}},
            {"kind": "ConfigMapGenerator", "metadata": {"name": "made"}, "literals": ["a=1"]},
        )
    )
    which = "generators" if configured["kind"].endswith("Generator") else "transformers"
    text = draw(dumped({"apiVersion": "builtin", "metadata": {"name": "any"}} | configured))
    files: dict[str, Text] = {"by-plugin.yaml": '[{"op": "add", "path": "/spec/paused", "value": true}]'}
    if draw(st.booleans()):
        return {which: [text]}, files
    return {which: ["plugin.yaml"]}, files | {"plugin.yaml": text}


@st.composite
def configurations(draw: Draw, known: Known) -> Part:
    """What teaches kustomize a kind that it does not know: field paths, references, a schema."""
    which = draw(one_of("configurations", "crds", "openapi", "vars"))
    if which == "configurations":
        config = {name: [{"path": "spec/text", "kind": "Widget"}] for name in ("images", "namePrefix")}
        return {which: ["config.yaml"]}, {"config.yaml": draw(dumped(config))}
    if which == "openapi":
        return {which: {"path": "schema.json"}}, {"schema.json": json.dumps(_schema())}
    if which == "crds":
        crd = {"properties": {"text": {"x-kubernetes-object-ref-kind": "ConfigMap"}}}
        return {which: ["crd.json"]}, {"crd.json": json.dumps({"example.com/v1.Widget": {"Schema": crd}})}
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": draw(st.sampled_from(known.deployments))}
    return {which: [{"name": "VAR", "objref": reference, "fieldref": {"fieldpath": "metadata.name"}}]}, {}


def _schema() -> Fields:
    """One that merges the parts of a Widget by their names."""
    parts = {"type": "array", "items": {"type": "object"}}
    parts |= {"x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge"}
    kinds = [{"group": "example.com", "kind": "Widget", "version": "v1"}]
    properties = {"spec": {"properties": {"parts": parts}}}
    return {"definitions": {"Widget": {"properties": properties, "x-kubernetes-group-version-kind": kinds}}}


MISTAKES: tuple[Part, ...] = (
    ({"resources": ["missing.yaml"]}, {}),
    ({"resources": ["empty.yaml"]}, {"empty.yaml": "# nothing\n"}),
    ({"resources": ["broken.yaml"]}, {"broken.yaml": "a: [\n"}),
    ({"resources": ["/etc/hostname"]}, {}),
    ({"resources": ["."]}, {}),
    ({"resources": [""]}, {}),
    ({"resources": ["../../../../../../../.."]}, {}),
    ({"resources": ["no-object.yaml"]}, {"no-object.yaml": "kind: [1]\n"}),
    ({"resources": ["b.yaml"]}, {"b.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\n"}),
    ({"components": ["../../base1"]}, {}),
    ({"unknown": 1}, {}),
    ({"kind": "Deployment"}, {}),
    ({"apiVersion": "v2"}, {}),
    ({"images": [{"name": "app", "newTag": 1.10}]}, {}),
    ({"replicas": [{"name": "nobody", "count": 1}]}, {}),
    ({"namespace": ["a"]}, {}),
    ({"patches": [{"patch": "a: [", "target": {"kind": "Deployment"}}]}, {}),
    ({"patches": [{"path": "missing.yaml"}]}, {}),
    ({"patches": [{"patch": '[{"op": "remove", "path": "/nothing"}]', "target": {"kind": "Deployment"}}]}, {}),
    ({"patches": [{"patch": "[]", "target": {"name": "("}}]}, {}),
    ({"configMapGenerator": [{"name": "nobody", "behavior": "merge", "literals": ["a=1"]}]}, {}),
    ({"configMapGenerator": [{"name": "a", "files": ["../outside"]}]}, {"../outside": "x"}),
    ({"configMapGenerator": [{"name": "a", "literals": ["no equals sign"]}]}, {}),
    ({"configMapGenerator": [{"name": "a", "literals": ["a=\x01"]}]}, {}),
    ({"replacements": [{"source": {"kind": "Nothing"}, "targets": [{"select": {"kind": "Deployment"}}]}]}, {}),
    ({"transformers": ["plugin.yaml"]}, {"plugin.yaml": "apiVersion: evil/v1\nkind: Evil\nmetadata: {name: a}\n"}),
    ({"helmCharts": [{"name": "a", "repo": "https://example.com"}]}, {}),
    ({}, {"Kustomization": "resources: []\n", "kustomization.yml": "resources: []\n"}),
)

FEATURES: dict[str, Callable[[Known], st.SearchStrategy[Part]]] = {
    "namespace": namespace,
    "affixes": affixes,
    "labels": labels,
    "common": common,
    "images": images,
    "replicas": replicas,
    "patches": patches,
    "more patches": patches,
    "old patches": old_patches,
    "replacements": replacements,
    "generators": generators,
    "options": options,
    "plugins": plugins,
    "configurations": configurations,
}
OF_COMPONENTS = ("affixes", "common", "generators", "images", "labels", "patches", "replacements")


# Layers


@st.composite
def overlays(draw: Draw) -> Overlay:
    """apps/x/overlays/prod over one to three bases, each over the next, with components beside them."""
    plan = Plan()
    depth = draw(one_of(1, 1, 1, 2, 2, 3))
    for level in range(depth, 0, -1):
        _layer(draw, plan, f"apps/x/base{level}", f"../base{level + 1}" if level < depth else None)
    _layer(draw, plan, "apps/x/overlays/prod", "../../base1", wrong=draw(one_of(*[False] * 7, True)))
    return Overlay(plan.files, "apps/x/overlays/prod", frozenset(plan.features))


def _layer(draw: Draw, plan: Plan, folder: str, below: str | None, *, wrong: bool = False) -> None:
    fields: Fields = {"resources": [draw(spelled(below))]} if below else {}
    if below is None:
        part, deployments = draw(manifests())
        _join(plan, folder, fields, part)
        plan.known = Known(deployments)
    _some_features(draw, plan, folder, fields, tuple(FEATURES), most=4 if below else 1)
    if below and draw(one_of(False, False, True)):
        fields["components"] = [_component(draw, plan, folder)]
    if wrong:
        _join(plan, folder, fields, draw(st.sampled_from(MISTAKES)))
        plan.features.add("mistake")
    name = draw(one_of(*["kustomization.yaml"] * 4, "kustomization.yml", "Kustomization"))
    plan.files[f"{folder}/{name}"] = draw(dumped(draw(one_of(KUSTOMIZATION, KUSTOMIZATION, {})) | fields))


def _some_features(draw: Draw, plan: Plan, folder: str, fields: Fields, allowed: tuple[str, ...], most: int) -> None:
    for name in sorted(draw(st.sets(st.sampled_from(allowed), min_size=1, max_size=most))):
        part = draw(FEATURES[name](plan.known))
        _join(plan, folder, fields, part)
        plan.features.add(name)
        made = [entry["name"] for field, given in part[0].items() if field.endswith("Generator") for entry in given]
        plan.known = Known(plan.known.deployments, (*plan.known.generated, *made))


def _component(draw: Draw, plan: Plan, folder: str) -> str:
    """The path of a new component, from the folder."""
    fields: Fields = dict(COMPONENT)
    place = f"components/of-{folder.rpartition('/')[2]}"
    _some_features(draw, plan, place, fields, OF_COMPONENTS, most=2)
    plan.files[f"{place}/kustomization.yaml"] = draw(dumped(fields))
    plan.features.add("component")
    return "../" * (folder.count("/") + 1) + place


def _join(plan: Plan, folder: str, fields: Fields, part: Part) -> None:
    """Adds a part: lists grow, other fields are replaced."""
    said, files = part
    for name, value in said.items():
        fields[name] = [*fields.get(name, ()), *value] if isinstance(value, list) else value
    plan.files.update({f"{folder}/{path}": text for path, text in files.items()})

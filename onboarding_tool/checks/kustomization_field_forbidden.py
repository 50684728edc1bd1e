"""A kustomization says only what can be reviewed by reading it.

kustomize can do far more than put files together: fetch from other machines, run plugins, rename what others refer
to, write to any field. Whoever reads a change must see what it does, and the tool must know which image runs where
without guessing. So a base, an overlay and a component may hold `resources`, `labels`, `patches` and
`configMapGenerator`, an overlay also `namespace` and `images`, and nothing else may stand in them.

Bad:

    # apps/payments/overlays/prod/kustomization.yaml
    namePrefix: prod-
    replicas:
      - {name: payments, count: 3}

Good:

    patches:
      - path: memory.yaml
    configMapGenerator:
      - name: payments
        files: [config/payments/application.yaml]
        options: {disableNameSuffixHash: true}

Fix: do what the hint of the finding says for the field; it tells why the field is refused and what takes its place.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from onboarding_tool.checks.facts.written import Place, Source, sources
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo, mapping, sequence
from onboarding_tool.wording import did_you_mean
from onboarding_tool.yamltext import Path

RULE = "kustomization-field-forbidden"
SCOPE = Scope.API
NEEDS = NOTHING

EVERYWHERE = ("apiVersion", "kind", "resources", "labels", "patches", "configMapGenerator")
ALLOWED: Mapping[Place, tuple[str, ...]] = {
    Place.BASE: EVERYWHERE,
    Place.OVERLAY: (*EVERYWHERE, "namespace", "images"),
    Place.COMPONENT: EVERYWHERE,
}

PLUGIN = "It makes kustomize run plugins, which can write anything. Write the objects out as files."
RENAMES = (
    "Deployments and containers go by the names that metadata.yaml declares. Write the whole name in the manifest."
)
HELM = "A chart comes from another machine and changes without review. Render it once and commit the manifests."
COPIES = "It writes values to any field, image and namespace included. Write the value out where it is needed."
COMMON_LABELS = "It changes selectors, which a running Deployment cannot have changed. Write `labels:` with `pairs:`."
SCHEMA = "It changes how kustomize merges every file. Delete it; the kinds that are allowed need none."
SECRETS = "A Secret does not belong in Git. Name it in an ExternalSecret, or have it created in the cluster."
USE_PATCHES = "It is the old form. Write `patches:` with `path:` or `patch:`, and `target:`."

REASONS: Mapping[str, str] = {
    "bases": "It is the old form. List `../../base` under `resources:`.",
    "buildMetadata": "It adds annotations that differ from machine to machine. Delete it.",
    "commonAnnotations": "It also marks pod templates and so restarts every pod. Write the annotation in the manifest.",
    "commonLabels": COMMON_LABELS,
    "components": "Components are the platform's: `components:` in platform.yaml adds them to every API.",
    "configurations": SCHEMA,
    "crds": SCHEMA,
    "generatorOptions": "It works from afar. Write `options:` in each entry of `configMapGenerator:`.",
    "generators": PLUGIN,
    "helmChartInflationGenerator": HELM,
    "helmCharts": HELM,
    "helmGlobals": HELM,
    "imageTags": "It is the old form. Write `images:` in the overlay.",
    "images": "Only an overlay has `images:`. In a base they would make the overlay's entry silently ineffective.",
    "inventory": "kustomize gave it up. Delete it.",
    "metadata": "It marks the file and not the objects. Delete it.",
    "namePrefix": RENAMES,
    "nameSuffix": RENAMES,
    "namespace": "It differs between environments. An overlay may say it, and then says what metadata.yaml declares.",
    "openapi": SCHEMA,
    "patchesJson6902": USE_PATCHES,
    "patchesStrategicMerge": USE_PATCHES,
    "replacements": COPIES,
    "replicas": "The HorizontalPodAutoscaler decides how many pods run; set its `minReplicas`. Without one, write "
    "`spec.replicas` in the Deployment.",
    "secretGenerator": SECRETS,
    "sortOptions": "The order of the objects is decided by Argo CD. Delete it.",
    "transformers": PLUGIN,
    "validators": PLUGIN,
    "vars": COPIES,
}

# Fields of the entries of a list: what may stand there, and why the rest may not.
ENTRIES: Mapping[str, tuple[str, ...]] = {
    "labels": ("pairs", "includeSelectors", "includeTemplates"),
    "patches": ("path", "patch", "target"),
    "configMapGenerator": ("name", "files", "literals", "options"),
}
# Fields of a mapping inside such an entry. kustomize reads `Kind` as `kind`, so what is unknown is not harmless.
INNER: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("patches", "target"): ("group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"),
    ("configMapGenerator", "options"): ("disableNameSuffixHash", "immutable", "labels", "annotations"),
}
ENTRY_REASONS: Mapping[tuple[str, str], str] = {
    ("labels", "fields"): "It writes to fields that are no labels. Delete it.",
    ("patches", "options"): "A patch must not change an object's kind or name. Write the object as it should be.",
    (
        "configMapGenerator",
        "behavior",
    ): "Merging hides what an environment gets. Keep the whole ConfigMap in one place.",
    ("configMapGenerator", "env"): "Write the pairs as `literals:`, or one file for each key as `files:`.",
    ("configMapGenerator", "envs"): "Write the pairs as `literals:`, or one file for each key as `files:`.",
    ("configMapGenerator", "kvSources"): PLUGIN,
    ("configMapGenerator", "namespace"): "The namespace is the overlay's.",
}
# Labels of selectors and pod templates: what no kustomization but a base may add.
REACHING: Mapping[str, tuple[str, tuple[Place, ...]]] = {
    "includeSelectors": ("A running Deployment's selector cannot change.", (Place.OVERLAY, Place.COMPONENT)),
    "includeTemplates": ("A label of the pod template restarts every pod.", (Place.OVERLAY,)),
}


def check(repo: Repo) -> Iterator[Finding]:
    for source in sources(repo):
        for at, message, hint in _of_source(source):
            yield repo.finding(RULE, source.kustomization.path, f"{source.owner}: {message}", hint, at=at, key=True)


def _of_source(source: Source) -> Iterator[tuple[Path, str, str]]:
    value, allowed = source.kustomization.value, ALLOWED[source.place]
    for field in value:
        if field not in allowed:
            article = "an" if source.place is Place.OVERLAY else "a"
            yield (
                (field,),
                f"`{field}` may not stand in {article} {source.place}",
                _hint(REASONS.get(field), field, allowed),
            )
    for name, known in ENTRIES.items():
        for index, item in enumerate(sequence(value.get(name))):
            yield from _of_entry((name, index), mapping(item), known)
            yield from _inside((name, index), mapping(item))
            yield from _reaching((name, index), mapping(item), source.place)


def _of_entry(at: Path, entry: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[tuple[Path, str, str]]:
    for field in entry:
        if field not in known:
            reason = ENTRY_REASONS.get((str(at[0]), field))
            yield (*at, field), f"`{field}` may not stand in an entry of `{at[0]}`", _hint(reason, field, known)


def _inside(at: Path, entry: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for (holder, name), known in INNER.items():
        for field in mapping(entry.get(name)) if at[0] == holder else ():
            if field not in known:
                yield (*at, name, field), f"`{field}` may not stand in `{name}`", _hint(None, field, known)


def _reaching(at: Path, entry: Mapping[str, Any], place: Place) -> Iterator[tuple[Path, str, str]]:
    for field, (reason, places) in REACHING.items():
        if at[0] == "labels" and place in places and entry.get(field):
            hint = f"{reason} Write `{field}: false`, or put the label into the base."
            yield (*at, field), f"`{field}` may be true only in a base", hint


def _hint(reason: str | None, field: str, allowed: tuple[str, ...]) -> str:
    if reason:
        return reason
    return did_you_mean(field, allowed, f"Allowed here: {', '.join(allowed)}.")

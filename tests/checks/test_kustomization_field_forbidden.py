import pytest

from onboarding_tool.checks import kustomization_field_forbidden as rule
from tests.support.repos import edited, findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
COMPONENT = "components/pre-stop/kustomization.yaml"
ALLOWED = """\
labels:
  - pairs: {tier: backend}
    includeSelectors: false
patches:
  - path: memory.yaml
    target: {kind: Deployment}
  - patch: "- {op: add, path: /metadata/labels/a, value: b}"
    target: {kind: Deployment}
configMapGenerator:
  - name: payments
    files: [config/payments/key]
    literals: [a=b]
    options: {disableNameSuffixHash: true, immutable: true, labels: {a: b}, annotations: {a: b}}
"""
# Every field that kustomize 5.8 knows and that is allowed nowhere.
NOWHERE = [
    "bases",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "components",
    "configurations",
    "crds",
    "generatorOptions",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "helmGlobals",
    "imageTags",
    "inventory",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "openapi",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "secretGenerator",
    "sortOptions",
    "transformers",
    "validators",
    "vars",
]


def added(path: str, text: str) -> dict[str, str]:
    return good() | {path: good().get(path, "") + text}


@pytest.mark.parametrize("path", [BASE, PROD, COMPONENT])
def test_the_allowed_fields_pass_everywhere(path):
    assert findings(rule, added(path, ALLOWED)) == []


def test_namespace_and_images_pass_in_an_overlay():
    assert findings(rule, good()) == []


@pytest.mark.parametrize("path", [BASE, COMPONENT])
@pytest.mark.parametrize("field", ["namespace", "images"])
def test_namespace_and_images_are_refused_elsewhere(path, field):
    found = findings(rule, added(path, f"{field}: []\n"))
    assert [finding.path for finding in found] == [path]
    assert f"`{field}` may not stand in a" in found[0].message
    assert found[0].hint == rule.REASONS[field]


@pytest.mark.parametrize("path", [BASE, PROD, COMPONENT])
@pytest.mark.parametrize("field", NOWHERE)
def test_every_other_field_is_refused_with_its_reason(path, field):
    files = added(path, f"{field}: []\n")
    line = files[path].count("\n")
    found = findings(rule, files)
    assert places(found) == [(path, line, 1)]
    assert found[0].rule == "kustomization-field-forbidden"
    assert f"`{field}`" in found[0].message
    assert found[0].hint == rule.REASONS[field]


def test_each_refusal_of_a_known_field_has_a_reason():
    assert set(rule.REASONS) == {*NOWHERE, "namespace", "images"}


def test_a_typo_gets_the_field_that_was_meant():
    found = findings(rule, edited(PROD, "resources:", "resorces:"))
    assert places(found) == [(PROD, 4, 1)]
    assert "Did you mean 'resources'?" in found[0].hint


def test_an_unknown_field_is_told_what_is_allowed():
    assert "Allowed here: apiVersion, kind, resources" in findings(rule, added(BASE, "xyz: 1\n"))[0].hint


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("patches:\n  - path: a.yaml\n    options: {allowNameChange: true}\n", "options"),
        ("configMapGenerator:\n  - name: a\n    behavior: merge\n", "behavior"),
        ("configMapGenerator:\n  - name: a\n    envs: [a.env]\n", "envs"),
        ("configMapGenerator:\n  - name: a\n    namespace: b\n", "namespace"),
        ("labels:\n  - pairs: {a: b}\n    fields: [{path: spec}]\n", "fields"),
    ],
)
@pytest.mark.parametrize("path", [BASE, PROD])
def test_fields_of_entries_are_refused_with_their_reason(path, text, field):
    files = added(path, text)
    found = findings(rule, files)
    assert places(found) == [(path, files[path].count("\n"), 5)]
    assert f"`{field}` may not stand in an entry" in found[0].message
    assert found[0].hint in rule.ENTRY_REASONS.values()


def test_a_mistyped_field_of_an_entry_gets_the_one_that_was_meant():
    found = findings(rule, added(BASE, "patches:\n  - pathh: a.yaml\n"))
    assert "Did you mean 'path'?" in found[0].hint


@pytest.mark.parametrize(
    ("text", "column", "field"),
    [
        ("configMapGenerator: [{name: a, options: {hash: false}}]\n", 42, "hash"),
        ("patches: [{path: a, target: {kind: Service, Kind: Deployment}}]\n", 45, "Kind"),
    ],
)
def test_unknown_fields_inside_an_entry_are_refused(text, column, field):
    found = findings(rule, added(BASE, text))
    assert places(found) == [(BASE, 7, column)]
    assert f"`{field}` may not stand in" in found[0].message


@pytest.mark.parametrize(
    ("path", "field", "refused"),
    [
        (BASE, "includeSelectors", False),
        (BASE, "includeTemplates", False),
        (PROD, "includeSelectors", True),
        (PROD, "includeTemplates", True),
        (COMPONENT, "includeSelectors", True),
        (COMPONENT, "includeTemplates", False),
    ],
)
def test_labels_reach_selectors_and_pods_only_where_that_is_harmless(path, field, refused):
    found = findings(rule, added(path, f"labels:\n  - pairs: {{a: b}}\n    {field}: true\n"))
    assert [f"`{field}`" in finding.message for finding in found] == [True] * refused

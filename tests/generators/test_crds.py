"""Every generated Application and AppProject fits Argo CD's CustomResourceDefinitions, closed."""

import copy

import pytest

from onboarding_tool import generators
from tests.support import crds
from tests.support.examples import NAMES, example_repo
from tests.support.manifests import documents, misfits

ARGOCD = "argo-cd-v3.5.1"
FILES = {"Application": "application-crd.yaml", "AppProject": "appproject-crd.yaml"}


@pytest.fixture(scope="module")
def validators(published_crds):
    return {kind: crds.validator(published_crds / ARGOCD / name) for kind, name in FILES.items()}


def generated(name):
    """Every generated manifest; a kustomization is none."""
    files = generators.generate(example_repo(name))
    manifests = [data for path, data in files.items() if path.endswith(".yaml") and "kustomization" not in path]
    return [document for data in manifests for document in documents(data)]


@pytest.mark.parametrize("name", NAMES)
def test_applications_and_projects_fit_the_crds(name, validators):
    judged = [value for value in generated(name) if value["kind"] in validators]
    assert {value["kind"] for value in judged} == set(FILES)
    for value in judged:
        assert crds.problems(validators[value["kind"]], value) == [], value["metadata"]["name"]


@pytest.mark.parametrize("name", NAMES)
def test_all_other_objects_fit_the_kubernetes_api(name, validators):
    for value in generated(name):
        if value["kind"] not in validators:
            assert misfits(value) == []


@pytest.mark.parametrize("kind", FILES)
def test_the_schemas_are_closed(kind, validators):
    assert list(crds.unclosed(validators[kind].schema)) == []


@pytest.mark.parametrize(
    ("kind", "keys", "field"),
    [
        ("Application", ("spec",), "projekt"),
        ("Application", ("spec", "syncPolicy", "automated"), "selfheal"),
        ("Application", ("spec", "syncPolicy", "retry", "backoff"), "max"),
        ("Application", ("spec", "destination"), "cluster"),
        ("Application", ("metadata",), "finalizer"),
        ("Application", (), "status"),
        ("AppProject", ("spec",), "namespaceResourceWhiteList"),
        ("AppProject", ("spec", "destinations", 0), "cluster"),
    ],
)
def test_a_misspelt_field_would_be_seen(kind, keys, field, validators):
    value = copy.deepcopy(next(value for value in generated("one-api") if value["kind"] == kind and has(value, keys)))
    assert crds.problems(validators[kind], value) == []
    at = value
    for key in keys:
        at = at[key]
    at[field] = {}
    assert len(crds.problems(validators[kind], value)) == 1


def has(value, keys):
    """Whether the keys lead somewhere."""
    for key in keys:
        try:
            value = value[key]
        except (KeyError, IndexError):
            return False
    return True


def test_a_misspelt_field_of_kubernetes_would_be_seen():
    policy = next(value for value in generated("one-api") if value["kind"] == "NetworkPolicy")
    assert misfits(policy) == []
    policy["spec"]["policytypes"] = policy["spec"].pop("policyTypes")
    assert "NetworkPolicy.spec.policytypes: there is no such field" in misfits(policy)

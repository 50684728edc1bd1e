import pytest

from onboarding_tool.checks import generated_object_invalid as rule
from tests.support import custom_resources
from tests.support.repos import edited, findings, good, places, with_generated

ROOT = "generated/root/prod.yaml"
APPLICATION = "generated/prod/applications/customer-a/payments.yaml"
NAMESPACE = "generated/staging/namespaces/customer-a/payments-staging.yaml"


def test_what_is_generated_passes():
    assert findings(rule, with_generated(good())) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "line", "column", "problem", "origin"),
    [
        (
            APPLICATION,
            "project: customer",
            "projekt: customer",
            14,
            3,
            "`spec` of Application 'payments-prod' has no `project`",
            "Argo",
        ),
        (APPLICATION, "selfHeal: true", "selfHeal: yes please", 25, 17, "wants true or false", "Argo CD 3.5.1"),
        (ROOT, "sourceRepos:", "sourceRepo:", 15, 5, "`spec.sourceRepo` of AppProject", "Argo CD 3.5.1"),
        (NAMESPACE, "kind: Namespace", "kind: Namespace\nspec: {finalizer: []}", 4, 19, "no field", "Kubernetes 1.36"),
    ],
)
def test_a_file_that_argo_cd_reads_as_it_is_is_judged(path, old, new, line, column, problem, origin):
    files = edited(path, old, new, with_generated(good()))
    found = findings(rule, files)
    assert (path, line, column) in places(found)
    assert {one.path for one in found} == {path}
    assert any(problem in one.message for one in found)
    assert all(origin in one.message for one in found)


def test_every_document_and_every_item_of_a_list_is_judged():
    text = custom_resources.APP_PROJECT + "---\n"
    text += "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: argoproj.io/v1alpha1, kind: Application, spec: {}}\n"
    path = "generated/prod/tenants/extra.yaml"
    found = findings(rule, with_generated(good()) | {path: text})
    assert places(found) == [(path, 17, 5), (path, 17, 65), (path, 17, 65)]
    missing = [one.message.partition(" has no ")[2].partition(",")[0] for one in found]
    assert missing == ["`metadata`", "`destination`", "`project`"]


@pytest.mark.parametrize("text", ["{", "text", "- a", "{spec: {}}", "a: *b", ""])
def test_what_is_no_object_is_left_to_other_rules(text):
    assert findings(rule, with_generated(good()) | {APPLICATION: text}) == []


@pytest.mark.parametrize(
    "path", ["generated/prod/applications/payments.yaml", "generated/note.yaml", "generated/prod/apps/payments/a.yaml"]
)
def test_what_argo_cd_does_not_read_is_not_judged(path):
    text = "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: a}, spec: {}}\n"
    assert findings(rule, with_generated(good()) | {path: text}) == []


def test_a_broken_declaration_hides_nothing():
    files = edited(APPLICATION, "project: customer", "projekt: customer", with_generated(good()))
    files = edited("teams.yaml", "kind: Teams", "kind: Teams\nteamz: {}", files)
    assert {one.path for one in findings(rule, files)} == {APPLICATION}

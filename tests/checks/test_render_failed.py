from datetime import date, timedelta

from onboarding_tool.checks import judging
from onboarding_tool.checks import render_failed as rule
from tests.support.repos import edited, good, patched, places, with_generated

PROD = "apps/payments/overlays/prod/kustomization.yaml"
LOST = patched("{kind: Deployment, name: payments}", '[{"op": "remove", "path": "/spec/nothing"}]')


def test_what_can_be_built_passes(judged):
    assert judged(rule, with_generated(good())) == []


def test_kustomizes_error_is_told_once_per_overlay(judged):
    found = judged(rule, with_generated(LOST))
    assert places(found) == [(PROD, 1, 1)]
    assert "payments: apps/payments/overlays/prod cannot be built" in found[0].message
    assert "nothing" in found[0].message


def test_a_panic_of_kustomize_is_told_and_the_next_overlay_is_judged(judged, rendered_repo):
    files = edited(PROD, "name: europe-docker.pkg.dev/acme/payments/app", 'name: "["')
    files["exceptions.yaml"] = exception("images-entry-unsafe")
    repo = rendered_repo(files)
    found = list(rule.check(repo))
    assert places(found) == [(PROD, 1, 1)]
    assert repo.renders.overlay["payments", "staging"].objects != ()


def exception(name):
    expiry = (date.today() + timedelta(days=30)).isoformat()
    entry = f'{{rule: {name}, path: {PROD}, reason: because, owner: kim, expiry: "{expiry}"}}'
    return f"apiVersion: onboarding/v1\nkind: RuleExceptions\nexceptions:\n  - {entry}\n"


def test_what_another_rule_explains_is_not_said_again(rendered_repo):
    files = edited(PROD, "- ../../base", "- ../../base\n  - nothing.yaml")
    repo = rendered_repo(files)
    assert {one.rule for one in judging.run(repo, ()).findings if one.path == PROD} == {"kustomization-path-missing"}


def test_what_an_exception_silences_still_fails(judged):
    files = edited(PROD, "- ../../base", "- ../../base\n  - nothing.yaml")
    files["exceptions.yaml"] = exception("kustomization-path-missing")
    assert places(judged(rule, files)) == [(PROD, 1, 1)]


def test_what_load_says_of_a_file_is_not_said_again(judged):
    assert judged(rule, good() | {"apps/payments/base/service.yaml": "a: [\n"}) == []


def test_a_generated_folder_that_is_stale_is_left_to_its_rule(judged):
    path = "generated/prod/apps/payments/kustomization.yaml"
    files = edited(path, "- routes.yaml", "- lost.yaml", with_generated(good()))
    assert judged(rule, files) == []


def test_a_component_that_fails_is_told_at_the_generated_folder(judged):
    component = """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: Deployment}
    patch: '[{"op": "remove", "path": "/spec/nothing"}]'
"""
    files = edited("platform.yaml", "registries:", "components: [agent]\nregistries:")
    found = judged(rule, with_generated(files | {"components/agent/kustomization.yaml": component}))
    assert [one.path for one in found] == [
        "generated/prod/apps/payments/kustomization.yaml",
        "generated/staging/apps/payments/kustomization.yaml",
    ]

from onboarding_tool.checks import argocd_annotation
from onboarding_tool.checks import rendered_argocd_annotation as rule
from tests.support.repos import edited, findings, good, patched, places, with_generated

SERVICE = "apps/payments/base/service.yaml"
NAME = "argocd.argoproj.io/sync-options"
COPY = '[{"op": "copy", "from": "/spec/selector", "path": "/metadata/annotations"}]'


def test_plain_objects_pass(judged):
    assert judged(rule, with_generated(good())) == []


def test_a_copied_field_becomes_an_annotation(judged):
    files = edited(SERVICE, "  ports:", "  holder: {argocd.argoproj.io/hook: PreSync}\n  ports:")
    files[SERVICE] = files[SERVICE].replace("\nholder:", "\n  holder:").replace("\nports:", "\n  ports:")
    patch = COPY.replace("/spec/selector", "/spec/holder")
    files = patched("{kind: Service, name: payments}", patch, files)
    assert findings(argocd_annotation, files) == []
    found = judged(rule, files)
    assert places(found) == [(SERVICE, 4, 3)]
    assert "in prod, the annotation 'argocd.argoproj.io/hook' of Service 'payments' steers Argo CD" in found[0].message


def test_what_the_files_say_is_left_to_the_rule_for_files(judged):
    name = "metadata:\n  name: payments\n"
    files = edited(SERVICE, name, f"{name}  annotations: {{{NAME}: Prune=false}}\n")
    assert findings(argocd_annotation, files) != []
    assert judged(rule, files) == []

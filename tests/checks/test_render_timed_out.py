from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks import render_failed
from onboarding_tool.checks import render_timed_out as rule
from tests.support.rendered import with_renders
from tests.support.repos import edited, good, places, repo_of

BASE = "apps/payments/base/kustomization.yaml"


def test_an_ordinary_overlay_passes(judged):
    assert judged(rule, good()) == []


def test_what_takes_too_long_is_named_and_is_no_other_failure(renderer):
    files = edited(BASE, "- hpa.yaml", "- hpa.yaml\n  - maps.yaml")
    texts = [f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{number}}}\n" for number in range(4000)]
    repo = repo_of(files | {"apps/payments/base/maps.yaml": "---\n".join(texts)})
    with Renderer(jobs=1, time_limit=0.05, command=renderer) as rendering:
        repo = with_renders(repo, rendering)
    found = sorted(rule.check(repo))
    assert places(found) == [
        ("apps/payments/overlays/prod/kustomization.yaml", 1, 1),
        ("apps/payments/overlays/staging/kustomization.yaml", 1, 1),
    ]
    assert "payments: apps/payments/overlays/prod takes too long" in found[0].message
    assert list(render_failed.check(repo)) == []

import pytest

from onboarding_tool.checks import rendered_bounds_crossed as rule
from tests.support.repos import edited, good, patched, places, with_component, with_generated

DEPLOYMENT = "apps/payments/base/deployment.yaml"
HPA = "apps/payments/base/hpa.yaml"
IMAGE = "image: europe-docker.pkg.dev/acme/payments/app"


def with_resources(resources):
    """The Deployment with them in its container, on line 20 of the file."""
    return edited(DEPLOYMENT, IMAGE, f"{IMAGE}\n          resources:\n            {resources}")


def test_bounds_in_their_order_pass(judged):
    assert judged(rule, with_generated(good())) == []


@pytest.mark.parametrize(("least", "found"), [(5, []), (6, [(HPA, 10, 16)])])
def test_of_an_autoscaler(judged, least, found):
    assert places(judged(rule, edited(HPA, "minReplicas: 2", f"minReplicas: {least}"))) == found


EXTERNAL = "{type: External, external: {metric: {name: queue}, target: {type: Value, value: 1}}}"


@pytest.mark.parametrize(
    ("least", "most", "metrics", "found"),
    [
        (1, 1, "", []),
        (0, 5, "", [(HPA, 10, 16)]),
        (0, 5, EXTERNAL, []),
        (-1, 5, EXTERNAL, [(HPA, 10, 16)]),
        (0, 0, EXTERNAL, [(HPA, 11, 16)]),
        (0, 0, "", [(HPA, 10, 16), (HPA, 11, 16)]),
    ],
)
def test_of_an_autoscaler_that_goes_down_to_nothing(judged, least, most, metrics, found):
    bounds = f"minReplicas: {least}\n  maxReplicas: {most}\n  metrics: [{metrics}]"
    files = edited(HPA, "minReplicas: 2\n  maxReplicas: 5", bounds)
    assert places(judged(rule, files)) == found


def test_of_an_autoscaler_by_a_patch_of_one_environment(judged):
    patch = '[{"op": "replace", "path": "/spec/maxReplicas", "value": 1}]'
    (found,) = judged(rule, patched("{kind: HorizontalPodAutoscaler}", patch))
    assert "in prod, the autoscaler 'payments' comes out with `minReplicas: 2` and `maxReplicas: 1`" in found.message


@pytest.mark.parametrize(
    ("resources", "column"),
    [
        ("{requests: {memory: 192Mi}, limits: {memory: 128Mi}}", 33),
        ('{requests: {cpu: "1"}, limits: {cpu: 500m}}', 30),
        ("{requests: {cpu: 1}, limits: {memory: 1Gi, cpu: 0.5}}", 30),
    ],
)
def test_of_a_container(judged, resources, column):
    found = judged(rule, with_resources(resources))
    assert places(found) == [(DEPLOYMENT, 20, column)]
    assert "payments: in staging and prod, the container 'app' of Deployment 'payments'" in found[0].message


@pytest.mark.parametrize(
    "resources",
    [
        "{requests: {memory: 128Mi}, limits: {memory: 128Mi}}",
        "{requests: {memory: 1000Mi}, limits: {memory: 1Gi}}",
        "{requests: {memory: 4Gi}}",
        "{limits: {memory: 1Mi}}",
        "{requests: {cpu: many}, limits: {cpu: 1}}",
        "{requests: {cpu: 2}, limits: {memory: 1}}",
    ],
)
def test_near_misses_pass(judged, resources):
    assert judged(rule, with_resources(resources)) == []


def test_of_a_component(judged):
    limit = '[{"op": "add", "path": "/spec/template/spec/containers/0/resources/limits", "value": {"memory": "1Mi"}}]'
    files = with_resources("{requests: {memory: 2Mi}}")
    found = judged(rule, with_component(f"patches: [{{target: {{kind: Deployment}}, patch: '{limit}'}}]\n", files))
    assert len(found) == 1

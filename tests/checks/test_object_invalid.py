import pytest

from onboarding_tool.checks import object_invalid as rule
from tests.support import custom_resources
from tests.support.repos import edited, good, listed_in_base, patched, places, with_component, with_generated

DEPLOYMENT = "apps/payments/base/deployment.yaml"
SERVICE = "apps/payments/base/service.yaml"
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
HPA = "apps/payments/base/hpa.yaml"
IMAGE = "image: europe-docker.pkg.dev/acme/payments/app"


def container(line):
    """The Deployment with one more line in its container, which is line 19 of the file."""
    return edited(DEPLOYMENT, IMAGE, f"{IMAGE}\n          {line}")


def test_what_kubernetes_accepts_passes(judged):
    assert judged(rule, with_generated(good())) == []


@pytest.mark.parametrize(
    ("line", "column", "problem", "hint"),
    [
        (
            "env: [{name: PORT, value: 8080}]",
            37,
            "containers[0].env[0].value` of Deployment 'payments' is 8080, where Kubernetes wants text",
            'Write "8080" in quotes.',
        ),
        ("env: [{value: a}]", 17, "has no `name`", "Add `name:`."),
        ("enviroment: []", 23, "`spec.template.spec.containers[0].enviroment` of", "Delete it"),
        ("comand: [a]", 19, "is no field that Kubernetes knows there", "'command'"),
        ("args: --verbose", 17, "is the text '--verbose', where Kubernetes wants a list", "Write a list."),
        ("stdin: yes please", 18, "where Kubernetes wants true or false", "Write true or false."),
        ("resources: {limits: {memory: [1]}}", 40, "wants text or a number", "Write text or a number."),
        ("livenessProbe: {httpGet: {port: {}}}", 43, "wants text or a whole number", "Write text or a whole number."),
        ("ports: [{containerPort: 80.5}]", 35, "is 80.5, where Kubernetes wants a whole number", "a whole number"),
        ("securityContext: {runAsNonRoot: 1}", 43, "is 1, where Kubernetes wants true or false", "true or false"),
    ],
)
def test_a_misfit_is_found_where_it_is_written(judged, line, column, problem, hint):
    files = container(line)
    if "ports" in line:
        files = edited(DEPLOYMENT, "          ports:\n            - containerPort: 8080\n", "", files)
    found = judged(rule, files)
    assert places(found) == [(DEPLOYMENT, 19, column)]
    assert "payments: in staging and prod, " in found[0].message
    assert problem in found[0].message
    assert "(Kubernetes 1.36)" in found[0].message
    assert hint in found[0].hint


@pytest.mark.parametrize(
    "line",
    [
        "env: null",
        'resources: {limits: {memory: 64Mi, cpu: 1, other: "2"}}',
        "livenessProbe: {httpGet: {port: http}}",
        "livenessProbe: {httpGet: {port: 80, path: /}}",
    ],
)
def test_what_kubernetes_takes_in_several_forms_passes(judged, line):
    assert judged(rule, container(line)) == []


def test_an_old_version_of_a_kind_is_told_the_new_one(judged):
    found = judged(rule, edited(HPA, "autoscaling/v2", "autoscaling/v2beta2"))
    assert places(found) == [(HPA, 1, 13)]
    assert "there is no HorizontalPodAutoscaler of 'autoscaling/v2beta2'" in found[0].message
    assert "autoscaling/v2" in found[0].hint


def test_what_a_patch_and_a_component_write_is_found(judged):
    patch = '[{"op": "add", "path": "/spec/replica", "value": 2}]'
    assert len(judged(rule, patched("{kind: Deployment}", patch))) == 1
    component = with_component(f"patches: [{{target: {{kind: Deployment}}, patch: '{patch}'}}]\n")
    assert ["in staging and prod" in one.message for one in judged(rule, component)] == [True]


@pytest.mark.parametrize("text", custom_resources.TEXTS)
def test_good_custom_resources_pass(judged, text):
    assert judged(rule, listed_in_base("other.yaml", text)) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "problem", "hint"),
    [
        ("PathPrefix", "Prefix", 12, 24, "Exact or PathPrefix or RegularExpression", "Did you mean 'PathPrefix'?"),
        ("- api.platform", "- API.platform", 9, 7, "wants a host name in lower case, or *. and one", "match `^("),
        ("port: 8080", "port: 80800", 23, 34, "is 80800, where Kubernetes wants at most 65535", "at most 65535"),
        ("weight", "wieght", 23, 48, "is no field that Kubernetes knows there", "Did you mean 'weight'?"),
        ("name: X-Stage", "name: X-Tenant", 14, 49, "has the same `name` as item 0 of the list", "Delete or change"),
    ],
)
def test_a_misfit_of_a_route_is_found_where_it_is_written(judged, old, new, line, column, problem, hint):
    text = custom_resources.HTTP_ROUTE.replace(old, new)
    found = judged(rule, listed_in_base("route.yaml", text))
    assert places(found) == [("apps/payments/base/route.yaml", line, column)]
    assert problem in found[0].message
    assert "of HTTPRoute 'payments-path' " in found[0].message
    assert "(Gateway API 1.6.1)" in found[0].message
    assert hint in found[0].hint


def test_a_route_with_too_many_rules_is_told_how_many(judged):
    text = custom_resources.HTTP_ROUTE.partition("  rules:")[0] + "  rules:\n" + "    - {name: a}\n" * 17
    found = judged(rule, listed_in_base("route.yaml", text))
    assert places(found) == [("apps/payments/base/route.yaml", 11, 5)]
    assert (
        "`spec.rules` of HTTPRoute 'payments-path' has 17 items, where Kubernetes wants at most 16" in found[0].message
    )
    assert found[0].hint == "Take out 1 item."


def test_a_version_of_a_custom_resource_that_is_not_known_is_told_those_that_are(judged):
    text = custom_resources.HTTP_ROUTE.replace("k8s.io/v1", "k8s.io/v1alpha2")
    found = judged(rule, listed_in_base("route.yaml", text))
    assert "only of gateway.networking.k8s.io/v1 and gateway.networking.k8s.io/v1beta1" in found[0].message


def test_an_object_of_the_platforms_is_found_in_its_own_file(judged):
    text = custom_resources.HTTP_ROUTE.replace("PathPrefix", "Prefix")
    found = judged(rule, with_component("resources: [./route.yaml]\n", route=text))
    assert places(found) == [("components/extra/route.yaml", 12, 24)]
    assert found[0].message.startswith(
        "payments: in staging and prod, `spec.rules[0].matches[0].path.type` of HTTPRoute"
    )
    routes = "generated/prod/apps/payments/routes.yaml"
    files = edited(routes, "pathType: Prefix", "pathTyp: Prefix", with_generated(good()))
    assert {(one.path, one.line) for one in judged(rule, files)} == {(routes, 12), (routes, 13)}


def test_other_kinds_are_not_judged(judged):
    text = "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: db}, spec: {any: thing}}\n"
    assert judged(rule, listed_in_base("secret.yaml", text)) == []


def test_the_version_is_the_platforms(judged):
    files = container("restartPolicyRules: []")  # came with 1.34
    assert judged(rule, files) == []
    found = judged(rule, edited("platform.yaml", "registries:", 'kubernetes: "1.33"\nregistries:', files))
    assert ["`spec.template.spec.containers[0].restartPolicyRules`" in one.message for one in found] == [True]
    assert "(Kubernetes 1.33)" in found[0].message


def test_a_version_that_is_not_known_is_said_once(judged):
    found = judged(rule, edited("platform.yaml", "registries:", 'kubernetes: "1.12"\nregistries:'))
    assert places(found) == [("platform.yaml", 6, 13)]
    assert "1.30, 1.31" in found[0].message

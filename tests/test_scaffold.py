from typing import Any

import pytest

from onboarding_tool import load, scaffold, yamltext
from onboarding_tool.checks import judging
from onboarding_tool.errors import UsageError
from onboarding_tool.model import Placement, Repo, Route
from onboarding_tool.scaffold import Wish
from onboarding_tool.tree import Changes, changed
from tests.support.imports import Reader, built, empty_repo, written
from tests.support.repos import good, repo_of

IMAGE = "europe-docker.pkg.dev/acme/payments/app:v1.0.0"


def added(repo: Repo | None = None, **words: Any) -> Changes:
    fields = {"name": "payments", "tenant": "customer-a", "team": "payments-team", "image": IMAGE, "port": 8080} | words
    return scaffold.add_api(repo or empty_repo(), Wish(**fields))


def refused(**words: Any) -> UsageError:
    with pytest.raises(UsageError) as caught:
        added(**words)
    return caught.value


def after(changes: Changes, repo: Repo | None = None) -> Repo:
    """The repo with the API, which has nothing wrong with it."""
    result, found = load.load(changed((repo or empty_repo()).tree, changes))
    assert found == []
    assert [one for one in judging.run(result, found).findings if one.path.startswith("apps/")] == []
    return result


WISHES = {
    "plain": {},
    "all words": {
        "deployment": "pay-server",
        "container": "server",
        "namespaces": {"prod": "pay"},
        "prefix": "/pay",
        "legacy_hosts": ("pay.customer-a.com", "payments.customer-a.com"),
    },
    "digest": {"image": f"europe-docker.pkg.dev/acme/payments/app@sha256:{'a' * 64}"},
    "tag that reads as a number": {"image": "europe-docker.pkg.dev/acme/payments/app:1.10"},
    "names that read as something else": {"name": "on", "container": "1e3", "deployment": "null"},
}


@pytest.mark.parametrize("words", WISHES.values(), ids=WISHES.keys())
def test_what_is_scaffolded_passes_and_renders(words, kustomize, tmp_path):
    changes = added(**words)
    (api,) = after(changes).apis.values()
    written(tmp_path, changes)
    for environment, place in api.environments.items():
        rendered = built(kustomize, tmp_path / api.overlay_folder(environment))
        (workload,) = api.workloads
        assert set(rendered) == {
            ("Deployment", workload.deployment),
            ("Service", api.name),
            ("HorizontalPodAutoscaler", api.name),
            ("PodDisruptionBudget", api.name),
        }
        assert {item["metadata"]["namespace"] for item in rendered.values()} == {place.namespace}
        (container,) = rendered["Deployment", workload.deployment]["spec"]["template"]["spec"]["containers"]
        assert container["image"] == words.get("image", IMAGE)
        assert container["name"] == workload.containers[0].name


def manifest(name: str, **words: Any) -> dict[str, Any]:
    import yaml

    data = added(**words)[f"apps/payments/base/{name}.yaml"]
    assert data is not None
    found: dict[str, Any] = yaml.load(data, Reader)
    return found


def test_the_parts_fit_each_other():
    deployment, service, hpa, pdb = (
        manifest(name, deployment="pay") for name in ("deployment", "service", "hpa", "pdb")
    )
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        pdb["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    target = hpa["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == (deployment["kind"], deployment["metadata"]["name"])
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert service["spec"]["ports"] == [{"name": "http", "port": 8080, "targetPort": "http"}]
    assert container["ports"] == [{"name": "http", "containerPort": 8080}]


def test_good_practice():
    deployment, hpa, pdb = (manifest(name) for name in ("deployment", "hpa", "pdb"))
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert "replicas" not in deployment["spec"]
    assert hpa["apiVersion"] == "autoscaling/v2"
    assert hpa["spec"]["minReplicas"] == 2
    assert pdb["spec"]["maxUnavailable"] == 1
    assert {"readinessProbe", "livenessProbe", "startupProbe"} <= set(container)
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]
    assert deployment["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert deployment["metadata"]["labels"] == {
        "app.kubernetes.io/name": "payments",
        "app.kubernetes.io/part-of": "customer-a",
    }


def test_defaults():
    (api,) = after(added()).apis.values()
    assert api.environments == {
        "staging": Placement("payments-staging", "full"),
        "prod": Placement("payments-prod", "full"),
    }
    assert api.routes == (
        Route("/customer-a/payments", "payments", 8080, phase={"staging": "path", "prod": "path"}),  # type: ignore[dict-item]
    )
    assert api.workloads[0].deployment == "payments"
    assert api.workloads[0].containers[0].name == "app"


def test_words_that_are_given():
    (api,) = after(added(**WISHES["all words"])).apis.values()
    assert api.environments == {"prod": Placement("pay", "full")}
    (route,) = api.routes
    assert (route.prefix, route.service, route.port) == ("/pay", "payments", 8080)
    assert route.legacy_hosts == ("pay.customer-a.com", "payments.customer-a.com")
    assert (route.legacy, route.phase) == ("generated", {"prod": "legacy"})


def test_the_second_api_stands_beside_the_first():
    repo = repo_of(good())
    both = after(added(repo, name="orders"), repo)
    assert set(both.apis) == {"payments", "orders"}
    with pytest.raises(UsageError, match="there is an API 'payments' already"):
        added(repo)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"image": "europe-docker.pkg.dev/acme/payments/app"}, "it has no tag"),
        ({"image": "a:b:c"}, "is not a tag"),
        ({"image": "Acme/app:1"}, "is not a repository name"),
        ({"image": ""}, "is not a repository name"),
        ({"image": "a@sha256:12"}, "is not a digest"),
        ({"port": 0}, "there is no port 0"),
        ({"port": 65536}, "there is no port 65536"),
        ({"deployment": "Pay"}, "--deployment: 'Pay'"),
        ({"container": "my.app"}, "--container: 'my.app'"),
        ({"legacy_hosts": ("*.customer-a.com",)}, "--legacy-host: '*.customer-a.com'"),
        ({"legacy_hosts": ("https://a.com",)}, "--legacy-host: 'https://a.com'"),
        ({"prefix": "payments"}, "--prefix payments"),
        ({"namespaces": {"prd": "x"}}, "there is no environment 'prd'"),
        ({"team": "nobody"}, "there is no team 'nobody'"),
        ({"tenant": "customer-z"}, "does not serve the tenant 'customer-z'"),
        ({"name": "Pay"}, "'Pay' cannot be the name of an API"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(words, said):
    error = refused(**words)
    assert said in error.message
    assert error.hint


def test_files_read_alike_everywhere():
    """Plain enough for the strictest dialect: no reader has to guess."""
    for path, data in added(name="on", container="1e3").items():
        assert data is not None
        assert yamltext.read(data, yamltext.OURS).problems == (), path

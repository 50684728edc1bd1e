import pytest

from onboarding_tool.checks import rendered_amount_invalid as rule
from tests.support.repos import edited, good, places, with_generated

DEPLOYMENT = "apps/payments/base/deployment.yaml"
IMAGE = "image: europe-docker.pkg.dev/acme/payments/app"


def with_resources(resources):
    """The Deployment with them in its container, on line 19 of the file."""
    return edited(DEPLOYMENT, IMAGE, f"{IMAGE}\n          resources: {resources}")


def test_what_is_not_asked_for_passes(judged):
    assert judged(rule, with_generated(good())) == []


@pytest.mark.parametrize(
    "amount", ["lots", "-64Mi", "-1", '"1/2"', '"1_000"', '"64 Mi"', "64mi", '"1e999999999"', '""']
)
@pytest.mark.parametrize("section", ["requests", "limits"])
def test_what_is_no_amount_is_found(judged, section, amount):
    found = judged(rule, with_resources(f"{{{section}: {{memory: {amount}}}}}"))
    assert places(found) == [(DEPLOYMENT, 19, len(f"          resources: {{{section}: {{memory: ") + 1)]
    assert "in staging and prod, the container 'app' of Deployment 'payments' comes out asking for memory of" in (
        found[0].message
    )


@pytest.mark.parametrize(
    "amount", ["0", "1", "0.5", "500m", "64Mi", '"1e3"', '"+1"', "1E", ".5", "1.", "null", "128974848"]
)
def test_near_misses_pass(judged, amount):
    assert judged(rule, with_resources(f"{{requests: {{memory: {amount}}}}}")) == []

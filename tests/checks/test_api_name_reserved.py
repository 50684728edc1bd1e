import pytest

from onboarding_tool.checks import api_name_reserved as rule
from tests.support.repos import findings, good, places, second_api


@pytest.mark.parametrize("name", ["tenant", "tenants-portal", "namespaces", "namespace-x", "my-tenant-x", "onboard"])
def test_names_that_only_resemble_them_pass(name):
    assert findings(rule, good() | second_api(name)) == []


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        ("tenant-portal", "tenant-"),
        ("namespaces-x", "namespaces-"),
        ("onboarding", "onboarding"),
        ("onboarding-prod", "onboarding"),
        ("onboardings", "onboarding"),
    ],
)
def test_reserved_beginning_is_found(name, beginning):
    found = findings(rule, good() | second_api(name))
    assert places(found) == [(f"apps/{name}/metadata.yaml", 4, 11)]
    assert found[0].rule == "api-name-reserved"
    assert name in found[0].message
    assert f"{beginning!r}" in found[0].message
    assert f"git mv apps/{name} apps/NAME" in found[0].hint

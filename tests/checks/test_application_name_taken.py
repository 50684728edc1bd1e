import pytest

from onboarding_tool.checks import application_name_taken as rule
from tests.support.repos import edited, findings, good, places, second_api


def with_environment(name, files):
    """One more environment in platform.yaml."""
    return edited(
        "platform.yaml", "environments:\n", f"environments:\n  {name}: {{cluster: gke-prod, entry: {{}}}}\n", files
    )


def api_in(name, *environments):
    """The metadata.yaml of an API that lives in these environments."""
    files = second_api(name)
    head, _, tail = files[f"apps/{name}/metadata.yaml"].partition("environments:\n")
    lines = "".join(f"  {environment}: {{namespace: {name}}}\n" for environment in environments)
    return {f"apps/{name}/metadata.yaml": head + "environments:\n" + lines + tail[tail.index("routes:") :]}


PLATFORM_ONLY = {path: text for path, text in good().items() if not path.startswith("apps/")}
EU = with_environment("eu-prod", PLATFORM_ONLY)


def test_names_of_their_own_pass():
    assert findings(rule, good() | second_api("payments-eu")) == []
    assert findings(rule, EU | api_in("pay", "prod") | api_in("pay-eu", "eu-prod")) == []


def test_two_apis_with_one_application_are_found_at_the_second():
    found = findings(rule, EU | api_in("pay", "eu-prod") | api_in("pay-eu", "staging", "prod"))
    assert places(found) == [("apps/pay-eu/metadata.yaml", 16, 3)]
    assert found[0].rule == "application-name-taken"
    assert "'pay-eu-prod'" in found[0].message
    assert "pay-eu in prod" in found[0].message
    assert "pay in eu-prod" in found[0].message
    assert "another name" in found[0].hint


def test_removed_api_has_no_application():
    files = EU | api_in("pay", "eu-prod") | api_in("pay-eu", "prod")
    assert findings(rule, edited("apps/pay/metadata.yaml", "lifecycle: active", "lifecycle: removed", files)) == []


@pytest.mark.parametrize("name", ["tenant-customer-a", "namespaces-customer-a", "onboarding"])
def test_application_of_the_platform_is_taken(name):
    found = findings(rule, PLATFORM_ONLY | api_in(name, "prod"))
    assert places(found) == [(f"apps/{name}/metadata.yaml", 15, 3)]
    assert f"'{name}-prod'" in found[0].message


def test_unknown_environment_is_left_to_its_own_rule():
    assert findings(rule, PLATFORM_ONLY | api_in("pay", "eu-prod") | api_in("pay-eu", "prod")) == []


def test_two_tenants_with_one_project_are_found_at_the_tenant():
    files = edited("teams.yaml", "[customer-a]", "[acme, acme-eu]", EU)
    found = findings(rule, files)
    assert places(found) == [("teams.yaml", 9, 21)]
    assert "'acme-eu-prod'" in found[0].message
    assert "acme-eu in prod" in found[0].message
    assert "acme in eu-prod" in found[0].message


def test_tenant_that_no_team_serves_is_found_at_its_api():
    files = edited("teams.yaml", "[customer-a]", "[acme]", EU) | api_in("pay", "staging")
    found = findings(rule, edited("apps/pay/metadata.yaml", "tenant: customer-a", "tenant: acme-eu", files))
    assert places(found) == [("apps/pay/metadata.yaml", 5, 9)]


def test_tenant_with_the_platforms_project_is_found_in_each_environment():
    found = findings(rule, edited("teams.yaml", "[customer-a]", "[onboarding]", PLATFORM_ONLY))
    assert places(found) == [("teams.yaml", 9, 15)] * 2
    assert "'onboarding-prod'" in found[0].message
    assert "'onboarding-staging'" in found[1].message


def test_63_characters_pass_and_64_are_found():
    environment = "e" * 32
    files = with_environment(environment, edited("teams.yaml", "[customer-a]", "[a]", PLATFORM_ONLY))
    assert findings(rule, files | of_tenant_a("p" * 30, environment)) == []
    found = findings(rule, files | of_tenant_a("p" * 31, environment))
    assert places(found) == [(f"apps/{'p' * 31}/metadata.yaml", 15, 3)]
    assert "64 characters" in found[0].message
    assert "'" + "p" * 31 + "-" + environment + "'" in found[0].message
    assert "At most 63" in found[0].hint


def of_tenant_a(name, environment):
    path = f"apps/{name}/metadata.yaml"
    return edited(path, "tenant: customer-a", "tenant: a", api_in(name, environment))


def test_long_tenant_is_found_by_the_longest_of_its_applications():
    tenant = "t" * 39
    environment = "e" * 12
    assert len(f"namespaces-{tenant}-{environment}") == 63
    files = with_environment(environment, edited("teams.yaml", "[customer-a]", f"[{tenant}]", PLATFORM_ONLY))
    assert findings(rule, files) == []
    found = findings(rule, edited("teams.yaml", f"[{tenant}]", f"[{tenant}t]", files))
    assert places(found) == [("teams.yaml", 9, 15)]
    assert f"'namespaces-{tenant}t-{environment}'" in found[0].message

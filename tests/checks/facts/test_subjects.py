import pytest

from onboarding_tool.checks.facts.subjects import plain_host, segments, who_mends
from onboarding_tool.findings import Who


@pytest.mark.parametrize("prefix", ["/customer-a/pay", "/Customer-A/pay/", "customer-a//pay"])
def test_prefixes_are_compared_by_segments(prefix):
    assert segments(prefix) == ("customer-a", "pay")


def test_root_has_no_segments():
    assert segments("/") == ()


def test_hosts_are_compared_as_dns_does():
    assert plain_host("Pay.Example.COM.") == plain_host("pay.example.com")
    assert plain_host("pay.example.com") != plain_host("pay.example.co")


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("apps/payments/requests/prod/a.yaml", Who.APP_TEAM),
        ("apps/payments/metadata.yaml", Who.PLATFORM),
        ("apps/requests/metadata.yaml", Who.PLATFORM),
        ("generated/prod/requests/a.yaml", Who.PLATFORM),
        ("requests", Who.PLATFORM),
    ],
)
def test_requests_are_their_teams_and_the_rest_is_the_platforms(path, who):
    assert who_mends(path) is who

import pytest

from onboarding_tool.checks import quota_not_whole as rule
from tests.support.repos import PLATFORM, findings, good, places


def limited(name: str, amount: str) -> dict[str, str]:
    return good() | {"platform.yaml": f'{PLATFORM}quota: {{{name}: "{amount}"}}\n'}


@pytest.mark.parametrize(
    "name", ["cpu", "limits.memory", "requests.storage", "hugepages-2Mi", "requests.nvidia.com/gpu"]
)
def test_what_is_measured_may_be_a_fraction(name):
    assert findings(rule, limited(name, "1.5")) == []


@pytest.mark.parametrize(
    "name", ["pods", "services.nodeports", "count/jobs.batch", "gold.storageclass.storage.k8s.io/x"]
)
def test_what_is_counted_must_be_whole(name):
    found = findings(rule, limited(name, "1.5"))
    assert places(found) == [("platform.yaml", 21, 11 + len(name))]
    assert found[0].rule == "quota-not-whole"
    assert found[0].message == f"the quota of {name} is 1.5, which is no whole number"


@pytest.mark.parametrize(
    "amount",
    ["0", "40", "1.0", "1.5k", "0.5Ki", "1.5Ti", "1000m", "1000000u", "1000000000n", "1e3", "1.5E1", "1E", "1000e-3"],
)
def test_an_amount_that_is_whole_passes(amount):
    assert findings(rule, limited("pods", amount)) == []


@pytest.mark.parametrize("amount", ["1500m", "1m", "1u", "1n", "1e-3", "1.0001k", "1.3Ki", "0.00000000001"])
def test_an_amount_that_is_not_whole_is_found(amount):
    assert len(findings(rule, limited("pods", amount))) == 1

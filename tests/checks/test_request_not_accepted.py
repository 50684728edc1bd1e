import pytest

from onboarding_tool.checks import request_not_accepted as rule
from tests.support.repos import REQUEST, REQUEST_PATH, edited, findings, good, places

FILES = good() | {REQUEST_PATH: REQUEST}
PROD = "requests: queue"


def test_an_active_api_on_main_passes():
    assert findings(rule, FILES) == []
    assert findings(rule, edited("platform.yaml", PROD, f"{PROD}\n    revision: refs/heads/main", FILES)) == []


@pytest.mark.parametrize("revision", ["refs/tags/customer-a-v1.2.0", "refs/heads/release"])
def test_a_pinned_environment_takes_no_requests(revision):
    found = findings(rule, edited("platform.yaml", PROD, f"{PROD}\n    revision: {revision}", FILES))
    assert places(found) == [(REQUEST_PATH, 1, 1)]
    assert found[0].rule == "request-not-accepted"
    assert revision in found[0].message
    assert "moves that ref" in found[0].hint


def test_another_environment_that_is_pinned_does_not_matter():
    files = edited("platform.yaml", "requests: latest-wins", "requests: latest-wins\n    revision: refs/tags/v1", FILES)
    assert findings(rule, files) == []


@pytest.mark.parametrize("lifecycle", ["retiring", "removed"])
def test_an_api_that_goes_takes_no_requests(lifecycle):
    found = findings(rule, edited("apps/payments/metadata.yaml", "active", lifecycle, FILES))
    assert places(found) == [(REQUEST_PATH, 1, 1)]
    assert f"payments is {lifecycle}" in found[0].message

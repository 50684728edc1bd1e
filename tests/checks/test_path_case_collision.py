import pytest

from onboarding_tool.checks import path_case_collision as rule
from onboarding_tool.findings import Who
from tests.support.repos import findings, good, places


@pytest.mark.parametrize("path", ["apps/payments/base/Other.yaml", "apps/Payment/a", "BASE/deployment.yaml", "Apps2"])
def test_names_that_differ_in_more_than_case_pass(path):
    assert findings(rule, good() | {path: ""}) == []


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("apps/payments/base/Deployment.yaml", "apps/payments/base/deployment.yaml"),
        ("apps/payments/base/deployment.YAML", "apps/payments/base/deployment.yaml"),
        ("Platform.yaml", "platform.yaml"),
    ],
)
def test_file_is_found_and_names_the_other(path, named):
    found = findings(rule, good() | {path: ""})
    assert places(found) == [(path, 1, 1)]
    assert found[0].rule == "path-case-collision"
    assert path in found[0].message
    assert named in found[0].message
    assert "git mv" in found[0].hint


def test_folder_is_found_once_with_everything_in_it():
    found = findings(rule, good() | {"apps/Payments/metadata.yaml": "", "apps/Payments/base/deployment.yaml": ""})
    assert places(found) == [("apps/Payments/base/deployment.yaml", 1, 1)]
    assert "apps/Payments and apps/payments" in found[0].message


def test_file_and_folder_collide():
    assert places(findings(rule, good() | {"apps/payments/Base": ""})) == [("apps/payments/Base", 1, 1)]


def test_without_a_lower_case_name_the_first_is_kept():
    found = findings(rule, {"docs/README": "", "docs/Readme": ""})
    assert places(found) == [("docs/Readme", 1, 1)]


def test_requests_are_their_teams():
    paths = ("apps/payments/requests/prod/a.yaml", "apps/payments/requests/prod/A.yaml")
    assert [finding.who for finding in findings(rule, dict.fromkeys(paths, ""))] == [Who.APP_TEAM]

"""Who is asked to approve what."""

import re

import pytest

from onboarding_tool import generators
from tests.support.repos import TEAMS, edited, good, repo_of, second_api


def lines(files):
    header, *rest = generators.generate(repo_of(files))[".github/CODEOWNERS"].decode().splitlines()
    assert header.startswith("# Generated from platform.yaml, teams.yaml and apps/*/metadata.yaml")
    return rest


def test_requests_belong_to_those_who_approve_them():
    assert lines(good()) == [
        "* @acme/platform",
        "/apps/payments/requests/prod/ @acme/platform",
        "/apps/payments/requests/staging/ @acme/payments",
    ]


@pytest.mark.parametrize(
    ("by", "owner"), [("none", "@acme/payments"), ("team", "@acme/payments"), ("platform", "@acme/platform")]
)
def test_whoever_approves_owns_the_requests(by, owner):
    files = edited("platform.yaml", "approval: {by: platform, count: 1}", f"approval: {{by: {by}}}")
    assert f"/apps/payments/requests/prod/ {owner}" in lines(files)


def test_a_team_that_github_does_not_know_is_its_members():
    members = "members: [{login: alice}, {login: bob, id: 7}, {login: 'build[bot]'}]"
    teams = TEAMS.replace("    github: acme/payments\n", "").replace("members: [{login: alice, id: 1001}]", members)
    assert "/apps/payments/requests/staging/ @alice @bob" in lines(good() | {"teams.yaml": teams})


def test_a_team_without_anybody_owns_nothing_and_the_file_says_so():
    teams = TEAMS.replace("{github: acme/platform, members: [{login: kim, id: 1}]}", "{}")
    found = lines(good() | {"teams.yaml": teams})
    nobody = "platform-team has nobody yet: onboard team add platform-team --github ORG/SLUG, or --member LOGIN"
    assert found == [
        f"# *: {nobody}",
        f"# /apps/payments/requests/prod/: {nobody}",
        "/apps/payments/requests/staging/ @acme/payments",
    ]


def test_what_protects_itself_by_its_owners_is_the_platform_teams():
    """Of the lines that match a path the last one counts, and only requests have one besides the first."""
    files = good() | second_api("orders") | second_api("zebra")
    first, *others = lines(files)
    assert first == "* @acme/platform"
    assert [line for line in others if not re.match(r"/apps/[a-z]+/requests/[a-z]+/ @", line)] == []


def test_the_platform_team_may_have_another_name():
    teams = TEAMS.replace("platform: platform-team", "platform: core").replace("  platform-team:", "  core:")
    assert lines(good() | {"teams.yaml": teams})[0] == "* @acme/platform"


def test_a_removed_api_has_no_requests_to_approve():
    assert lines(good() | second_api("orders", **{"lifecycle: active": "lifecycle: removed"})) == lines(good())


def test_the_lines_of_every_other_api_are_sorted():
    files = good() | second_api("orders", **{"lifecycle: active": "lifecycle: retiring"}) | second_api("zebra")
    first, *found = lines(files)
    assert [line.split()[0] for line in found] == [
        f"/apps/{api}/requests/{environment}/"
        for api in ("orders", "payments", "zebra")
        for environment in ("prod", "staging")
    ]
    assert first == "* @acme/platform"

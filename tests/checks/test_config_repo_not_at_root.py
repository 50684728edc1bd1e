import pytest

from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.checks import config_repo_not_at_root as rule
from onboarding_tool.findings import Who
from tests.support.git import repository
from tests.support.repos import findings, good, places


def found(tmp_path, at):
    root = repository(tmp_path / "repo", at=at)
    return findings(rule, good(), history=GitRepo.open(root).history())


def test_a_repository_of_its_own_passes(tmp_path):
    assert found(tmp_path, "") == []


@pytest.mark.parametrize("at", ["config", "deploy/config"])
def test_a_folder_of_another_repository_is_found(tmp_path, at):
    problems = found(tmp_path, at)
    assert places(problems) == [("platform.yaml", 1, 1)]
    assert (problems[0].rule, problems[0].who) == ("config-repo-not-at-root", Who.PLATFORM)
    assert f"{at}/ of a git repository" in problems[0].message
    assert f"--prefix={at} " in problems[0].hint

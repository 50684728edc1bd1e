"""A new config repo, as values: what `onboard init` writes before it generates anything."""

import pytest

from onboarding_tool import __version__, load, resources, template
from onboarding_tool.checks import judging
from onboarding_tool.errors import UsageError
from onboarding_tool.model import Repo
from onboarding_tool.tree import Changes, tree_of

DEFAULT = ("staging", "prod")


def wished(repository: str | None = None, environments: tuple[str, ...] = DEFAULT, *registries: str) -> Changes:
    return template.config_repo(repository, environments, registries)


def repo(changes: Changes) -> Repo:
    """What the files declare; nothing is wrong with them but that nothing is generated yet."""
    found, findings = load.load(tree_of({path: data or b"" for path, data in changes.items()}))
    assert findings == []
    rules = {finding.rule for finding in judging.run(found, ()).findings}
    assert rules <= {"generated-stale"}
    return found


def test_without_wishes_it_is_the_template_and_the_schemas():
    assert wished() == resources.template_files() | template.schemas()
    assert repo(wished()).platform.tool_version == __version__


def test_schemas_are_copied_as_they_are():
    assert sorted(template.schemas()) == [f".onboard/schemas/{name}.json" for name in resources.schema_names()]
    assert template.schemas()[".onboard/schemas/api.json"] == resources.schema_text("api").encode()


def test_only_platform_yaml_hears_wishes():
    wishes = wished("git@git.example:acme/config.git", ("qa",), "ghcr.io/acme")
    assert [path for path in wishes if wishes[path] != wished().get(path)] == ["platform.yaml"]


def test_repository_and_registries():
    platform = repo(wished("git@git.example:acme/config.git", DEFAULT, "ghcr.io/acme", "docker.io/library")).platform
    assert platform.repository == "git@git.example:acme/config.git"
    assert platform.registries == ("ghcr.io/acme", "docker.io/library")
    assert repo(wished()).platform.registries == ()


@pytest.mark.parametrize(
    "names",
    [
        ("staging", "prod"),
        ("prod",),
        ("staging",),
        ("qa",),
        ("qa", "prod-eu", "prod-us"),
        ("a", "a-b", "ab"),
        ("x" * 40,),
        ("on", "no", "y", "null", "true", "e5"),  # that some reader of YAML takes for something else than text
    ],
)
def test_environments(names):
    platform = repo(wished(None, names)).platform
    assert set(platform.environments) == set(names)
    assert platform.clusters == dict(zip(names, names, strict=True))
    assert {env.cluster for env in platform.environments.values()} == set(names)
    hosts = [env.entry.host for env in platform.environments.values()]
    assert len(set(hosts)) == len(names)


@pytest.mark.parametrize("name", ["staging", "qa", "dev", "sandbox"])
def test_a_team_approves_where_it_plays(name):
    environment = repo(wished(None, (name,))).platform.environments[name]
    assert (environment.approval_by, environment.requests) == ("team", "latest-wins")


@pytest.mark.parametrize("name", ["prod", "prod-eu", "live", "qa-like-prod", "test1"])
def test_the_platform_approves_everywhere_else(name):
    environment = repo(wished(None, (name,))).platform.environments[name]
    assert (environment.approval_by, environment.requests) == ("platform", "queue")


def test_comments_stay():
    platform = (wished(None, ("qa", "prod-eu"))["platform.yaml"] or b"").decode()
    original = resources.template_files()["platform.yaml"].decode()
    assert [line for line in platform.splitlines() if line.lstrip().startswith("#")] == [
        line for line in original.splitlines() if line.lstrip().startswith("#")
    ]


@pytest.mark.parametrize("name", ["", "Prod", "a_b", "-x", "x-", "x" * 41, "9", "päth", "a/b", "../x", "prod\n"])
def test_a_name_that_cannot_be_an_environment_is_refused(name):
    with pytest.raises(UsageError) as raised:
        wished(None, ("prod", name))
    assert repr(name) in raised.value.message
    assert "prod-eu" in raised.value.hint

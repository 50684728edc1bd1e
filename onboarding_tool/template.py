"""A new config repo: repo-template/ with the wishes of `onboard init` spliced in."""

import re
from collections.abc import Sequence

from onboarding_tool import resources, schema, yamltext
from onboarding_tool.errors import UsageError
from onboarding_tool.model import PLATFORM_FILE, SCHEMAS_FOLDER, mapping
from onboarding_tool.tree import Changes
from onboarding_tool.yamltext import OURS, Flow

NAME = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
GITHUB_FOLDER = ".github/"
# Whoever wants a workflow of their own deletes this line of it.
WRITTEN_ANEW = b"# `onboard upgrade` writes this file anew"
DEFAULT_ENVIRONMENTS = ("staging", "prod")
# Environments where a team may approve its own release. Every other name gets the platform's approval: the safe side.
PLAYGROUNDS = frozenset({"dev", "development", "test", "testing", "qa", "integration", "staging", "stage", "sandbox"})


def config_repo(repository: str | None, environments: Sequence[str], registries: Sequence[str]) -> Changes:
    """The files of a new config repo, but for what `onboard generate` adds. Raises UsageError for a wish that is none.

    None of the wishes may be there twice.
    """
    files: Changes = dict(resources.template_files())
    platform = resources.template_files()[PLATFORM_FILE].decode()
    _refuse(platform, repository, environments, registries)
    files[PLATFORM_FILE] = _platform(platform, repository, environments, registries).encode()
    return files | schemas()


def schemas() -> Changes:
    """The copies below .onboard/schemas/ that editors read."""
    return {f"{SCHEMAS_FOLDER}/{name}.json": resources.schema_text(name).encode() for name in resources.schema_names()}


def workflows() -> dict[str, bytes]:
    """What runs on GitHub: the workflows and their scripts below .github/."""
    return {path: data for path, data in resources.template_files().items() if path.startswith(GITHUB_FOLDER)}


def _refuse(platform: str, repository: str | None, environments: Sequence[str], registries: Sequence[str]) -> None:
    for name in environments:
        if not NAME.fullmatch(name):
            hint = "Lower-case letters, digits and -, beginning with a letter, at most 40: prod, prod-eu."
            raise UsageError(f"--env: {name!r} cannot be the name of an environment", hint)
    value = dict(mapping(yamltext.read(platform.encode(), OURS).documents[0])) | {"registries": list(registries)}
    if repository is not None:
        value["repository"] = repository
    for misfit in schema.judge("platform", value):
        option, what, given = (
            ("--repository", "the address of a repository", repository)
            if misfit.path[0] == "repository"
            else ("--registry", "a registry", registries[int(misfit.path[-1])])
        )
        raise UsageError(f"{option}: {given!r} cannot be {what}", misfit.hint)


def _platform(text: str, repository: str | None, environments: Sequence[str], registries: Sequence[str]) -> str:
    if repository is not None:
        text = yamltext.replace(text, ("repository",), repository)
    for registry in registries:
        text = yamltext.append(text, ("registries",), registry)
    if tuple(environments) != DEFAULT_ENVIRONMENTS:
        text = _with_environments(text, environments)
    return text


def _with_environments(text: str, names: Sequence[str]) -> str:
    for name in names:
        if name not in DEFAULT_ENVIRONMENTS:
            text = yamltext.set_key(text, ("clusters",), name, Flow({"context": name}))
            text = yamltext.set_key(text, ("environments",), name, _environment(name))
    for name in DEFAULT_ENVIRONMENTS:
        if name not in names:
            text = yamltext.remove(yamltext.remove(text, ("clusters", name)), ("environments", name))
    return text


def _environment(name: str) -> dict[str, object]:
    playground = name in PLAYGROUNDS
    return {
        "cluster": name,
        "sync": "auto",
        "requests": "latest-wins" if playground else "queue",
        "approval": Flow({"by": "team" if playground else "platform", "count": 1}),
        "release_timeout": "30m",
        "entry": Flow({"host": f"api.{name}.platform.example", "target": "ingress-nginx", "class": "nginx"}),
    }

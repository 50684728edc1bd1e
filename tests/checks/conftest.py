"""Rules on rendered objects are tried on what the real renderer makes; its process ends with the module."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from tests.support.rendered import with_renders
from tests.support.repos import repo_of

Files = Mapping[str, str | bytes]


@pytest.fixture(scope="module")
def rendering(renderer) -> Iterator[Renderer]:
    with Renderer(jobs=1, command=renderer) as started:
        yield started


@pytest.fixture(scope="module")
def rendered_repo(rendering) -> Callable[..., Repo]:
    """The repo that files declare, with its renders."""

    def rendered(files: Files, **fields: Any) -> Repo:
        repo = repo_of(files, **fields)
        return with_renders(repo, rendering)

    return rendered


@pytest.fixture(scope="module")
def judged(rendered_repo) -> Callable[..., list[Finding]]:
    """What one rule finds in the renders of files, sorted."""

    def judge(rule: Any, files: Files, **fields: Any) -> list[Finding]:
        return sorted(rule.check(rendered_repo(files, **fields)))

    return judge

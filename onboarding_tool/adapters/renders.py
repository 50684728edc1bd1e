"""Every render of a config repo, as the rules judge it."""

from collections.abc import Iterator

from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks.facts.written import environments, living
from onboarding_tool.generators.layout import app_folder
from onboarding_tool.model import Render, Renders, Repo
from onboarding_tool.rendering import Form, Rendered, render_request, rendered_objects


def render_repo(repo: Repo, renderer: Renderer) -> Renders:
    """The renders of every living API's overlays, and of the folders that Argo CD reads where they are there."""
    overlay: dict[tuple[str, str], Render] = {}
    generated: dict[tuple[str, str], Render] = {}
    wanted = list(_wanted(repo))
    requests = (render_request(repo.tree, folder, Form.OBJECTS) for _, _, _, folder in wanted)
    for (is_generated, api, environment, _), rendered in zip(wanted, renderer.render(requests), strict=True):
        (generated if is_generated else overlay)[api, environment] = _render(rendered)
    return Renders(overlay, generated)


def _wanted(repo: Repo) -> Iterator[tuple[bool, str, str, str]]:
    """(whether it is generated, API, environment, folder). Both of an API in turn: they read the same files."""
    for api in living(repo):
        for environment in environments(api):
            yield False, api.name, environment, api.overlay_folder(environment)
            folder = app_folder(environment, api.name)
            if f"{folder}/kustomization.yaml" in repo.tree:
                yield True, api.name, environment, folder


def _render(rendered: Rendered) -> Render:
    if rendered.failure:
        return Render(rendered.path, (), rendered.failure, rendered.message)
    return Render(rendered.path, rendered_objects(rendered))

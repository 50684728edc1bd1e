"""Every render of a config repo, judged while it passes by: a fleet's renders are never in memory together."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from onboarding_tool import checks
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks.facts.rendered import outlines
from onboarding_tool.checks.facts.written import environments, living
from onboarding_tool.findings import Finding
from onboarding_tool.generators.layout import app_folder
from onboarding_tool.model import Api, Outline, Render, Renders, Repo
from onboarding_tool.rendering import Form, Rendered, render_request, rendered_objects


def judge(repo: Repo, renderer: Renderer) -> tuple[Renders, set[Finding]]:
    """The outlines of all renders, and what the rules about single renders find."""
    found: set[Finding] = set()
    kept: dict[tuple[str, str], tuple[Outline, ...]] = {}
    for part in parts(repo, renderer):
        found |= checks.judge_renders(part)
        kept |= outlines(part)
    return Renders(outlines=kept), found


def parts(repo: Repo, renderer: Renderer) -> Iterator[Repo]:
    """The repo with one living API after the other, and the renders of it: of its overlays, and of the folders that
    Argo CD reads where they are there.
    """
    wanted = list(_wanted(repo))
    requests = (render_request(repo.tree, folder, Form.OBJECTS) for *_, folder in wanted)
    results = zip(wanted, renderer.render(requests), strict=True)
    for api, of_api in groupby(results, key=lambda result: result[0][0]):
        overlay: dict[tuple[str, str], Render] = {}
        generated: dict[tuple[str, str], Render] = {}
        for (_, environment, is_generated, _), rendered in of_api:
            (generated if is_generated else overlay)[api.name, environment] = _render(rendered)
        yield replace(repo, apis={api.name: api}, renders=Renders(overlay, generated))


def _wanted(repo: Repo) -> Iterator[tuple[Api, str, bool, str]]:
    """(API, environment, whether it is generated, folder). Both of an API in turn: they read the same files."""
    for api in living(repo):
        for environment in environments(api):
            yield api, environment, False, api.overlay_folder(environment)
            folder = app_folder(environment, api.name)
            if f"{folder}/kustomization.yaml" in repo.tree:
                yield api, environment, True, folder


def _render(rendered: Rendered) -> Render:
    if rendered.failure:
        return Render(rendered.path, (), rendered.failure, rendered.message)
    return Render(rendered.path, rendered_objects(rendered))

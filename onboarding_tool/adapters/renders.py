"""Every render of a config repo, judged while it passes by: a fleet's renders are never in memory together.

An API whose files are those of an earlier run, judged by the same policy and the same code, is not judged again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from onboarding_tool.adapters.cache import Cache
from onboarding_tool.adapters.cached_renderer import CachedRenderer
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.adapters.verdicts import Judged, Verdicts
from onboarding_tool.checks import judging
from onboarding_tool.checks.facts.rendered import outlines
from onboarding_tool.checks.facts.written import environments, living
from onboarding_tool.findings import Finding
from onboarding_tool.generators.layout import app_folder
from onboarding_tool.model import Api, Outline, Render, Renders, Repo
from onboarding_tool.rendering import Form, Rendered, explained, render_request, rendered_objects


def judge(repo: Repo, renderer: Renderer, cache: Cache | None = None) -> tuple[Renders, set[Finding]]:
    """The outlines of all renders, and what the rules about single renders find."""
    findings: set[Finding] = set()
    kept: dict[tuple[str, str], tuple[Outline, ...]] = {}
    for one in _judged(repo, renderer, cache):
        findings.update(one.findings)
        kept.update(one.outlines)
    return Renders(outlines=kept), findings


def _judged(repo: Repo, renderer: Renderer, cache: Cache | None) -> Iterator[Judged]:
    apis = list(living(repo))
    if cache is None:
        yield from map(_judge, parts(repo, apis, renderer))
        return
    verdicts = Verdicts(repo, cache)
    known = verdicts.known(apis)
    yield from known.values()
    unknown = [api for api in apis if api.name not in known]
    for part in parts(repo, unknown, CachedRenderer(renderer, cache)):
        judged = _judge(part)
        verdicts.remember(part, judged)
        yield judged
    verdicts.save()


def _judge(part: Repo) -> Judged:
    return Judged(tuple(sorted(judging.judge_renders(part))), outlines(part))


def parts(repo: Repo, apis: Iterable[Api], renderer: Renderer | CachedRenderer) -> Iterator[Repo]:
    """The repo with one of these APIs after the other, and the renders of it: of its overlays, and of the folders
    that Argo CD reads where they are there.
    """
    wanted = [each for api in apis for each in _wanted(repo, api)]
    requests = (render_request(repo.tree, folder, Form.OBJECTS) for *_, folder in wanted)
    results = zip(wanted, renderer.render(requests), strict=True)
    for name, of_api in groupby(results, key=lambda result: result[0][0]):
        overlay: dict[tuple[str, str], Render] = {}
        generated: dict[tuple[str, str], Render] = {}
        for (_, environment, is_generated, _), rendered in of_api:
            (generated if is_generated else overlay)[name, environment] = _render(explained(repo.tree, rendered))
        yield replace(repo, apis={name: repo.apis[name]}, renders=Renders(overlay, generated))


def _wanted(repo: Repo, api: Api) -> Iterator[tuple[str, str, bool, str]]:
    """(API, environment, whether it is generated, folder). Both of an environment in turn: they read the same files."""
    for environment in environments(api):
        yield api.name, environment, False, api.overlay_folder(environment)
        folder = app_folder(environment, api.name)
        if f"{folder}/kustomization.yaml" in repo.tree:
            yield api.name, environment, True, folder


def _render(rendered: Rendered) -> Render:
    if rendered.failure:
        return Render(rendered.path, (), rendered.failure, rendered.message)
    return Render(rendered.path, rendered_objects(rendered))

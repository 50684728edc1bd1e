"""Every render of a config repo, judged while it passes by: a fleet's renders are never in memory together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from onboarding_tool.checks import judging
from onboarding_tool.checks.facts.rendered import outlines as outlines_of
from onboarding_tool.checks.facts.written import environments, living
from onboarding_tool.findings import Finding
from onboarding_tool.generators.layout import app_folder
from onboarding_tool.model import Api, Outline, Render, Renders, Repo
from onboarding_tool.rendering import Closures, Form, Rendered, Rendering, explained, rendered_objects

Outlines = Mapping[str, tuple[Outline, ...]]  # by environment


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong with the renders of an API, and their outlines by environment.

    `lasting`: nothing but the API's files, what is generated for it, and the platform's files had a say.
    """

    findings: tuple[Finding, ...] = ()
    outlines: Outlines = field(default_factory=dict)
    lasting: bool = True


NONE = Judged()


def judge(repo: Repo, renderer: Rendering) -> dict[str, Judged]:
    """What the rules about single renders find, by the name of the API."""
    closures = Closures(repo.tree)
    return {
        name: _judge(part, closures) for part in parts(repo, living(repo), renderer, closures) for name in part.apis
    }


def outlines(repo: Repo, renderer: Rendering) -> dict[str, Outlines]:
    """What the APIs of a repo bring, by their names."""
    return {name: _outlines(part) for part in parts(repo, living(repo), renderer) for name in part.apis}


def _judge(part: Repo, closures: Closures) -> Judged:
    return Judged(tuple(sorted(judging.judge_renders(part))), _outlines(part), _is_lasting(part, closures))


def _outlines(part: Repo) -> Outlines:
    return {environment: items for (_, environment), items in outlines_of(part).items()}


def _is_lasting(part: Repo, closures: Closures) -> bool:
    """What fails may fail for a file elsewhere that is missing; what is rendered may read one there. And nothing is
    generated for an environment that nobody declares, unless somebody puts it there.
    """
    assert part.renders is not None
    (api,) = part.apis.values()
    if any(name not in part.platform.environments for name in environments(api)):
        return False
    inside = (f"{api.folder}/", "components/", *(f"{app_folder(name, api.name)}/" for name in environments(api)))
    renders = [*part.renders.overlay.values(), *part.renders.generated.values()]
    return not any(render.failure for render in renders) and all(
        path.startswith(inside) for render in renders for path in closures.of(render.folder)
    )


def parts(repo: Repo, apis: Iterable[Api], renderer: Rendering, closures: Closures | None = None) -> Iterator[Repo]:
    """The repo with one of these APIs after the other, and the renders of it: of its overlays, and of the folders
    that Argo CD reads where they are there.
    """
    closures = closures or Closures(repo.tree)
    wanted = [each for api in apis for each in _wanted(repo, api)]
    requests = (closures.request(folder, Form.OBJECTS) for *_, folder in wanted)
    results = zip(wanted, renderer.render(requests), strict=True)
    for name, of_api in groupby(results, key=lambda result: result[0][0]):
        overlay: dict[tuple[str, str], Render] = {}
        generated: dict[tuple[str, str], Render] = {}
        for (_, environment, is_generated, _), rendered in of_api:
            (generated if is_generated else overlay)[name, environment] = _render(explained(repo.tree, rendered))
        yield replace(repo, apis={name: repo.apis[name]}, renders=Renders(overlay, generated))


def _wanted(repo: Repo, api: Api) -> Iterator[tuple[str, str, bool, str]]:
    """(API, environment, whether it is generated, folder). An overlay comes after what is generated around it: the
    renderer then has it already.
    """
    for environment in environments(api):
        folder = app_folder(environment, api.name)
        if f"{folder}/kustomization.yaml" in repo.tree:
            yield api.name, environment, True, folder
        yield api.name, environment, False, api.overlay_folder(environment)


def _render(rendered: Rendered) -> Render:
    if rendered.failure:
        return Render(rendered.path, (), rendered.failure, rendered.message)
    return Render(rendered.path, rendered_objects(rendered))

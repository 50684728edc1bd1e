"""`onboard render`: what Kubernetes would receive."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from onboarding_tool.cli.releasing import ApiName, EnvironmentName
from onboarding_tool.cli.session import Session, environment_of, session
from onboarding_tool.errors import FindingsError

if TYPE_CHECKING:
    from onboarding_tool.adapters.renderer import Renderer
    from onboarding_tool.rendering import Rendered


class Source(StrEnum):
    GENERATED = "generated"
    OVERLAY = "overlay"


def render(
    context: typer.Context,
    api: ApiName,
    env: EnvironmentName,
    source: Annotated[
        Source, typer.Option("--from", help="What Argo CD delivers, or the tenant's overlay alone.")
    ] = Source.GENERATED,
) -> None:
    """Print what Kubernetes would receive, byte for byte as `kustomize build` does."""
    from onboarding_tool.adapters.renderer import Renderer

    here = session(context)
    here.root()  # no config repo, no process
    with Renderer(jobs=1) as renderer:
        renderer.start()
        sys.stdout.write(_rendered(here, renderer, api, env, source))


def _rendered(here: Session, renderer: "Renderer", api: str, env: str, source: Source) -> str:
    """Raises FindingsError if there is nothing to render, or it cannot be rendered."""
    from onboarding_tool.rendering import explained, render_request

    repo, found = here.load_api(api)
    environment_of(repo, found, env)
    folder = f"generated/{env}/apps/{api}" if source is Source.GENERATED else found.overlay_folder(env)
    if f"{folder}/kustomization.yaml" not in repo.tree:
        way_out = "`onboard generate` writes it" if source is Source.GENERATED else "`onboard check` says more"
        raise FindingsError(
            f"there is no {folder}/kustomization.yaml", f"{way_out}; `--from overlay` needs no generated/."
        )
    (rendered,) = renderer.render([render_request(repo.tree, folder)])
    if rendered.failure is not None:
        raise _refusal(explained(repo.tree, rendered))
    return rendered.text


def _refusal(rendered: "Rendered") -> FindingsError:
    hint = "Mend what it names; `onboard check` may say where and how."
    return FindingsError(f"{rendered.path} cannot be rendered ({rendered.failure}): {rendered.message}", hint)

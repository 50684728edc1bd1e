"""The renders of a small repo, all at once."""

from dataclasses import replace

from onboarding_tool.adapters import renders
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks.facts.rendered import outlines
from onboarding_tool.checks.facts.written import living
from onboarding_tool.model import Renders, Repo


def with_renders(repo: Repo, renderer: Renderer) -> Repo:
    """The repo with the renders of all its APIs."""
    whole = Renders({}, {}, {})
    for part in renders.parts(repo, living(repo), renderer):
        assert part.renders is not None
        whole = Renders(
            {**whole.overlay, **part.renders.overlay},
            {**whole.generated, **part.renders.generated},
            {**whole.outlines, **outlines(part)},
        )
    return replace(repo, renders=whole)

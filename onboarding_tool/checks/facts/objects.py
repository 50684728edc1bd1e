"""How it is said that a cluster would not accept an object."""

from onboarding_tool.checks.facts.rendered import named
from onboarding_tool.kubernetes_judge import Misfit
from onboarding_tool.kubernetes_schema import Schemas
from onboarding_tool.model import Object
from onboarding_tool.yamltext import Path


def problem(item: Object, misfit: Misfit, schemas: Schemas) -> str:
    return f"{_place(item, misfit.at)} {misfit.problem} ({schemas.origin(item.value)})"


def _place(item: Object, at: Path) -> str:
    """`spec.containers[0].env of Deployment 'payments'`."""
    keys = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in at).removeprefix(".")
    return f"`{keys}` of {named(item)}" if keys else named(item)

"""`onboard diff`: how a change changes what Kubernetes would receive."""

from enum import StrEnum
from typing import Annotated

import typer

from onboarding_tool.cli.session import progress, session, tell
from onboarding_tool.errors import Exit


class DiffFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def diff(
    context: typer.Context,
    base: Annotated[
        str, typer.Argument(metavar="[BASE]", help="A commit; or `BASE..HEAD` as git writes it.", show_default=True)
    ] = "HEAD",
    head: Annotated[
        str | None, typer.Argument(metavar="[HEAD]", help="Another commit. Default: the working tree.")
    ] = None,
    env: Annotated[str | None, typer.Option("--env", metavar="ENV", help="Only this environment.")] = None,
    format: Annotated[DiffFormat, typer.Option(help="How it is printed.")] = DiffFormat.TEXT,  # noqa: A002
) -> None:
    """Tell what Kubernetes objects a change changes. Exit 1 if a side cannot be rendered."""
    import secrets
    from functools import partial

    from onboarding_tool.adapters.renderer import Renderer

    here = session(context)
    here.root()  # no config repo, no process
    with Renderer() as renderer:
        renderer.start()
        from onboarding_tool import diff_words, report_diff
        from onboarding_tool.adapters import diffing
        from onboarding_tool.render_diff import masked

        if head is None and ".." in base and "..." not in base:
            base, head = (side or "HEAD" for side in base.split("..", 1))
        compared = diffing.comparison(here.git(), base, head, env)
        mask = partial(masked, secrets.token_bytes(32))
        with progress("files") as files, progress("renders") as renders:
            groups = diff_words.group(compared.effects(renderer, mask, files("compared"), renders("compared")))
    for api in compared.undelivered():
        tell(f"{api}: not compared, since {diffing.WHY_UNDELIVERED}.")
    if format is DiffFormat.JSON:
        print(report_diff.as_json(groups, compared.base, compared.head))
    elif format is DiffFormat.MARKDOWN:
        print(report_diff.markdown(groups), end="")
    else:
        print("\n".join(report_diff.text(groups, color=here.color)))
    if any(group.effects.is_broken for group in groups):
        raise typer.Exit(Exit.FINDINGS)

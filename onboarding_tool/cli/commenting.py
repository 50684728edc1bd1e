"""`onboard gate-comment`: the verdict of the gate as a comment on its pull request."""

from pathlib import Path
from typing import Annotated

import typer

from onboarding_tool.cli.session import tell
from onboarding_tool.errors import UsageError


def gate_comment(
    verdict: Annotated[
        Path,
        typer.Argument(metavar="VERDICT", help="What `onboard gate --report json=FILE` has written.", readable=False),
    ],
    repo: Annotated[str, typer.Option("--repo", metavar="O/R", help="The repository on GitHub, as owner/name.")],
    pr: Annotated[int, typer.Option("--pr", metavar="N", min=1, max=2**31 - 1, help="The pull request's number.")],
    login: Annotated[
        str, typer.Option("--as", metavar="LOGIN", help="Whose comment it is: the login that the token belongs to.")
    ] = "github-actions[bot]",
) -> None:
    """Tell a verdict of `onboard gate` in one comment on the pull request. The token comes from GITHUB_TOKEN."""
    from onboarding_tool.adapters import commenting, github

    if not login.strip():
        raise UsageError("--as is empty", "Name whose the token is, or leave --as out in a workflow of GitHub.")
    name, access = github.repository(repo), github.access()
    told = commenting.read(verdict)
    clock = commenting.Clock()
    done = commenting.post(github.GitHubPull(access, name, pr, clock), told, login, clock)
    if done is commenting.Done.STALE:
        tell(f"Not commented: {name}#{pr} has moved on from {told.head[:12]}; the run for its new head comments.")
    else:
        print(f"{done} the comment on {name}#{pr}")

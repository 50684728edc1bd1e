"""`onboard request`, `bump`, `release apply`: from what an app team wants to what is declared and recorded."""

from typing import Annotated

import typer

from onboarding_tool.cli.session import complete_api, environment_of, now, session, tell, today
from onboarding_tool.errors import Exit

ApiName = Annotated[str, typer.Argument(metavar="API", help="The API.", autocompletion=complete_api)]
EnvironmentName = Annotated[str, typer.Argument(metavar="ENV", help="The environment.")]
ImageText = Annotated[
    str, typer.Argument(metavar="IMAGE", help="The whole reference: REPOSITORY:TAG, @sha256:..., or both.")
]
DeploymentOption = Annotated[str | None, typer.Option(metavar="D", help="Which Deployment, if the API has several.")]
ContainerOption = Annotated[str | None, typer.Option(metavar="C", help="Which container, if there are several.")]


def request(
    context: typer.Context,
    api: ApiName,
    env: EnvironmentName,
    image: ImageText,
    deployment: DeploymentOption = None,
    container: ContainerOption = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for the audit.")] = None,
    rollback_of: Annotated[
        str | None, typer.Option(metavar="ID", help="The id of the release record that this takes back.")
    ] = None,
) -> None:
    """Write a release request, and print the commands that open its pull request."""
    import secrets

    from onboarding_tool import images
    from onboarding_tool.edits import request as edit

    here = session(context)
    repo, found = here.load_api(api)
    environment_of(repo, found, env)
    wanted = edit.request(
        repo,
        found,
        env,
        images.parse(image),
        deployment=deployment,
        container=container,
        reason=reason,
        rollback_of=rollback_of,
        today=today(),
        token=secrets.token_hex(2),
    )
    here.write(wanted.changes)
    print(wanted.path)
    tell(f"Asks for {wanted.target} in {env}, where {wanted.current} is declared now. Open the pull request:\n")
    tell("\n".join(f"  {command}" for command in edit.pull_request_commands(wanted)))


def bump(
    context: typer.Context,
    api: ApiName,
    env: EnvironmentName,
    image: ImageText,
    deployment: DeploymentOption = None,
    container: ContainerOption = None,
) -> None:
    """Set the image of a slot in an overlay. The platform's tool: app teams use `onboard request`."""
    from onboarding_tool import images
    from onboarding_tool.edits import bump as edit
    from onboarding_tool.wording import listed

    here = session(context)
    repo, found = here.load_api(api)
    environment_of(repo, found, env)
    done = edit.bump(repo, found, env, images.parse(image), deployment, container)
    here.write(done.changes)
    names = listed(f"{deployment}/{container}" for deployment, container in done.slot)
    tell(f"{done.path}: {names}: {done.old} -> {done.new}" if done.changes else f"{names} has {done.new} already.")


def apply(
    context: typer.Context,
    requests: Annotated[
        list[str] | None, typer.Argument(metavar="[REQUEST]...", help="Paths of requests. Default: all that wait.")
    ] = None,
) -> None:
    """Decide pending release requests: one local commit each, with its record."""
    from onboarding_tool import __version__
    from onboarding_tool.adapters import apply_releases

    here = session(context)
    outcome = apply_releases.apply_all(here.git(), requests or None, decided_at=now, tool_version=__version__)
    for line in outcome.lines():
        print(line)
    if not outcome.complete:
        raise typer.Exit(Exit.FINDINGS)

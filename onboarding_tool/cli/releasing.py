"""`onboard request`, `bump`, `release apply`: from what an app team wants to what is declared and recorded."""

import os
import re
from typing import TYPE_CHECKING, Annotated

import typer

from onboarding_tool.cli.delivering import argocd_context, say_not_asked
from onboarding_tool.cli.session import complete_api, environment_of, now, session, tell, today
from onboarding_tool.errors import Exit, WorldError

if TYPE_CHECKING:
    from pathlib import Path

    from onboarding_tool.adapters.apply_releases import Outcome
    from onboarding_tool.adapters.asking import Asker
    from onboarding_tool.adapters.git_repo import GitRepo
    from onboarding_tool.cli.session import Session
    from onboarding_tool.model import Repo

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
    from onboarding_tool.wording import counted

    here = session(context)
    repo, found = here.load_api(api)
    environment_of(repo, found, env)
    wanted = edit.request(
        _with_history(here, repo) if found.requests else repo,
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
    queue = f" after {counted(len(wanted.before), 'request')} that wait{'s' * (len(wanted.before) == 1)} before it"
    when = queue if wanted.before else " now"
    tell(f"Asks for {wanted.target} in {env}, where {wanted.current} is declared{when}. Open the pull request:\n")
    tell("\n".join(f"  {command}" for command in edit.pull_request_commands(wanted, _away(here.root()))))


def _away(root: "Path") -> str:
    """The config repo's folder as seen from here; "" if that is where we are."""
    way = os.path.relpath(root)
    return "" if way == "." else way


def _with_history(here: "Session", repo: "Repo") -> "Repo":
    """The repo with its history, if there is one: it says in which order requests wait."""
    from dataclasses import replace

    try:
        return replace(repo, history=here.git().history())
    except WorldError as error:
        here.note(f"no history: {error.message}")
        return repo


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
    push: Annotated[
        bool, typer.Option("--push", help="Push them, and ask Argo CD to look if `argocd: refresh:` is true.")
    ] = False,
) -> None:
    """Decide pending release requests: one commit each, with its record."""
    from contextlib import nullcontext

    from onboarding_tool.adapters.asking import Asker

    here = session(context)
    with Asker() if push and _may_refresh(here.root()) else nullcontext() as asker:
        git = here.git()
        outcome = _decided(git, requests)
        if push and outcome.decided:
            git.push()
        if asker and outcome.applied:
            _ask_to_look(here, asker, {f"{one.request.api}-{one.request.environment}" for one in outcome.applied})
    if not outcome.complete:
        raise typer.Exit(Exit.FINDINGS)


def _ask_to_look(here: "Session", asker: "Asker", applications: set[str]) -> None:
    from onboarding_tool import load

    platform = load.load(here.tree(), ())[0].platform
    if not platform.argocd_refresh:
        return
    try:
        asker.ask(argocd_context(platform, None), platform.argocd_namespace, sorted(applications))
    except WorldError as error:
        say_not_asked(error)


def _may_refresh(root: "Path") -> bool:
    """A guess, made before what reads YAML is loaded: what platform.yaml says counts in the end."""
    return re.search(rb"\brefresh\W+true\b", (root / "platform.yaml").read_bytes()) is not None


def _decided(git: "GitRepo", requests: list[str] | None) -> "Outcome":
    """Says each decision as it is made."""
    from onboarding_tool import __version__
    from onboarding_tool.adapters import apply_releases

    outcome = apply_releases.apply_all(
        git,
        requests or None,
        decided_at=now,
        tool_version=__version__,
        tell=lambda item: print(item.line(), flush=True),
    )
    if not outcome.items:
        print("\n".join(outcome.lines()))
    return outcome

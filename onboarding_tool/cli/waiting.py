"""`onboard wait`: follow a release until it runs."""

import time
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated

import typer

from onboarding_tool.cli.delivering import ArgocdContext, argocd_context, say_not_asked
from onboarding_tool.cli.releasing import ApiName, EnvironmentName
from onboarding_tool.cli.session import environment_of, is_watched, session, tell, written_over
from onboarding_tool.errors import Exit, UsageError, WorldError

if TYPE_CHECKING:
    from onboarding_tool.adapters.git_repo import GitRepo
    from onboarding_tool.adapters.waiting import Waited
    from onboarding_tool.delivery import State, Wanted
    from onboarding_tool.model import Api, Environment, Platform

HEARTBEAT = 30.0  # seconds between two lines that say the same


class WaitFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


def wait(
    context: typer.Context,
    api: ApiName,
    env: EnvironmentName,
    timeout: Annotated[str, typer.Option(metavar="DURATION", help="When to give up: 90s, 10m, 1h.")] = "10m",
    revision: Annotated[
        str | None, typer.Option(metavar="COMMIT", help="Default: the last commit that changed what is delivered.")
    ] = None,
    argocd: ArgocdContext = None,
    format: Annotated[WaitFormat, typer.Option(help="How the result is printed.")] = WaitFormat.TEXT,  # noqa: A002
) -> None:
    """Follow a release until it runs. Exit 1 if it failed for good, 6 if time is up."""
    from onboarding_tool.adapters import waiting
    from onboarding_tool.adapters.cluster import Cluster, refresh
    from onboarding_tool.load import DURATION, seconds

    here = session(context)
    if not DURATION.fullmatch(timeout):
        raise UsageError(f"--timeout {timeout} is no duration", "Write a number and s, m or h: 90s, 10m, 1h.")
    repo, found = here.load_api(api)
    environment = environment_of(repo, found, env)
    _refuse_undelivered(found)
    target = waiting.Target(
        Cluster.connect(argocd_context(repo.platform, argocd)),
        repo.platform.argocd_namespace,
        f"{api}-{env}",
        Cluster.connect(repo.platform.clusters.get(environment.cluster)),
        found.environments[env].namespace,
    )
    # First, so that Argo CD looks while we look into git.
    if repo.platform.argocd_refresh:
        try:
            refresh(target.argocd, target.argocd_namespace, target.application)
        except WorldError as error:
            say_not_asked(error)
    git = here.git()
    asked = git.resolve(revision) if revision else _delivered_commit(git, found, environment, repo.platform)
    wanted_at = cache(lambda commit: _wanted(git, commit, api, env))
    with written_over() as write:
        told = _teller(write)
        done = waiting.wait(target, wanted_at(asked), wanted_at, _containing(git, asked), seconds(timeout), told)
    _print(done, f"{api} {env}", asked, format)
    codes = {waiting.Result.HEALTHY: Exit.OK, waiting.Result.FAILED: Exit.FINDINGS}
    raise typer.Exit(codes.get(done.result, Exit.TIMEOUT))


def _refuse_undelivered(api: "Api") -> None:
    from onboarding_tool.generators.layout import is_delivered

    if not is_delivered(api):
        hint = "Only an API with `delivery: argocd` that is not removed has an Application to wait for."
        raise UsageError(f"Argo CD does not deliver {api.name}", hint)


def _delivered_commit(git: "GitRepo", api: "Api", environment: "Environment", platform: "Platform") -> str:
    """The last commit that changed what Argo CD reads: not every version of it moves on to a commit that did not."""
    from onboarding_tool.generators.layout import app_folder

    start = "HEAD" if environment.revision == "refs/heads/main" else environment.revision
    components = [f"components/{name}" for name in platform.components]
    folders = (f"{api.folder}/base", api.overlay_folder(environment.name), app_folder(environment.name, api.name))
    found = git.last_change(git.resolve(start), [*folders, *components])
    if found is None:
        hint = "Commit and push what `onboard generate` writes."
        raise UsageError(f"no commit delivers {api.name} in {environment.name} yet", hint)
    return found


def _wanted(git: "GitRepo", commit: str, api: str, environment: str) -> "Wanted":
    from onboarding_tool import load, slots
    from onboarding_tool.delivery import Wanted
    from onboarding_tool.model import PLATFORM_FILE, TEAMS_FILE

    repo, _ = load.load(git.tree(commit, [PLATFORM_FILE, TEAMS_FILE, f"apps/{api}"]), [api])
    if api not in repo.apis or environment not in repo.apis[api].overlays:
        raise UsageError(f"{commit[:12]} has no {api} in {environment}", "Name a commit that delivers it.")
    images = {(one.deployment, one.container): str(one.image) for one in slots.running(repo.apis[api], environment)}
    place = repo.platform.environments.get(environment)
    return Wanted(commit, images, is_automatic=place is None or place.sync == "auto")


def _containing(git: "GitRepo", asked: str) -> Callable[[str], bool | None]:
    """Whether a commit is the one asked for or a later one. One that this clone does not know is fetched, once."""

    @cache
    def contains(commit: str) -> bool | None:
        known = git.is_ancestor(asked, commit)
        if known is None:
            git.try_to_fetch()
            known = git.is_ancestor(asked, commit)
        return known

    return contains


def _teller(write: Callable[[str], None]) -> "Callable[[State], None]":
    """Says each state once, and again every half minute; on a terminal in one line that it writes over."""
    began = time.monotonic()
    said, at = "", 0.0

    def line(state: "State") -> None:
        nonlocal said, at
        now = time.monotonic()
        if is_watched():
            write(f"{now - began:4.0f}s {_visible(state.message)}"[:200])
        elif state.message != said or now - at >= HEARTBEAT:
            said, at = state.message, now
            tell(f"{now - began:4.0f}s {_visible(state.message)}")

    return line


def _visible(message: str) -> str:
    from onboarding_tool.report import visible

    return visible(message)


def _print(done: "Waited", what: str, asked: str, format: WaitFormat) -> None:  # noqa: A002
    import json

    if format is WaitFormat.JSON:
        api, environment = what.split()
        about = {"api": api, "environment": environment, "revision": asked, "compared": done.revision}
        told = {"result": done.result, "phase": done.state.phase, "message": done.state.message}
        print(json.dumps({**about, **told, "seconds": dict(done.seconds)}))
    else:
        print(f"{what}: {done.result} at {(done.revision or asked)[:12]}: {_visible(done.state.message)}")

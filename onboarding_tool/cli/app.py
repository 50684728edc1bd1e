"""The tree of commands, and the options that stand before the command."""

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from onboarding_tool import __version__
from onboarding_tool.cli.session import ColorWhen, Session, session, wants_color


class Command(TyperCommand):
    """Its usage line names what it needs as everybody writes it: API ENV IMAGE, without typer's braces."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.removeprefix("{").removesuffix("}") for piece in super().collect_usage_pieces(ctx)]


class Writer(Command):
    """It reads the config repo, and changes what it read: two at once would lose what one of them did."""

    def invoke(self, ctx: Any) -> Any:
        with session(ctx).alone():
            return super().invoke(ctx)


app = typer.Typer(
    name="onboard",
    help="Manage a GitOps onboarding repo: APIs, their release requests, and what Argo CD delivers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
team = typer.Typer(help="The teams of teams.yaml.", no_args_is_help=True, rich_markup_mode=None)
api = typer.Typer(help="The APIs below apps/.", no_args_is_help=True, rich_markup_mode=None)
release = typer.Typer(help="What becomes of release requests.", no_args_is_help=True, rich_markup_mode=None)


def _version(context: typer.Context, value: bool) -> None:
    if value:
        print(f"onboard {__version__}")
        if context.params.get("verbose"):
            from onboarding_tool.rendering import KUSTOMIZE

            print(f"renders with kustomize {KUSTOMIZE}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    directory: Annotated[
        Path | None,
        typer.Option(
            "-C", metavar="DIR", help="The config repo. Default: the nearest folder upwards with a platform.yaml."
        ),
    ] = None,
    color: Annotated[ColorWhen, typer.Option(help="Colour the output.")] = ColorWhen.AUTO,
    verbose: Annotated[bool, typer.Option("--verbose", is_eager=True, help="Say more about what is done.")] = False,
    _: Annotated[bool, typer.Option("--version", callback=_version, help="Print the version and exit.")] = False,
) -> None:
    context.obj = Session(directory, wants_color(color), verbose)


GROUPS = {"api": api, "release": release, "team": team}
# Where each command is: its module in cli/, and its function.
COMMANDS = {
    "init": "setup.init",
    "demo": "setup.demo",
    "upgrade": "setup.upgrade",
    "team add": "setup.team_add",
    "api add": "apis.add",
    "api import": "apis.import_",
    "api retire": "apis.retire",
    "api remove": "apis.remove",
    "api list": "apis.list_",
    "api show": "apis.show",
    "request": "releasing.request",
    "bump": "releasing.bump",
    "release apply": "releasing.apply",
    "check": "checking.check",
    "explain": "checking.explain",
    "rules": "checking.rules",
    "generate": "checking.generate",
    "doctor": "delivering.doctor",
    "render": "rendering.render",
    "diff": "diffing.diff",
    "wait": "waiting.wait",
}
WRITERS = {
    *("upgrade", "team add", "api add", "api import", "api retire", "api remove"),
    *("request", "bump", "release apply", "generate"),
}


def _completed() -> str | None:
    """The command within which a shell asks for a word. No other one is loaded then: nobody likes to wait for a tab."""
    if "_ONBOARD_COMPLETE" not in os.environ:
        return None
    # Of bash, and of the other shells.
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS", "")
    _, *typed = line.split(" ")
    before = [" ".join(typed[:count]) for count in (1, 2) if count < len(typed)]
    return next((path for path in before if path in COMMANDS), None)


def _add(path: str) -> None:
    group, _, name = path.rpartition(" ")
    module, _, function = COMMANDS[path].partition(".")
    command = getattr(import_module(f"onboarding_tool.cli.{module}"), function)
    GROUPS.get(group, app).command(name, cls=Writer if path in WRITERS else Command)(command)


_only = _completed()
for _path in [_only] if _only else COMMANDS:
    _add(_path)
for _name, _group in GROUPS.items():
    if _group.registered_commands:
        app.add_typer(_group, name=_name)

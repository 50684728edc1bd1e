"""The tree of commands, and the options that stand before the command."""

from pathlib import Path
from typing import Annotated

import typer

from onboarding_tool import __version__
from onboarding_tool.cli import apis, checking, releasing, setup
from onboarding_tool.cli.session import ColorWhen, Session, wants_color

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


def _version(value: bool) -> None:
    if value:
        print(f"onboard {__version__}")
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
    verbose: Annotated[bool, typer.Option("--verbose", help="Say more about what is done.")] = False,
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    context.obj = Session(directory, wants_color(color), verbose)


app.command("init")(setup.init)
app.command("demo")(setup.demo)
app.command("upgrade")(setup.upgrade)
team.command("add")(setup.team_add)
api.command("add")(apis.add)
api.command("import")(apis.import_)
api.command("retire")(apis.retire)
api.command("remove")(apis.remove)
api.command("list")(apis.list_)
api.command("show")(apis.show)
app.command("request")(releasing.request)
app.command("bump")(releasing.bump)
release.command("apply")(releasing.apply)
app.command("check")(checking.check)
app.command("explain")(checking.explain)
app.command("rules")(checking.rules)
app.command("generate")(checking.generate)
app.add_typer(api, name="api")
app.add_typer(release, name="release")
app.add_typer(team, name="team")

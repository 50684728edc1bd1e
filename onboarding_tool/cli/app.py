"""The tree of commands, and the options that stand before the command."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from onboarding_tool import __version__
from onboarding_tool.cli import apis, checking, delivering, diffing, releasing, rendering, setup, waiting
from onboarding_tool.cli.session import ColorWhen, Session, wants_color


class Command(TyperCommand):
    """Its usage line names what it needs as everybody writes it: API ENV IMAGE, without typer's braces."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.removeprefix("{").removesuffix("}") for piece in super().collect_usage_pieces(ctx)]


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


app.command("init", cls=Command)(setup.init)
app.command("demo", cls=Command)(setup.demo)
app.command("upgrade", cls=Command)(setup.upgrade)
team.command("add", cls=Command)(setup.team_add)
api.command("add", cls=Command)(apis.add)
api.command("import", cls=Command)(apis.import_)
api.command("retire", cls=Command)(apis.retire)
api.command("remove", cls=Command)(apis.remove)
api.command("list", cls=Command)(apis.list_)
api.command("show", cls=Command)(apis.show)
app.command("request", cls=Command)(releasing.request)
app.command("bump", cls=Command)(releasing.bump)
release.command("apply", cls=Command)(releasing.apply)
app.command("check", cls=Command)(checking.check)
app.command("explain", cls=Command)(checking.explain)
app.command("rules", cls=Command)(checking.rules)
app.command("generate", cls=Command)(checking.generate)
app.command("doctor", cls=Command)(delivering.doctor)
app.command("render", cls=Command)(rendering.render)
app.command("diff", cls=Command)(diffing.diff)
app.command("wait", cls=Command)(waiting.wait)
app.add_typer(api, name="api")
app.add_typer(release, name="release")
app.add_typer(team, name="team")

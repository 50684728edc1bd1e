"""The tree of commands, and the options that stand before the command."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer._click.exceptions import ClickException, NoArgsIsHelpError
from typer._click.exceptions import UsageError as ClickUsageError
from typer.core import TyperCommand, TyperGroup

from onboarding_tool import __version__
from onboarding_tool.cli.session import ColorWhen, Session, session, wants_color
from onboarding_tool.errors import UsageError

PATHS = {"source", "requests", "verdict"}  # parameters that name files, in whatever bytes


@contextmanager
def _placed(context: Any) -> Iterator[None]:
    """What is wrong with the words is said with the command that they belong to."""
    try:
        yield
    except ClickUsageError as error:
        error.ctx = error.ctx or context
        raise


def _refuse_undecodable(context: Any) -> None:
    """Bytes that are no text can name a file, but nothing can be written with them."""
    for one in context.command.params:
        given = context.params.get(one.name)
        for value in given if isinstance(given, list | tuple) else [given]:
            if isinstance(value, str) and one.name not in PATHS and not value.isascii():
                try:
                    value.encode()
                except UnicodeEncodeError:
                    name = one.opts[0] if one.param_type_name == "option" else one.make_metavar(context)
                    hint = "Is your terminal set to UTF-8? `locale` tells."
                    raise UsageError(f"{name}: {value!r} is not UTF-8", hint) from None


class Command(TyperCommand):
    """Its usage line names what it needs as everybody writes it: API ENV IMAGE, without typer's braces."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with _placed(ctx):
            left = super().parse_args(ctx, args)
        _refuse_undecodable(ctx)
        return left

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.removeprefix("{").removesuffix("}") for piece in super().collect_usage_pieces(ctx)]


class Writer(Command):
    """It reads the config repo, and changes what it read: two at once would lose what one of them did."""

    def invoke(self, ctx: Any) -> Any:
        with session(ctx).alone():
            return super().invoke(ctx)


class Group(TyperGroup):
    """It knows what its commands are, and those of its neighbours."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with _placed(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from onboarding_tool.cli.usage import no_command

            root = ctx.find_root().command.commands
            raise no_command(args[0], ctx, {name: group for name, group in root.items() if name in GROUPS})
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """With whole sentences: typer cuts them at the end of the line."""
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl([(name, one.get_short_help_str(sys.maxsize)) for name, one in found.items() if one])


app = typer.Typer(
    name="onboard",
    cls=Group,
    help="Manage a GitOps onboarding repo: APIs, their release requests, and what Argo CD delivers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
team = typer.Typer(cls=Group, help="The teams of teams.yaml.", no_args_is_help=True, rich_markup_mode=None)
api = typer.Typer(cls=Group, help="The APIs below apps/.", no_args_is_help=True, rich_markup_mode=None)
github = typer.Typer(cls=Group, help="What a config repo needs on GitHub.", no_args_is_help=True, rich_markup_mode=None)
release = typer.Typer(cls=Group, help="What becomes of release requests.", no_args_is_help=True, rich_markup_mode=None)


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
            "-C",
            metavar="DIR",
            readable=False,
            help="The config repo. Default: the nearest folder upwards with a platform.yaml.",
        ),
    ] = None,
    color: Annotated[ColorWhen, typer.Option(help="Colour the output.")] = ColorWhen.AUTO,
    verbose: Annotated[bool, typer.Option("--verbose", is_eager=True, help="Say more about what is done.")] = False,
    _: Annotated[bool, typer.Option("--version", callback=_version, help="Print the version and exit.")] = False,
) -> None:
    context.obj = Session(directory, wants_color(color), verbose)


GROUPS = {"api": api, "github": github, "release": release, "team": team}
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
    "gate": "gating.gate",
    "gate-comment": "commenting.gate_comment",
    "explain": "checking.explain",
    "rules": "checking.rules",
    "generate": "checking.generate",
    "doctor": "delivering.doctor",
    "render": "rendering.render",
    "diff": "diffing.diff",
    "wait": "waiting.wait",
    "github rules": "on_github.rules",
    "github check": "on_github.check",
    "github lock": "on_github.lock",
}
WRITERS = {
    *("upgrade", "team add", "api add", "api import", "api retire", "api remove"),
    *("request", "bump", "release apply", "generate", "github lock"),
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


def run(words: list[str] | None = None) -> int:
    """The exit code of a command line, by default that of this process. Raises what the command raises."""
    try:
        return app(words, prog_name="onboard", standalone_mode=False) or 0
    except NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return error.exit_code
    except ClickException as error:
        from onboarding_tool.cli.usage import in_our_words

        raise in_our_words(error) from None
    except SystemExit as end:
        # typer knows only one pipe that can break; ours are more.
        if isinstance(end.__context__, OSError):
            raise end.__context__ from None
        raise

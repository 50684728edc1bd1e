"""The least that a typer program does: what `onboard --help` and the completion of names are compared with."""

import os
from typing import Annotated

import typer

app = typer.Typer(name="bare", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def names(incomplete: str) -> list[str]:
    return [entry.name for entry in os.scandir("apps") if entry.name.startswith(incomplete)]


@app.command()
def show(name: Annotated[str, typer.Argument(autocompletion=names)]) -> None:
    """Print a name."""
    print(name)


@app.command()
def greet() -> None:
    """Print a greeting."""
    print("hello")


if __name__ == "__main__":
    app(prog_name="bare")

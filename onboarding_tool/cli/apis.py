"""`onboard api ...`: bring APIs in, look at them, take them out."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from onboarding_tool.cli.session import changed_lines, complete_api, pairs, session, tell
from onboarding_tool.errors import UsageError, WorldError

NewName = Annotated[str, typer.Argument(metavar="NAME", help="The API's name; its directory below apps/.")]
KnownName = Annotated[str, typer.Argument(metavar="NAME", help="The API.", autocompletion=complete_api)]
Tenant = Annotated[str, typer.Option(metavar="T", help="The customer who owns the API.")]
TeamName = Annotated[str, typer.Option(metavar="TEAM", help="The team that answers for it.")]
Namespaces = Annotated[
    list[str] | None,
    typer.Option(metavar="ENV=NS", help="Its namespace in an environment; repeatable. Names the environments too."),
]
Prefix = Annotated[str | None, typer.Option(metavar="/P", help="Its path on the shared entry. Default: /TENANT/NAME.")]


class ListFormat(StrEnum):
    TABLE = "table"
    JSON = "json"


def add(
    context: typer.Context,
    name: NewName,
    tenant: Tenant,
    team: TeamName,
    image: Annotated[str, typer.Option(metavar="REPO:TAG", help="The image to begin with.")],
    port: Annotated[int, typer.Option(metavar="N", help="The port that its container listens on.")],
    deployment: Annotated[str | None, typer.Option(metavar="D", help="Default: NAME.")] = None,
    container: Annotated[str | None, typer.Option(metavar="C", help="Default: app.")] = None,
    namespace: Namespaces = None,
    prefix: Prefix = None,
    legacy_host: Annotated[
        list[str] | None, typer.Option(metavar="H", help="A host that it answers on today; repeatable.")
    ] = None,
) -> None:
    """Scaffold an API: its declaration, a base, and an overlay per environment."""
    from onboarding_tool import scaffold

    here = session(context)
    repo, findings = here.load(metadata=True)
    here.refuse_if_broken(findings)
    wish = scaffold.Wish(
        name=name,
        tenant=tenant,
        team=team,
        image=image,
        port=port,
        deployment=deployment,
        container=container,
        namespaces=pairs(namespace or (), "--namespace", "ENV=NS"),
        prefix=prefix,
        legacy_hosts=tuple(legacy_host or ()),
    )
    changes = scaffold.add_api(repo, wish)
    here.write(changes)
    tell("\n".join(changed_lines(changes)))
    _what_next(name)


def import_(
    context: typer.Context,
    name: NewName,
    source: Annotated[
        list[str], typer.Option("--from", metavar="PATH", help="A file, a folder, or - for standard input; repeatable.")
    ],
    tenant: Tenant,
    team: TeamName,
    namespace: Namespaces = None,
    prefix: Prefix = None,
    service: Annotated[
        str | None, typer.Option(metavar="S", help="The Service behind --prefix, if there are several.")
    ] = None,
    port: Annotated[int | None, typer.Option(metavar="N", help="Its port, if it has several.")] = None,
    manage_namespaces: Annotated[
        bool, typer.Option("--manage-namespaces", help="Generate the namespaces, with quota and NetworkPolicy.")
    ] = False,
    allow_registries: Annotated[
        bool, typer.Option("--allow-registries", help="Add the images' registries to platform.yaml.")
    ] = False,
) -> None:
    """Bring in an API that runs already, from its exported manifests. Restarts nothing."""
    from onboarding_tool import legacy

    here = session(context)
    sources = {shown: data for path in source for shown, data in _read(path).items()}
    repo, findings = here.load(metadata=True)
    here.refuse_if_broken(findings)
    wish = legacy.Wish(
        name=name,
        tenant=tenant,
        team=team,
        namespaces=pairs(namespace or (), "--namespace", "ENV=NS"),
        prefix=prefix,
        service=service,
        port=port,
        manage_namespaces=manage_namespaces,
        allow_registries=allow_registries,
    )
    result = legacy.import_api(repo, sources, wish)
    here.write(result.changes)
    tell("\n".join(changed_lines(result.changes)))
    print("\n".join(legacy.not_kept(result)))


def retire(context: typer.Context, name: KnownName) -> None:
    """First of two commits: let Argo CD delete what runs of an API."""
    from onboarding_tool.edits import lifecycle

    here = session(context)
    repo, api = here.load_api(name)
    changes = lifecycle.retire(repo, api)
    here.write(changes)
    _say_lifecycle(
        changes, f"{name} is retiring already.", f"Then, when it is on main and synced: onboard api remove {name}"
    )


def remove(context: typer.Context, name: KnownName) -> None:
    """Second of two commits: take a retiring API's declaration away. Its metadata and releases stay."""
    from onboarding_tool.edits import lifecycle

    here = session(context)
    repo, api = here.load_api(name)
    changes = lifecycle.remove(repo, api)
    here.write(changes)
    _say_lifecycle(changes, f"{name} is removed already.", "Argo CD deletes its Application, and with it what runs.")


def list_(
    context: typer.Context,
    format: Annotated[ListFormat, typer.Option(help="How it is printed.")] = ListFormat.TABLE,  # noqa: A002
) -> None:
    """List every API with its environments: image, phase, pending requests, last release."""
    from onboarding_tool import overview, report

    here = session(context)
    repo, findings = here.load()
    if findings:
        tell(f"{len(findings)} findings: what is shown may be incomplete. `onboard check` lists them.")
    if format is ListFormat.JSON:
        print(report.as_json([overview.overview(api) for api in repo.apis.values()]))
    elif repo.apis:
        print("\n".join(report.table(overview.HEAD, overview.rows(repo))))
    else:
        tell("There are no APIs yet: `onboard api add NAME ...` or `onboard api import NAME --from EXPORT ...`.")


def show(
    context: typer.Context,
    name: KnownName,
    format: Annotated[ListFormat, typer.Option(help="How it is printed.")] = ListFormat.TABLE,  # noqa: A002
) -> None:
    """Show one API: whose it is, and what runs where."""
    from onboarding_tool import overview, report

    _, api = session(context).load_api(name)
    about = overview.overview(api)
    print(report.as_json(about) if format is ListFormat.JSON else "\n".join(report.about_api(about)))


def _read(path: str) -> dict[str, bytes]:
    """The manifests of a file, of every .yaml, .yml and .json below a folder, or of standard input."""
    if path == "-":
        if sys.stdin.isatty():
            raise UsageError("--from - reads standard input, and that is a terminal", "Pipe the manifests in.")
        return {"-": sys.stdin.buffer.read()}
    found = Path(path)
    if not found.exists():
        raise WorldError(f"{path}: there is no such file or folder")
    if not found.is_dir():
        return {path: found.read_bytes()}
    files = sorted(file for file in found.rglob("*") if file.suffix in (".yaml", ".yml", ".json") and file.is_file())
    if not files:
        raise UsageError(f"{path} holds no .yaml, .yml or .json file")
    return {str(file): file.read_bytes() for file in files}


def _what_next(name: str) -> None:
    tell(f"\nNext: look at apps/{name}, then `onboard generate`, `onboard check`, and commit.")


def _say_lifecycle(changes: object, already: str, then: str) -> None:
    tell(f"{then}\nNext: `onboard generate`, commit, push." if changes else already)

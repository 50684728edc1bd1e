"""`onboard api ...`: bring APIs in, look at them, take them out."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onboarding_tool.cli.session import Jobs, changed_lines, complete_api, pairs, session, tell
from onboarding_tool.errors import UsageError, WorldError

if TYPE_CHECKING:
    from onboarding_tool.findings import Finding
    from onboarding_tool.tree import Changes

NewName = Annotated[str, typer.Argument(metavar="NAME", help="The API's name; its directory below apps/.")]
KnownName = Annotated[str, typer.Argument(metavar="NAME", help="The API.", autocompletion=complete_api)]
Tenant = Annotated[str, typer.Option(metavar="T", help="The customer who owns the API.")]
TeamName = Annotated[str, typer.Option(metavar="TEAM", help="The team that answers for it.")]
Namespaces = Annotated[
    list[str] | None,
    typer.Option(metavar="ENV=NS", help="Its namespace in an environment; repeatable. Names the environments too."),
]
Prefix = Annotated[str | None, typer.Option(metavar="/P", help="Its path on the shared entry. Default: /TENANT/NAME.")]
Sources = Annotated[
    list[str], typer.Option("--from", metavar="PATH", help="A file, a folder, or - for standard input; repeatable.")
]
ServiceName = Annotated[
    str | None, typer.Option(metavar="S", help="The Service behind --prefix, if there are several.")
]
ServicePort = Annotated[int | None, typer.Option(metavar="N", help="Its port, if it has several.")]
ManageNamespaces = Annotated[
    bool, typer.Option("--manage-namespaces", help="Generate the namespaces, with quota and NetworkPolicy.")
]
AllowRegistries = Annotated[
    bool, typer.Option("--allow-registries", help="Add the images' registries to platform.yaml.")
]

WANTED = "Name a file or a folder of what `kubectl get ... -o yaml` has written, or - for standard input."


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
    from onboarding_tool import metadata_file, scaffold

    here = session(context)
    repo, findings = here.load_fleet()
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
    foreseen = metadata_file.objections(repo, name, changes, contents=True)
    here.write(changes)
    tell("\n".join(changed_lines(changes)))
    _warn(foreseen)
    tell(f"\nNext: look at apps/{name}, then `onboard generate`, `onboard check`, and commit.")


def import_(
    context: typer.Context,
    name: NewName,
    source: Sources,
    tenant: Tenant,
    team: TeamName,
    namespace: Namespaces = None,
    prefix: Prefix = None,
    service: ServiceName = None,
    port: ServicePort = None,
    manage_namespaces: ManageNamespaces = False,
    allow_registries: AllowRegistries = False,
) -> None:
    """Bring in an API that runs already, from its exported manifests. Restarts nothing."""
    from onboarding_tool import legacy, metadata_file

    here = session(context)
    sources = {shown: data for path in source for shown, data in _read(path).items()}
    repo, findings = here.load_fleet()
    here.refuse_if_broken(findings)
    namespaces = pairs(namespace or (), "--namespace", "ENV=NS")
    wish = legacy.Wish(name, tenant, team, namespaces, prefix, service, port, manage_namespaces, allow_registries)
    result = legacy.import_api(repo, sources, wish)
    foreseen = metadata_file.objections(repo, name, result.changes, contents=False)
    here.write(result.changes)
    tell("\n".join(changed_lines(result.changes)))
    print("\n".join(legacy.not_kept(result)), flush=True)
    _warn(foreseen)


def retire(context: typer.Context, name: KnownName) -> None:
    """First of two commits: let Argo CD delete what runs of an API."""
    from onboarding_tool.edits import lifecycle

    here = session(context)
    repo, api = here.load_api(name)
    changes = lifecycle.retire(repo, api)
    here.write(changes)
    then = f"when it is on main and synced, `onboard api remove {name}`."
    _say_lifecycle(changes, f"{name} is retiring already.", then)


def remove(context: typer.Context, name: KnownName) -> None:
    """Second of two commits: take a retiring API's declaration away. Its metadata and releases stay."""
    from onboarding_tool.edits import lifecycle

    here = session(context)
    repo, api = here.load_api(name)
    changes = lifecycle.remove(repo, api)
    here.write(changes)
    then = "Argo CD deletes its Application, and with it what runs."
    _say_lifecycle(changes, f"{name} is removed already.", then)


def list_(
    context: typer.Context,
    jobs: Jobs = 0,
    format: Annotated[ListFormat, typer.Option(help="How it is printed.")] = ListFormat.TABLE,  # noqa: A002
) -> None:
    """List every API with its environments: image, phase, pending requests, last release."""
    from onboarding_tool import overview, report

    lines, findings = session(context).list_apis(jobs)
    _say_incomplete(findings)
    if format is ListFormat.JSON:
        print(report.as_json([line.about for line in lines]))
    elif lines:
        print("\n".join(report.table(overview.HEAD, (row for line in lines for row in line.rows))))
    else:
        tell("There are no APIs yet: `onboard api add NAME ...` or `onboard api import NAME --from EXPORT ...`.")


def show(
    context: typer.Context,
    name: KnownName,
    format: Annotated[ListFormat, typer.Option(help="How it is printed.")] = ListFormat.TABLE,  # noqa: A002
) -> None:
    """Show one API: whose it is, and what runs where."""
    from onboarding_tool import overview, report

    _, api, findings = session(context).load_one(name)
    _say_incomplete(findings)
    about = overview.overview(api)
    print(report.as_json(about) if format is ListFormat.JSON else "\n".join(report.about_api(about)))


def _read(path: str) -> dict[str, bytes]:
    """The manifests of a file, of every .yaml, .yml and .json below a folder, or of standard input."""
    from onboarding_tool.model import PLATFORM_FILE

    if path == "-":
        if sys.stdin.isatty():
            raise UsageError("--from - reads standard input, and that is a terminal", "Pipe the manifests in.")
        return {"-": sys.stdin.buffer.read()}
    if not path:
        raise UsageError("--from is empty", WANTED)
    found = Path(path)
    if not found.exists():
        raise WorldError(f"{path}: there is no such file or folder", WANTED)
    if not found.is_dir():
        return {path: found.read_bytes()}
    if (found / PLATFORM_FILE).is_file():
        raise UsageError(f"{path} is a config repo, and an export is wanted", WANTED)
    files = sorted(file for file in found.rglob("*") if file.suffix in (".yaml", ".yml", ".json") and file.is_file())
    if not files:
        raise UsageError(f"{path} holds no .yaml, .yml or .json file", WANTED)
    return {str(file): file.read_bytes() for file in files}


def _warn(foreseen: "list[Finding]") -> None:
    from onboarding_tool.report import visible

    if foreseen:
        tell("\n`onboard check` will find:")
    for found in foreseen:
        tell(visible(f"  {found.path}:{found.line}:{found.column}: {found.rule}: {found.message}. {found.hint}"))


def _say_incomplete(findings: "list[Finding]") -> None:
    from onboarding_tool.wording import counted

    if findings:
        tell(f"{counted(len(findings), 'finding')}: what is shown may be incomplete. `onboard check` lists all.")


def _say_lifecycle(changes: "Changes", already: str, then: str) -> None:
    done = [*changed_lines(changes), "Next: `onboard generate`, commit, push.", f"Then: {then}"]
    tell("\n".join(done) if changes else already)

"""`onboard init`, `upgrade`, `team add`, `demo`: a config repo comes to be, and moves on."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onboarding_tool import __version__
from onboarding_tool.cli.session import Session, changed_lines, session, tell
from onboarding_tool.errors import ConflictError
from onboarding_tool.wording import shell_path

if TYPE_CHECKING:
    from onboarding_tool.tree import Changes, Tree


def init(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", readable=False, help="A folder that is empty or does not exist yet.")
    ],
    repository: Annotated[
        str | None, typer.Option(metavar="URL", help="The repo's address, as Argo CD will clone it.")
    ] = None,
    env: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An environment; repeatable. Default: staging, prod.")
    ] = None,
    registry: Annotated[
        list[str] | None, typer.Option(metavar="PREFIX", help="Where images may come from; repeatable.")
    ] = None,
) -> None:
    """Make a new config repo with everything in its place, and its first commit."""
    from onboarding_tool import template
    from onboarding_tool.adapters import new_folder, writing
    from onboarding_tool.adapters.git_repo import GitRepo
    from onboarding_tool.tree import changed, tree_of

    new_folder.refuse_occupied(directory)
    environments = tuple(dict.fromkeys(env or template.DEFAULT_ENVIRONMENTS))
    changes = template.config_repo(repository, environments, tuple(dict.fromkeys(registry or ())))
    changes |= _generated(changed(tree_of({}), changes))
    GitRepo.require_identity()
    with new_folder.made(directory) as place:
        git = GitRepo.init(place)
        writing.apply(place, changes)
        git.add_and_commit(f"Begin the config repo with onboard {__version__}")
    tell(f"{directory} is a config repo now, with its first commit on main.")
    if not repository:
        tell("`repository:` in platform.yaml is a placeholder: put the address there that Argo CD clones from.")
    tell("\n".join(["Next:", *(f"  {command}" for command in _first_commands(directory, repository))]))


def _first_commands(directory: Path, repository: str | None) -> tuple[str, ...]:
    return (
        *([] if directory == Path() else [f"cd {shell_path(str(directory))}"]),
        f"git remote add origin {shlex.quote(repository or 'URL')} && git push -u origin main",
        "onboard team add NAME --tenant TENANT --member LOGIN",
        "onboard api add ...",
    )


def upgrade(context: typer.Context) -> None:
    """Move the config repo to this version of the tool, in one commit."""
    from onboarding_tool.edits import upgrade as edit
    from onboarding_tool.tree import changed

    here = session(context)
    git = here.git()
    git.finish_interrupted()
    _, findings = here.load_fleet()
    here.refuse_if_broken(finding for finding in findings if finding.rule != "schema-invalid")
    tree = here.tree()
    changes = edit.upgrade(tree, __version__)
    changes |= _generated(changed(tree, changes))
    if not changes:
        tell(f"Nothing to do: the config repo is at {__version__}.")
        return
    if dirty := sorted(git.dirty(changes)):
        raise ConflictError(f"{dirty[0]} has uncommitted changes", "Commit or stash them, then upgrade.")
    git.commit(changes, f"Upgrade to onboard {__version__}")
    tell("\n".join(changed_lines(changes)))
    tell(f"Committed. The config repo is at {__version__}.")


def team_add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The team's name.")],
    github: Annotated[str | None, typer.Option(metavar="ORG/SLUG", help="Its team on GitHub, for CODEOWNERS.")] = None,
    tenant: Annotated[list[str] | None, typer.Option(metavar="T", help="A tenant it serves; repeatable.")] = None,
    member: Annotated[
        list[str] | None, typer.Option(metavar="LOGIN[=ID]", help="A member, with the forge's numeric id; repeatable.")
    ] = None,
) -> None:
    """Add a team to teams.yaml, or add to it."""
    from onboarding_tool.edits import team as edit

    here = session(context)
    repo, findings = here.load([])
    here.refuse_if_broken(findings)
    members = [edit.parse_member(text) for text in member or ()]
    changes = edit.add_team(repo, name, github, tenant or (), members)
    here.write(changes)
    tell(
        f"teams.yaml: {name}. Next: `onboard generate`."
        if changes
        else f"Nothing to do: teams.yaml says so already of {name}."
    )


def demo(
    context: typer.Context,
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", readable=False, help="Where to play it. Default: a temporary folder."),
    ] = None,
) -> None:
    """Play the whole story on an embedded example: import, check, generate, release, refuse, roll back."""
    from onboarding_tool.cli.demo import play

    play(directory, color=session(context).color)


def _generated(tree: "Tree") -> "Changes":
    """What belongs below generated/ in a repo of these files."""
    from onboarding_tool import generators, load

    repo, findings = load.load(tree, depth=load.Depth.METADATA)
    Session().refuse_if_broken(findings)
    return generators.changes(tree, generators.generate(repo))

"""`onboard gate`: whether a pull request is exactly what its author may do."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onboarding_tool.cli.session import Jobs, Session, progress, session, tell, today
from onboarding_tool.errors import Exit, UsageError, WorldError
from onboarding_tool.wording import shell_path

if TYPE_CHECKING:
    from onboarding_tool.adapters.git_repo import GitRepo
    from onboarding_tool.gate.author import Author
    from onboarding_tool.gate.verdict import Verdict

MAIN = ("refs/remotes/origin/main", "refs/heads/main")


class GateFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    MARKDOWN = "markdown"


def gate(
    context: typer.Context,
    base: Annotated[
        str | None, typer.Argument(metavar="[BASE]", help="A commit. Default: origin/main, else main.")
    ] = None,
    head: Annotated[
        str | None, typer.Argument(metavar="[HEAD]", help="Another commit. Default: the working tree.")
    ] = None,
    author: Annotated[
        str | None, typer.Option("--author", metavar="LOGIN", help="Who asks, by the forge's login.")
    ] = None,
    author_id: Annotated[
        int | None, typer.Option("--author-id", metavar="N", min=1, help="Who asks, by the forge's numeric id.")
    ] = None,
    teams: Annotated[
        str | None, typer.Option("--teams", metavar="T,...", help="Teams that the forge says the author is in.")
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", help="Judge what is staged, not the working tree.")] = False,
    landed: Annotated[
        str | None, typer.Option("--landed", metavar="COMMIT", help="What was merged: is it what is judged?")
    ] = None,
    format: Annotated[GateFormat, typer.Option(help="How the verdict is printed.")] = GateFormat.TEXT,  # noqa: A002
    report: Annotated[
        list[str] | None, typer.Option("--report", metavar="FORMAT=FILE", help="Also write it so to a file.")
    ] = None,
    jobs: Jobs = 0,
) -> None:
    """Judge a pull request: what it is, what will happen, who must approve. Exit 1 if it is refused."""
    who, reports = _author(author, author_id, teams), _reports(report or ())
    if head is not None or landed is not None:
        _require_pull_request(who, head, staged=staged)
    from onboarding_tool.adapters.renderer import Renderer, cores
    from onboarding_tool.gate.case import Kind

    here = session(context)
    with ExitStack() as stack:
        renderer = stack.enter_context(Renderer())
        renderer.start()
        from onboarding_tool.adapters import gating, merging
        from onboarding_tool.adapters.watch import Watch

        inside = stack.enter_context(merging.quarantine(_repo(here)))
        merge = inside.resolve(landed) if landed is not None else ""
        if merge:
            old, new = _merged(inside, merge, base, head)
        else:
            old = inside.resolve(base) if base is not None else _main(inside)
            new = inside.resolve(head) if head is not None else _working_tree(inside, staged=staged)
        asked = gating.Asked(
            old, new, who, today(), jobs or cores(), cached=lambda: inside.is_bare or here.may_cache(inside)
        )
        with progress("APIs") as watch:
            verdict = gating.verdict(inside, asked, renderer, Watch(tell, watch))
        if merge:
            verdict = gating.landed(inside, merge, verdict)
    for form, file in reports:
        file.write_text(_printed(verdict, form), encoding="utf-8")
    if staged and verdict.kind is Kind.NOTHING:  # a commit that takes back what an earlier one brought
        tell("What is staged differs in nothing from the base, so there is nothing to judge.")
        return
    print(_printed(verdict, format, color=here.color), end="")
    if not verdict.passes:
        raise typer.Exit(Exit.FINDINGS)


def _require_pull_request(author: "Author | None", head: str | None, *, staged: bool) -> None:
    """Of what is no work in progress it is known who asks, and nothing is staged."""
    if author is None:
        hint = "Name who asks: --author LOGIN, --author-id N or --teams T. On a laptop, leave HEAD out."
        raise UsageError("a pull request is judged as that of its author, and none is given", hint)
    if staged:
        raise UsageError(f"--staged and {'HEAD' if head else '--landed'} exclude each other", "Leave one of them out.")


def _author(login: str | None, number: int | None, teams: str | None) -> "Author | None":
    """An empty word is no author: a pipeline that lost it must not pass for nobody."""
    from onboarding_tool.gate.author import Author

    if login is None and number is None and teams is None:
        return None
    names = tuple(name.strip() for name in (teams or "").split(",") if name.strip())
    if not (login and login.strip()) and number is None and not names:
        raise UsageError("--author and --teams are empty", "Say who asks, as the forge knows it.")
    return Author((login or "").strip(), number, names)


def _reports(items: Iterable[str]) -> list[tuple[GateFormat, Path]]:
    """Refused is what cannot be written before minutes go by for a verdict that is lost then."""
    found: dict[Path, tuple[GateFormat, Path]] = {}
    for form, file in map(_report, items):
        if found.setdefault(file.resolve(), (form, file)) != (form, file):
            raise UsageError(f"--report names {file} twice", "Give each format a file of its own.")
        if file.is_dir():
            raise WorldError(f"--report: {file} is a folder", "Name a file in it.")
        if not file.parent.is_dir():
            hint = f"`mkdir -p {shell_path(str(file.parent))}`, or name another."
            raise WorldError(f"--report: {file} lies in no folder that is there", hint)
    return list(found.values())


def _report(item: str) -> tuple[GateFormat, Path]:
    form, equals, file = item.partition("=")
    if form not in list(GateFormat) or not equals or not file:
        known = ", ".join(GateFormat)
        raise UsageError(f"--report: {item!r} is not FORMAT=FILE", f"FORMAT is one of {known}.")
    if file == "-":
        raise UsageError(f"--report: {item!r} names no file", f"`--format {form}` prints it.")
    return GateFormat(form), Path(file)


def _repo(here: "Session") -> "GitRepo":
    """That of the config repo around here, or a bare one."""
    from onboarding_tool.adapters import files
    from onboarding_tool.adapters.git_process import around
    from onboarding_tool.adapters.git_repo import GitRepo

    if here.directory is not None and not here.directory.exists():
        files.require_root(here.directory)  # which says so
    folder = here.directory or files.here()
    # Where there is neither, the config repo is missed first: nobody shall make a repository of a home folder.
    git = GitRepo.open(folder if around(folder) else here.root(), bare=True)
    return git if git.is_bare or git.root == here.root() else here.git()


def _main(git: "GitRepo") -> str:
    for ref in MAIN:
        found = git.run("rev-parse", "--verify", "-q", f"{ref}^{{commit}}", accept=(0, 1)).decode().strip()
        if found:
            return found
    git.require_commit()
    hint = "`git fetch origin main`, or name the base: `onboard gate BASE`."
    raise UsageError("there is neither origin/main nor main here", hint)


def _merged(git: "GitRepo", commit: str, base: str | None, head: str | None) -> tuple[str, str]:
    """The commits that a merge brought together, where they are not given."""
    from onboarding_tool.adapters import merging

    parents = merging.parents(git, commit)
    if not parents or (head is None and len(parents) != 2):
        hint = "Name both: `onboard gate BASE HEAD --landed COMMIT`, HEAD being the last commit of the pull request."
        raise UsageError(f"{commit[:12]} is no merge of two commits, so it does not say what was merged", hint)
    return git.resolve(base or parents[0]), git.resolve(head or parents[1])


def _working_tree(git: "GitRepo", *, staged: bool) -> str:
    from onboarding_tool.adapters import merging
    from onboarding_tool.adapters.files import ROOTS

    if git.is_bare:
        raise UsageError("a bare repository has no working tree", "Name both: `onboard gate BASE HEAD --author LOGIN`.")
    return merging.working_tree(git, ROOTS, staged=staged)


def _printed(verdict: "Verdict", form: GateFormat, *, color: bool = False) -> str:
    from onboarding_tool import report_gate

    forms: dict[GateFormat, Callable[[], str]] = {
        GateFormat.TEXT: lambda: "\n".join(report_gate.text(verdict, color=color)) + "\n",
        GateFormat.JSON: lambda: report_gate.json(verdict) + "\n",
        GateFormat.GITHUB: lambda: "\n".join(report_gate.github(verdict)) + "\n",
        GateFormat.MARKDOWN: lambda: report_gate.markdown(verdict),
    }
    return forms[form]()

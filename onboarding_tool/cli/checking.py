"""`onboard check`, `explain`, `rules`, `generate`: what is wrong, why, and what follows from the declarations."""

from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from onboarding_tool.cli.session import Jobs, changed_lines, environments_of, progress, session, tell, today
from onboarding_tool.errors import Exit, UsageError, WorldError

NOT_ASKED = "--no-render was given"


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def check(
    context: typer.Context,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings and skipped rules fail too.")] = False,
    render: Annotated[bool, typer.Option("--render/--no-render", help="Judge what kustomize makes, too.")] = True,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Use what earlier runs found out.")] = True,
    jobs: Jobs = 0,
    format: Annotated[Format, typer.Option(help="How findings are printed.")] = Format.TEXT,  # noqa: A002
) -> None:
    """Judge the config repo by every rule. Exit 1 if it breaks one."""
    from onboarding_tool import report
    from onboarding_tool.adapters import fleet, indexed_tree, renderer

    here = session(context)
    tree, indexed, history, no_history, cached = here.tree(), None, None, "", False
    try:
        git = here.git()
        cached = cache and here.may_cache(git)
        indexed = partial(indexed_tree.tree_of, git) if cached else None
        history = git.history()
    except WorldError as error:
        no_history = f"{error.message}: {error.hint}"
        here.note(f"no history: {error.message}")
    wish = fleet.Wish(fleet.Source(here.root()), today(), "" if render else NOT_ASKED, cached)
    with progress("APIs") as watch:
        verdict = fleet.check(tree, wish, history, no_history, jobs or renderer.cores(), watch("judged"), indexed)
    if format is Format.JSON:
        print(report.verdict_json(verdict))
    elif format is Format.GITHUB:
        print("\n".join(report.verdict_github(verdict)))
    else:
        print("\n".join(report.verdict_text(verdict, color=here.color)))
    if not verdict.passes(strict=strict):
        raise typer.Exit(Exit.FINDINGS)


def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule's name, as `onboard check` prints it.")],
) -> None:
    """Tell what a rule wants, why, and how to mend what breaks it."""
    from inspect import getdoc

    from onboarding_tool.checks import judging
    from onboarding_tool.wording import did_you_mean

    found = judging.find(rule) or _rules().get(rule)
    if found is None:
        raise UsageError(f"there is no rule {rule!r}", did_you_mean(rule, _rules(), "`onboard rules` lists all."))
    print(f"{rule}\n\n{getdoc(found)}")


def rules() -> None:
    """List every rule with its first sentence."""
    from inspect import getdoc

    from onboarding_tool import report

    rows = ((name, (getdoc(rule) or "").partition("\n")[0]) for name, rule in _rules().items())
    print("\n".join(report.table(("RULE", "WHAT IT WANTS"), rows)))


def _rules() -> "dict[str, Any]":
    """Those that `onboard check` judges by, and those that only a change can break, by name."""
    from onboarding_tool.checks import judging
    from onboarding_tool.gate import judge

    found: dict[str, Any] = {rule.RULE: rule for rule in judging.RULES} | {rule.RULE: rule for rule in judge.RULES}
    return dict(sorted(found.items()))


def generate(
    context: typer.Context,
    env: Annotated[str | None, typer.Option("--env", metavar="ENV", help="Only this environment.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if something would change.")] = False,
    jobs: Jobs = 0,
) -> None:
    """Write generated/ and .github/CODEOWNERS from the declarations."""
    from onboarding_tool import generators
    from onboarding_tool.checks import judging
    from onboarding_tool.checks.rule import DECLARED

    here = session(context)
    repo, findings = here.load_fleet(jobs)
    verdict = judging.run(repo, findings, DECLARED)
    environments_of(repo.platform, env)
    # What load found counts as found: an exception does not make a broken declaration readable.
    here.refuse_if_broken(sorted({*findings, *(found for found in verdict.findings if found.severity == "error")}))
    wanted = generators.generate(repo, env)
    if check:
        stale = generators.staleness(repo.tree, wanted, env)
        print("\n".join(f"{kind} {path}" for kind, path in stale) or "generated/ is up to date.")
        raise typer.Exit(Exit.FINDINGS if stale else Exit.OK)
    changes = generators.changes(repo.tree, wanted, env)
    here.write(changes)
    tell("\n".join(changed_lines(changes)) or "Nothing to do: generated/ is up to date.")

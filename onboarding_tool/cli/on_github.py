"""`onboard github ...`: what a config repo needs on GitHub that no file of it can say. Nothing is asked of GitHub."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from onboarding_tool.cli.session import session, tell
from onboarding_tool.errors import Exit, UsageError
from onboarding_tool.wording import counted

UNSET = """\
What no ruleset can set:
  - the code owners' teams may write to the repo, or GitHub ignores them: Settings > Collaborators and teams
  - Actions > General: the token only reads, Actions approve no pull request, workflows of forks wait for approval
  - in an organization, a required workflow: the only check that a pull request cannot replace by its own"""


class Machine(StrEnum):
    X86_64 = "x86_64"
    AARCH64 = "aarch64"


def rules(
    context: typer.Context,
    bot_app: Annotated[
        int | None, typer.Option("--bot-app", metavar="ID", min=1, help="The GitHub App that pushes releases to main.")
    ] = None,
    merge_queue: Annotated[
        bool, typer.Option("--merge-queue", help="With a merge queue, one pull request at a time.")
    ] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Only that main is not rewritten, which nobody bypasses.")
    ] = False,
) -> None:
    """Print the ruleset that protects main on GitHub, as JSON."""
    import json

    from onboarding_tool import rulesets

    if history and (bot_app is not None or merge_queue):
        raise UsageError("--history goes alone: nobody bypasses it", "Leave the other options out.")
    here = session(context)
    repo, findings = here.load([])
    here.refuse_if_broken(findings)
    wanted = rulesets.of_history() if history else rulesets.of_pull_requests(repo, bot_app, merge_queue=merge_queue)
    print(json.dumps(wanted, indent=2))
    given = [f"--bot-app {bot_app}"] if bot_app is not None else []
    given += ["--merge-queue"] * merge_queue + ["--history"] * history
    command = " ".join(["onboard github rules", *given])
    address = f"repos/{rulesets.slug(repo.platform.repository)}/rulesets"
    tell(f"As an administrator of the repo:\n  {command} | gh api {address} --input -")
    tell("or Settings > Rules > Rulesets > New ruleset > Import a ruleset, with this as a file.")
    if not history:
        tell("\n".join([*rulesets.limits(repo, bot_app), UNSET]))


def check(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The rules, as GitHub tells them. Default: standard input.")
    ] = None,
) -> None:
    """Tell what the rules of main on GitHub leave open, from what GitHub answers. Exit 1 if it is anything."""
    import sys

    from onboarding_tool import protection, rulesets

    here = session(context)
    repo, findings = here.load([])
    here.refuse_if_broken(findings)
    if file is None and sys.stdin.isatty():
        address = f"repos/{rulesets.slug(repo.platform.repository)}/rules/branches/main?per_page=100"
        raise UsageError("there is nothing to look at", f"`gh api '{address}' | onboard github check`")
    live = protection.read(sys.stdin.buffer.read()) if file is None else protection.read(file.read_bytes(), str(file))
    found = list(protection.gaps(repo, live))
    for sentence in found:
        print(sentence)
    if found:
        tell(f"{counted(len(found), 'gap')}. `onboard github rules` prints a ruleset that has none.")
        raise typer.Exit(Exit.FINDINGS)
    print("main is protected as `onboard github rules` wants it.")
    tell("GitHub does not tell here who bypasses that: Settings > Rules > Rulesets.")


def lock(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="WHEEL", help="The URL of the tool's wheel, or NAME==VERSION.")],
    python: Annotated[str, typer.Option(metavar="X.Y", help="The Python of the workflows' runner.")] = "3.12",
    machine: Annotated[Machine, typer.Option(help="The machine of the workflows' runner.")] = Machine.X86_64,
    index_url: Annotated[
        str, typer.Option("--index-url", metavar="URL", help="The package index, here and there. Default: pip's own.")
    ] = "",
) -> None:
    """Write the lock from which the workflows install the tool, by hashes."""
    from onboarding_tool.adapters import locking
    from onboarding_tool.model import LOCK_FILE, PLATFORM_FILE

    here = session(context)
    here.root()
    if locking.differs(python):
        tell(f"What only some Pythons need is told by the one that asks: `onboard` should run on {python}, on Linux.")
    made = locking.lock(source, python, machine, index_url)
    here.write({LOCK_FILE: made.text.encode()})
    needs = f", and {counted(made.needed, 'wheel')} that it needs" if made.needed else ""
    tell(f"{LOCK_FILE}: {made.name} {made.version}{needs}. Commit it; what counts is what stands on main.")
    pinned = here.load([])[0].platform.tool_version
    if pinned not in ("", made.version):
        then = f"then only the `onboard upgrade` of {made.version} is accepted until it is merged; have it ready"
        tell(f"{PLATFORM_FILE} is made with {pinned}: {then}.")

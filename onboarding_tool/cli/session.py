"""What the commands share: where the config repo is, how to load it, how to write to it, how to speak."""

import math
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onboarding_tool.errors import FindingsError, UsageError, WorldError
from onboarding_tool.wording import counted

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from onboarding_tool.adapters.files import FolderTree
    from onboarding_tool.adapters.git_repo import GitRepo
    from onboarding_tool.findings import Finding
    from onboarding_tool.model import Api, Environment, Platform, Repo
    from onboarding_tool.overview import Line
    from onboarding_tool.tree import Changes


# Folders with so many files that only their number is told.
COUNTED = ("generated/", ".onboard/schemas/")
PATIENCE = 1.0  # seconds that go by before somebody who waits is told how far it is

Jobs = Annotated[
    int, typer.Option("--jobs", metavar="N", min=0, max=256, help="How many processes; 0: one for each core.")
]


class ColorWhen(StrEnum):
    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def wants_color(when: ColorWhen) -> bool:
    """--color first, then NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE, then whether a person is looking."""
    if when is not ColorWhen.AUTO:
        return when is ColorWhen.ALWAYS
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    forced = any(os.environ.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))
    return forced or sys.stdout.isatty()


@dataclass(frozen=True, slots=True)
class Session:
    """The options that stand before the command."""

    directory: Path | None = None
    color: bool = False
    verbose: bool = False

    def root(self) -> Path:
        """The config repo's folder. Raises WorldError if there is none."""
        from onboarding_tool.adapters import files

        if self.directory is None:
            return files.find_root(files.here())
        files.require_root(self.directory)
        return self.directory

    def tree(self) -> "FolderTree":
        from onboarding_tool.adapters.files import FolderTree

        return FolderTree(self.root())

    def git(self) -> "GitRepo":
        from onboarding_tool.adapters.git_repo import GitRepo

        return GitRepo.open(self.root())

    def may_cache(self, git: "GitRepo") -> bool:
        """Whether what earlier runs rendered is ours: a pull request must not bring what we shall believe."""
        from onboarding_tool.adapters.cache import FOLDER

        # What is not there is believed by nobody; to ask git about it takes 80 ms in a large repository.
        if (git.root / FOLDER).exists() and git.tracks(FOLDER):
            tell(f"{FOLDER} is tracked by git, so it is not used: `git rm -r --cached {FOLDER}`, and commit.")
            return False
        return True

    def load(self, only: Collection[str]) -> "tuple[Repo, list[Finding]]":
        """The repo as it lies in the folder with only these APIs, and load's findings."""
        from onboarding_tool import load

        repo, findings = load.load(self.tree(), only)
        return replace(repo, today=today()), findings

    def load_fleet(self, jobs: int = 0) -> "tuple[Repo, list[Finding]]":
        """The repo as it lies in the folder with what all of its APIs declare, and load's findings. `jobs` as `Jobs`
        says.
        """
        from onboarding_tool import load

        if not self.is_large():
            repo, findings = load.load(self.tree(), depth=load.Depth.METADATA)
            return replace(repo, today=today()), findings
        from onboarding_tool.adapters import declarations
        from onboarding_tool.adapters.renderer import cores

        indexed, cached = self.known_tree()
        words = (self.root(), today(), jobs or cores())
        with progress("APIs") as watch:
            return declarations.read(indexed(), *words, cached=cached, progress=watch("read"))

    def list_apis(self, jobs: int) -> "tuple[list[Line], list[Finding]]":
        """What is shown of each API, and what is wrong with the repo's files. `jobs` as `Jobs` says."""
        from onboarding_tool import load, overview

        if not self.is_large():
            repo, findings = load.load(self.tree(), depth=load.Depth.RUNNING)
            return [overview.line(api) for api in repo.apis.values()], findings
        from onboarding_tool.adapters import declarations
        from onboarding_tool.adapters.renderer import cores

        indexed, cached = self.known_tree("apps")
        words = (declarations.SHOWN, indexed, self.root(), today(), jobs or cores())
        with progress("APIs") as watch:
            _, findings = load.load(self.tree(), ())
            lines, more = declarations.of_each(*words, cached=cached, progress=watch("read"))
        return list(lines.values()), sorted([*findings, *more])

    def is_large(self) -> bool:
        from onboarding_tool.adapters import files

        return files.is_large(self.root())

    def known_tree(self, *roots: str) -> "tuple[Callable[[], FolderTree], bool]":
        """How to get the tree as git knows it below these roots (default: all), and whether earlier runs may be
        believed.
        """
        from onboarding_tool.adapters import indexed_tree

        with suppress(WorldError):
            git = self.git()
            if self.may_cache(git):
                return partial(indexed_tree.tree_of, git, *roots), True
        return self.tree, False

    def load_api(self, name: str) -> "tuple[Repo, Api]":
        """As `load_one`, for commands that act: broken files refuse it."""
        repo, api, findings = self.load_one(name)
        self.refuse_if_broken(findings)
        return repo, api

    def load_one(self, name: str) -> "tuple[Repo, Api, list[Finding]]":
        """The repo with one API in it, for commands that need no other. Raises UsageError if there is no such API."""
        from onboarding_tool.wording import did_you_mean

        repo, findings = self.load([name] if "/" not in name else [])
        if name not in repo.apis:
            known = repo.tree.folders("apps")
            raise UsageError(f"there is no API {name!r}", did_you_mean(name, known, "`onboard api list` shows all."))
        return repo, repo.apis[name], findings

    def refuse_if_broken(self, findings: "Iterable[Finding]") -> None:
        """A command that would act on files that cannot be read does not act. Release requests are judged apart."""
        from onboarding_tool.report import visible

        broken = [finding for finding in findings if "/requests/" not in finding.path]
        if broken:
            lines = [f"{f.path}:{f.line}:{f.column}: {f.rule}: {f.message}. {f.hint}" for f in broken[:5]]
            more = [f"... and {len(broken) - 5} more"] if len(broken) > 5 else []
            found = "\n  ".join(visible(line) for line in lines + more)
            message = f"the config repo has errors; nothing was done\n  {found}"
            raise FindingsError(message, "`onboard check` lists all of them.")

    def alone(self) -> "AbstractContextManager[None]":
        """Within it no other process of ours changes this config repo."""
        from onboarding_tool.adapters.alone import alone

        return alone(self.root(), lambda: tell("Another onboard is changing this config repo; waiting for it."))

    def write(self, changes: "Changes") -> None:
        from onboarding_tool.adapters import writing

        writing.apply(self.root(), changes)

    def note(self, message: str) -> None:
        """A remark for --verbose."""
        if self.verbose:
            tell(message)


def session(context: typer.Context) -> Session:
    found = context.find_object(Session)
    assert found is not None
    return found


def environments_of(platform: "Platform", name: str | None) -> "list[Environment]":
    """The one of that name, or all; all, too, of a platform.yaml that could not be read. Raises UsageError with the
    nearest name.
    """
    from onboarding_tool.wording import did_you_mean, listed

    known = platform.environments
    if name is None or not platform.read:
        return list(known.values())
    if name not in known:
        raise UsageError(f"there is no environment {name!r}", did_you_mean(name, known, f"There are {listed(known)}."))
    return [known[name]]


def environment_of(repo: "Repo", api: "Api", name: str) -> "Environment":
    """An environment that the API lives in. Raises UsageError with the nearest name."""
    from onboarding_tool.wording import did_you_mean, listed

    if name not in api.environments or name not in repo.platform.environments:
        hint = did_you_mean(name, api.environments, f"{api.name} lives in {listed(api.environments)}.")
        raise UsageError(f"{api.name} has no environment {name!r}", hint)
    return repo.platform.environments[name]


def pairs(values: Sequence[str], option: str, form: str) -> dict[str, str]:
    """`ENV=NS` options as a mapping. Raises UsageError on what has no `=`, or says one key twice."""
    found: dict[str, str] = {}
    for value in values:
        key, equals, rest = value.partition("=")
        if not equals or not key or not rest:
            raise UsageError(f"{option} {value}: the form is {form}", f"For example {option} prod=payments.")
        if key in found:
            raise UsageError(f"{option} names {key!r} twice", "Give each once.")
        found[key] = rest
    return found


def today() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d")


def now() -> str:
    """The time in UTC as records write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tell(message: str) -> None:
    """Talk goes to stderr; stdout is for what was asked for."""
    print(message, file=sys.stderr)


def is_watched() -> bool:
    """Whether stderr is a terminal on which a line can be written over."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


@contextmanager
def written_over() -> Iterator[Callable[[str], None]]:
    """It gives what puts a line in place of the last one. None is left on the terminal, however it ends."""
    is_used = False

    def write(line: str) -> None:
        nonlocal is_used
        is_used = True  # first, since a Ctrl-C may come in between
        print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)

    try:
        yield write
    finally:
        if is_used:
            write("")


@contextmanager
def progress(what: str) -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """Within it a person who waits is told how far it is, in one line on a terminal.

    It gives what takes a verb, and gives what is told how many of how many.
    """
    since = time.monotonic() + PATIENCE if is_watched() else math.inf
    with written_over() as write:

        def tell_how_far(verb: str, done: int, of: int) -> None:
            if time.monotonic() >= since:
                write(f"{verb} {done:,} of {of:,} {what}")

        yield lambda verb: partial(tell_how_far, verb)


def changed_lines(changes: "Changes") -> list[str]:
    """`wrote PATH` and `deleted PATH`, sorted; many below one folder are counted, each verb for itself."""
    verbs = [(path, "deleted" if data is None else "wrote") for path, data in sorted(changes.items())]
    shown = [f"{verb} {path}" for path, verb in verbs if not path.startswith(COUNTED)]
    for folder in COUNTED:
        inside = Counter(verb for path, verb in verbs if path.startswith(folder))
        shown += [
            f"{verb} {counted(inside[verb], 'file')} below {folder}" for verb in ("wrote", "deleted") if inside[verb]
        ]
    return shown


def complete_api(context: typer.Context, incomplete: str) -> list[str]:
    """API names for shell completion, from the folder names alone."""
    folder = Path(context.find_root().params.get("directory") or ".").resolve()
    roots = (candidate for candidate in (folder, *folder.parents) if (candidate / "platform.yaml").is_file())
    apps = next(roots, folder) / "apps"
    if not apps.is_dir():
        return []
    return sorted(entry.name for entry in os.scandir(apps) if entry.name.startswith(incomplete) and entry.is_dir())

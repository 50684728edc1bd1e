"""Decide pending release requests on HEAD, one commit each. The core of `onboard release apply`, and of the bot."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from onboarding_tool import load, releases
from onboarding_tool.adapters.git_history import GitHistory
from onboarding_tool.adapters.git_repo import COMMIT_FIRST, GitRepo
from onboarding_tool.errors import ConflictError, OnboardingError, UsageError, WorldError
from onboarding_tool.findings import Finding
from onboarding_tool.history import Person
from onboarding_tool.model import PLATFORM_FILE, TEAMS_FILE, Repo, Request
from onboarding_tool.releases import Circumstances, Decision, Kind
from onboarding_tool.report import visible
from onboarding_tool.wording import counted, did_you_mean


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and the commit that holds it."""

    decision: Decision
    commit: str

    def line(self) -> str:
        decision = self.decision
        if decision.kind is Kind.APPLIED:
            said = decision.message.partition(": ")[2].partition("\n")[0]
        else:
            said = " ".join((decision.reason or "").split())
        return visible(f"{decision.request.path}: {decision.kind}: {said} ({self.commit[:12]})")


@dataclass(frozen=True, slots=True)
class Held:
    """A request about which nothing is decided until somebody mends what the finding says."""

    request: Request
    finding: Finding

    def line(self) -> str:
        found = self.finding
        place = "" if found.path == self.request.path else f"{found.path}:{found.line}: "
        return visible(f"{self.request.path}: not decided: {found.rule}: {place}{found.message}. {found.hint}".strip())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the requests, in the order of the decisions."""

    items: tuple[Decided | Held, ...]

    @property
    def complete(self) -> bool:
        """Whether every request was decided, refusals included."""
        return all(isinstance(item, Decided) for item in self.items)

    @property
    def decided(self) -> list[Decision]:
        return [item.decision for item in self.items if isinstance(item, Decided)]

    @property
    def applied(self) -> list[Decision]:
        """Those that move an image."""
        return [decision for decision in self.decided if decision.kind is Kind.APPLIED]

    def lines(self) -> Iterator[str]:
        if not self.items:
            yield "No release request is pending."
        for item in self.items:
            yield item.line()


def apply_all(
    git: GitRepo,
    requests: Sequence[str] | None = None,
    *,
    decided_at: Callable[[], str],
    tool_version: str,
    pipeline: str | None = None,
    tell: Callable[[Decided | Held], None] = lambda _: None,
) -> Outcome:
    """Decide every pending request, or those named by path or file name, in the order of their arrival.

    `tell` hears of each as it happens. Raises ConflictError if HEAD is detached, moves meanwhile, or a path to be
    written is dirty, and UsageError if a name is no pending request. What was decided before that stays.
    """
    git.finish_interrupted()
    branch, head = git.branch_and_head()
    if branch is None:
        raise ConflictError("HEAD is detached, so a release would belong to no branch", "`git switch main`.")
    actor = git.identity()
    if head is None:
        raise WorldError("there is no commit yet, so nothing is pending", COMMIT_FIRST)
    queue = _Queue(git, head, requests)
    done: list[Decided | Held] = []
    try:
        for path in queue.paths:
            item = queue.next(path, actor, decided_at, tool_version, pipeline)
            if item is not None:
                done.append(item)
                tell(item)
    except OnboardingError as error:
        if decided := sum(isinstance(item, Decided) for item in done):
            error.hint += f"\n{counted(decided, 'request')} had been decided before; that stays."
        raise
    return Outcome(tuple(done))


class _Queue:
    """The pending requests at HEAD, in order. Of the config repo only what concerns one request is read at a time."""

    def __init__(self, git: GitRepo, head: str, names: Sequence[str] | None) -> None:
        self._git = git
        self._head = head
        self._history: GitHistory = git.history(head)
        listed = [path for path in git.tree(head, below=("apps",)).paths() if load.REQUEST_PATH.fullmatch(path)]
        self._history.look_up(listed)
        chosen = listed if names is None else [_named(name, listed, git.root) for name in names]
        self.paths = sorted(set(chosen), key=lambda path: (self._position(path), path))

    def next(
        self, path: str, actor: Person, decided_at: Callable[[], str], tool_version: str, pipeline: str | None
    ) -> Decided | Held | None:
        """Decide one request as HEAD has it now; None if somebody decided it meanwhile."""
        head = self._follow()
        repo, found = self._load(head, path)
        request = next((one for api in repo.apis.values() for one in api.requests if one.path == path), None)
        if request is None:
            return None
        if objection := releases.held(repo, request, found):
            return Held(request, objection)
        decision = releases.decide(repo, request, Circumstances(actor, decided_at(), head, tool_version, pipeline))
        commit = self._git.commit(decision.changes, decision.message, head)
        self._history.follow(commit, decision.changes)
        self._head = commit
        return Decided(decision, commit)

    def _follow(self) -> str:
        """HEAD now. If it was not us who moved it, history is read anew."""
        head = self._git.head() or self._head
        if head != self._head:
            self._head, self._history = head, self._git.history(head)
        return head

    def _load(self, head: str, path: str) -> tuple[Repo, list[Finding]]:
        _, api, _, environment, _ = path.split("/")
        parts = ("metadata.yaml", "base", "overlays", f"requests/{environment}", f"releases/{environment}")
        concerned = [PLATFORM_FILE, TEAMS_FILE, *(f"apps/{api}/{part}" for part in parts)]
        tree = self._git.tree(head, below=concerned)
        repo, found = load.load(tree, only=[api])
        return replace(repo, history=self._history), found

    def _position(self, path: str) -> int:
        arrival = self._history.arrival(path)
        return arrival.position if arrival else 0


def _named(name: str, pending: Collection[str], root: Path) -> str:
    """The pending request that a word names: its path, or its file's name. Never a part of it.

    A path counts from the top of the config repo or from the current folder, as it is typed.
    """
    paths = {os.path.normpath(name), _from_here(name, root)}
    fitting = [path for path in pending if path in paths] or [path for path in pending if _file_name(path) == name]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(f"{name} could be {len(fitting)} requests", "\n".join(["Name its path:", *fitting]))
    otherwise = "Only committed requests are pending; `onboard api list` counts them."
    raise UsageError(f"{name} is no pending request", did_you_mean(name, pending, otherwise))


def _from_here(name: str, root: Path) -> str:
    """A path as typed in the current folder as one of the config repo; "" if it leads out of it."""
    typed = Path(name)
    whole = typed.parent.resolve() / typed.name
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else ""


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]

"""A change of the platform team's: judged by every rule as far as it reaches, and what it does to Kubernetes.

A change of a few APIs reaches those, their neighbours in a namespace, and what is generated for their tenants: nothing
else of the config repo is read but what every API declares, since a name, a host or a path may be taken. A change of
what all share is judged as `onboard check` judges the whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from onboarding_tool import load
from onboarding_tool.adapters import declarations, fleet, processes, renders
from onboarding_tool.adapters.cache import Cache, open_cache
from onboarding_tool.adapters.cached_renderer import CachedRenderer
from onboarding_tool.adapters.commit_tree import CommitTree, Entries
from onboarding_tool.adapters.diffing import Comparison
from onboarding_tool.adapters.files import ROOTS
from onboarding_tool.adapters.git_repo import MANY, GitRepo
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.adapters.watch import Watch
from onboarding_tool.checks import judging
from onboarding_tool.checks.rule import Scope
from onboarding_tool.diff_subjects import Subject, Touched, generated_apis, touched
from onboarding_tool.findings import Finding, Skipped
from onboarding_tool.gate.case import Case
from onboarding_tool.gate.judge import NO_HISTORY
from onboarding_tool.gate.reach import Reach, reach
from onboarding_tool.generators.layout import ROOT, app_folder, applications_folder, namespaces_folder, tenants_folder
from onboarding_tool.load import Depth
from onboarding_tool.model import (
    CODEOWNERS_FILE,
    GENERATED,
    POLICY_FILES,
    Api,
    Lifecycle,
    Outline,
    Part,
    Platform,
    Renders,
    Repo,
)
from onboarding_tool.render_diff import Effects, Mask, masked
from onboarding_tool.rendering import Rendering
from onboarding_tool.wording import counted

SHARED = (*POLICY_FILES, "components", ROOT, CODEOWNERS_FILE)
OF_ONE = (Scope.DECLARATION, Scope.API)
AT_ONCE = 25  # APIs whose effects are found out together

Found = tuple[Subject, Effects]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of the merged result. `told`: how many of their findings elsewhere the base has already."""

    verdict: judging.Verdict
    told: int = 0


@dataclass(frozen=True, slots=True)
class Beside:
    """The files of neighbours, what they declare, and what they bring, by their names."""

    files: Entries
    apis: Mapping[str, Api]
    outlines: Mapping[str, renders.Outlines]


class PlatformChange:
    """From the commit `base` to the merged tree `after`. `git` is in quarantine.

    `cached`: what earlier runs rendered of this repository may be believed. `jobs`: processes.
    """

    def __init__(self, git: GitRepo, base: str, after: str, case: Case, jobs: int, *, cached: bool) -> None:
        self._git = git
        self._base = base
        self._after = after
        self._sides = case.base, case.merged
        self._changed = frozenset(change.path for change in case.changes)
        self._today = case.base.today
        self._jobs = jobs
        self._cached = cached
        reached = reach(self._changed, ROOTS)
        self._reach = reached if reached and len(reached.apis) <= MANY else None
        self._neighbours: set[str] = set()  # whose objects may be those of the reached APIs, too
        self._memory = Cache(Path(":memory:"), self._today)  # judged and compared are the same renders

    def judge(self, renderer: Renderer, watch: Watch) -> Judgement:
        """What is wrong in what the change reaches; of what lies elsewhere, only what is new."""
        if self._reach is None:
            return Judgement(self._judge_all(watch))
        after = self._judge_few(self._after, self._reach, renderer)
        elsewhere = [finding for finding in after.findings if not self._reaches(finding)]
        if not elsewhere:
            return Judgement(after)
        before = self._judge_few(self._base, self._reach, renderer)
        known = {finding.placeless for finding in before.findings}
        told = {finding for finding in elsewhere if finding.placeless in known}
        return Judgement(replace(after, findings=tuple(one for one in after.findings if one not in told)), len(told))

    def _reaches(self, finding: Finding) -> bool:
        return finding.path in self._changed or (self._reach is not None and self._reach.holds(finding.path))

    # All of it

    def _judge_all(self, watch: Watch) -> judging.Verdict:
        tree = self._git.tree(self._after)
        wish = fleet.Wish(self._source(self._after), self._today, cached=self._cached)
        number = counted(len(tree.folders("apps")), "API")
        watch.tell(f"It touches what {number} share, so all of them are judged, as `onboard check` does.")
        return fleet.check(tree, wish, None, NO_HISTORY, self._jobs, watch.progress("judged"))

    def _source(self, revision: str) -> fleet.Source:
        return fleet.Source(self._git.root, revision, self._git.objects)

    # A few APIs

    def _judge_few(self, revision: str, reached: Reach, renderer: Renderer) -> judging.Verdict:
        rendering = CachedRenderer(renderer, self._memory)
        declared = self._git.tree(revision, POLICY_FILES, declarations=True)
        apis, found = self._declared(revision, declared)
        policy, of_policy = load.load(declared, ())
        names = sorted(reached.apis)
        tenants = self._tenants | {apis[name].tenant for name in reached.apis & apis.keys()} - {""}
        places = frozenset(self._places(names, tenants))
        files = {**declared.entries(""), **self._git.tree(revision, (*SHARED, *places, *self._of_github())).entries("")}
        policy = replace(
            policy,
            tree=CommitTree(self._git.contents, files),
            today=self._today,
            no_history=NO_HISTORY,
            part=Part(tenants, places | {ROOT, CODEOWNERS_FILE}),
        )
        judged = fleet.judge(policy, names, fleet.Wish(self._source(revision), self._today, cached=False), rendering)
        if revision == self._base or self._bring_others(judged, rendering):
            self._neighbours |= neighbours(apis, policy.platform, names)
        beside = self._beside(revision, policy, rendering)
        files |= {path: entry for path, entry in beside.files.items() if path.startswith("apps/")}
        policy = replace(policy, tree=CommitTree(self._git.contents, files))
        findings = {*of_policy, *found, *judged.beside, *fleet.of_requests(policy, names)}
        findings.update(finding for one in judged.judged for finding in (*one.findings, *one.renders.findings))
        outlines = {**beside.outlines, **{one.api.name: one.renders.outlines for one in judged.judged}}
        repo = replace(
            policy,
            apis={**apis, **beside.apis, **{one.api.name: one.api for one in judged.judged}},
            sound=policy.sound and not found,
            renders=None if judged.not_rendered else Renders(outlines=_flat(outlines)),
            not_rendered=judged.not_rendered,
        )
        # What one API declares is not judged where nothing is generated anew.
        of_tenants = {name: api for name, api in repo.apis.items() if name in reached.apis or api.tenant in tenants}
        few = replace(repo, apis=of_tenants)
        skipped: set[Skipped] = set()
        for scope in (Scope.DECLARATION, Scope.METADATA, Scope.API, Scope.EVERYTHING):
            said = judging.run(few if scope in OF_ONE else repo, findings, frozenset({scope}), in_parts=True)
            findings = set(said.findings)
            skipped.update(said.skipped)
        return judging.Verdict(tuple(sorted(findings)), tuple(sorted(skipped)))

    def _bring_others(self, judged: fleet.Part, rendering: Rendering) -> bool:
        """Whether the reached APIs bring other objects than before, or select others: only then may it concern a
        neighbour.
        """
        after = {one.api.name: one.renders.outlines for one in judged.judged}
        tree = self._git.tree(self._base, (*SHARED, *self._places(list(after), ())))
        apis, _ = load.apis(tree, after)
        return after != renders.outlines(replace(self._sides[0], tree=tree, apis=apis), rendering)

    def _beside(self, revision: str, policy: Repo, rendering: Rendering) -> Beside:
        if not self._neighbours:
            return Beside({}, {}, {})
        tree = self._git.tree(revision, (*SHARED, *self._places(sorted(self._neighbours), ())))
        apis, _ = load.apis(tree, self._neighbours)
        brought = renders.outlines(replace(policy, tree=tree, apis=apis), rendering)
        return Beside(tree.entries(""), {name: fleet.declared(api) for name, api in apis.items()}, brought)

    def _declared(self, revision: str, tree: CommitTree) -> tuple[dict[str, Api], list[Finding]]:
        """What every API declares, and what is wrong with their metadata."""
        opened = partial(_opened, self._source(revision), tree.entries("apps"))
        return declarations.of_each(
            declarations.DECLARED,
            lambda: tree,
            self._git.root,
            self._today,
            self._jobs,
            cached=self._cached,
            opened=opened,
        )

    @cached_property
    def _tenants(self) -> frozenset[str]:
        """Those for which something is generated differently, or whose the APIs were before."""
        assert self._reach is not None
        names = self._reach.apis
        tree = self._git.tree(self._base, [f"apps/{name}/metadata.yaml" for name in names])
        apis, _ = load.apis(tree, names, Depth.METADATA)
        return self._reach.tenants | {api.tenant for api in apis.values()} - {""}

    def _places(self, names: Iterable[str], tenants: Iterable[str]) -> Iterator[str]:
        """The folders of APIs, and the files and folders that are generated for them and for tenants."""
        yield from (f"apps/{name}" for name in names)
        for environment in self._environments:
            yield from (app_folder(environment, name) for name in names)
            for tenant in tenants:
                yield applications_folder(environment, tenant)
                yield namespaces_folder(environment, tenant)
                yield f"{tenants_folder(environment)}/{tenant}.yaml"

    @cached_property
    def _environments(self) -> tuple[str, ...]:
        """Those of platform.yaml, and those that are generated without standing there."""
        declared = {name for side in self._sides for name in side.platform.environments}
        return tuple(sorted(declared.union(*(self._git.folders(one, GENERATED) for one in (self._base, self._after)))))

    def _of_github(self) -> Iterator[str]:
        return (path for path in self._changed if path.startswith(".github/"))

    # Effects

    def effects(self, renderer: Renderer, secret: bytes, watch: Watch) -> Iterator[Found]:
        """What becomes of each API, Application, namespace and tenant that may be concerned."""
        about = touched(self._changed)
        if self._reach is not None:
            places = (*SHARED, *self._places(about.apis, self._tenants))
            before, after = (self._git.tree(commit, places) for commit in (self._base, self._after))
            compared = self._comparison(before, after, self._changed, about)
            yield from compared.effects(CachedRenderer(renderer, self._memory), partial(masked, secret))
            return
        before, after = (self._git.tree(commit) for commit in (self._base, self._after))
        plain = self._comparison(before, after, self._changed, replace(about, apis=frozenset(), components=False))
        yield from plain.effects(renderer, partial(masked, secret))
        names = set(about.apis)
        if about.components:
            both = (generated_apis(tree, self._environments) for tree in (before, after))
            names.update(subject.name for some in both for subject in some)
        yield from self._in_parts(sorted(names), secret, watch)

    def _comparison(self, before: CommitTree, after: CommitTree, changed: frozenset[str], about: Touched) -> Comparison:
        return Comparison(self._base, self._after, before, after, changed, about, self._environments, None)

    def _in_parts(self, names: Sequence[str], secret: bytes, watch: Watch) -> Iterator[Found]:
        of_api: dict[str, list[str]] = {}
        for path in self._changed:
            of_api.setdefault(next(iter(touched([path]).apis), ""), []).append(path)
        shared = of_api.pop("", [])
        parts = [
            (part, frozenset((*shared, *(path for name in part for path in of_api.get(name, ())))))
            for part in processes.in_parts(names, AT_ONCE)
        ]
        sides = self._source(self._base), self._source(self._after)
        make = partial(_comparing, sides, self._environments, secret, self._today, self._cached)
        progress = watch.progress("compared")
        for done, found in enumerate(processes.each(parts, self._jobs, make), start=1):
            yield from found
            progress(min(done * AT_ONCE, len(names)), len(names))


def neighbours(apis: Mapping[str, Api], platform: Platform, names: Iterable[str]) -> set[str]:
    """The APIs that live in a namespace with one of these."""
    chosen = set(names)
    homes = {home for name in chosen & apis.keys() for home in _homes(apis[name], platform)}
    return {name for name, api in apis.items() if name not in chosen and not homes.isdisjoint(_homes(api, platform))}


def _homes(api: Api, platform: Platform) -> Iterator[tuple[str, str]]:
    """(cluster, namespace)."""
    if api.lifecycle is not Lifecycle.REMOVED:
        yield from filter(None, (platform.place(api, name) for name in api.environments))


def _flat(outlines: Mapping[str, renders.Outlines]) -> dict[tuple[str, str], tuple[Outline, ...]]:
    return {(name, environment): items for name, some in outlines.items() for environment, items in some.items()}


# What processes do


def _opened(source: fleet.Source, entries: Entries) -> CommitTree:
    return CommitTree(source.git().contents, entries)


@contextmanager
def _comparing(
    sides: tuple[fleet.Source, fleet.Source],
    environments: tuple[str, ...],
    secret: bytes,
    today: str,
    cached: bool,
    jobs: int,
) -> Iterator[Callable[[tuple[Sequence[str], frozenset[str]]], list[Found]]]:
    before, after = (side.git().tree(side.commit) for side in sides)
    cache = open_cache(sides[0].root, today) if cached else None
    mask: Mask = partial(masked, secret)

    with cache or nullcontext(), Renderer(jobs) as renderer:
        rendering: Rendering = CachedRenderer(renderer, cache) if cache else renderer

        def work(part: tuple[Sequence[str], frozenset[str]]) -> list[Found]:
            names, changed = part
            about = Touched(frozenset(names), components=False, plain={})
            compared = Comparison(sides[0].commit, sides[1].commit, before, after, changed, about, environments, None)
            return [(subject, effects) for subject, effects in compared.effects(rendering, mask) if effects]

        yield work

"""The gate at work: git merges, the renderer shows what becomes of it, and the rules judge both."""

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from onboarding_tool import __version__, diff_words, load
from onboarding_tool.adapters import merging, renders
from onboarding_tool.adapters.beside import objects_beside
from onboarding_tool.adapters.cache import Cache
from onboarding_tool.adapters.cached_renderer import CachedRenderer
from onboarding_tool.adapters.files import ROOTS
from onboarding_tool.adapters.git_repo import MANY, GitRepo
from onboarding_tool.adapters.merging import Merged
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.adapters.watch import UNWATCHED, Watch
from onboarding_tool.checks import (
    judging,
    path_case_collision,
    path_mode_forbidden,
    path_not_ascii,
    rendered_object_claimed_twice,
)
from onboarding_tool.checks.facts.excepted import is_silenced
from onboarding_tool.checks.facts.written import living
from onboarding_tool.checks.rule import Scope
from onboarding_tool.diff_subjects import Subject, SubjectKind
from onboarding_tool.errors import WorldError
from onboarding_tool.findings import Finding, Severity, Who
from onboarding_tool.gate import judge, quota, requests
from onboarding_tool.gate.author import Author
from onboarding_tool.gate.case import Case, Granted, Kind
from onboarding_tool.gate.change import Change, apis
from onboarding_tool.gate.levels import restarts
from onboarding_tool.gate.rules import (
    change_too_large,
    landed_otherwise,
    mass_change,
    merge_conflict,
    merge_depends_on_renames,
    request_not_plain,
    retirement_skipped,
    secret_added,
)
from onboarding_tool.gate.verdict import Verdict
from onboarding_tool.model import GENERATED, PLATFORM_FILE, POLICY_FILES, TEAMS_FILE, Object, Repo
from onboarding_tool.render_diff import Effects, Identity, compare_renders, identity_of, masked
from onboarding_tool.rendering import Form, Rendered, Rendering, explained, render_request, rendered_objects
from onboarding_tool.tree import EXECUTABLE, REGULAR, SUBMODULE, Tree
from onboarding_tool.versions import is_newer
from onboarding_tool.wording import counted, listed

PATH_RULES = (path_mode_forbidden, path_not_ascii, path_case_collision)
MOST_EFFECTS = 50  # sentences of a platform change


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be judged: two commits, and who asks. `today` is YYYY-MM-DD; `jobs` are processes; `cached` tells
    whether what earlier runs rendered may be believed.
    """

    base: str
    head: str
    author: Author | None
    today: str
    jobs: int = 1
    cached: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one API in one environment. `before`, `after`: the objects that are made."""

    subject: Subject
    effects: Effects
    before: tuple[Object, ...]
    after: tuple[Object, ...]


def landed(git: GitRepo, commit: str, verdict: Verdict) -> Verdict:
    """The verdict on what was merged, with what the commit that landed holds beside it."""
    paths = sorted(merging.differing(git, verdict.tree, commit)) if verdict.tree else []
    found = (*verdict.findings, *landed_otherwise.findings(commit, paths))
    return replace(verdict, findings=tuple(sorted(set(found))))


def verdict(git: GitRepo, asked: Asked, renderer: Renderer, watch: Watch = UNWATCHED) -> Verdict:
    """What the gate says. `git` is in quarantine. Raises WorldError where the clone has too little to tell."""
    merged = merging.merged(git, asked.base, asked.head)
    changes = tuple(Change(path, old[0], new[0]) for path, (old, new) in sorted(merged.changes.items()))
    names = apis(changes)
    below = _below(git, asked.base, names)
    before = git.tree(asked.base, below)
    policy = _policy(before, asked.today)
    base = _with_apis(policy, before, names)
    case = Case(base, base, changes, asked.author)
    kind = judge.kind_of(case)
    if not base.platform.read or not base.teams_read:
        raise WorldError(
            f"{PLATFORM_FILE} or {TEAMS_FILE} cannot be read at the base {asked.base[:12]}",
            "Nothing can be judged by them: mend the base first, `onboard check` says how.",
        )
    about = Verdict(
        kind,
        asked.base,
        asked.head,
        merged.tree,
        tuple(names),
        judge.level_of(case, names[0]).name if kind is Kind.TENANT and len(names) == 1 else "",
        asked.author.name if asked.author else "",
        approvals=judge.approvals(case, kind),
        notes=()
        if asked.author or kind is Kind.NOTHING
        else ("who asks is not known, so whose the files are was not judged",),
    )
    first = [*merge_conflict.findings(merged.conflicts), *merge_depends_on_renames.findings(merged.guessed)]
    if not first:
        first = [*judge.of_paths(case, kind), *change_too_large.check(case, kind, _sizes(git, merged))]
    if not first and kind is Kind.REQUEST:
        first = [finding for change in changes for finding in _unplain(git, merged, change.path)]
    if not first:
        first = [finding for finding in _secrets(git, merged) if not is_silenced(finding, base)]
    if first or kind is Kind.NOTHING:
        return replace(about, findings=tuple(sorted(set(first))))
    after = git.tree(merged.tree, below)
    if any(change.path in POLICY_FILES for change in changes):
        policy = _policy(after, asked.today)
    case = replace(case, merged=_with_apis(policy, after, names))
    about = replace(about, notes=(*about.notes, *_out_of_step(case)))
    if kind is Kind.REQUEST:
        return _of_requests(git, case, about, renderer)
    if kind is Kind.TENANT:
        return _of_tenant(git, case, about, renderer)
    return _of_platform(git, asked, merged, case, about, renderer, watch)


def _out_of_step(case: Case) -> Iterator[str]:
    """That it is the base that is refused. The rules blame platform.yaml, which whoever asks has not touched."""
    pinned = case.base.platform.tool_version
    if pinned in ("", __version__) or case.merged.platform.tool_version != pinned:
        return
    said = f"the base is made with version {pinned} of the tool, and this is {__version__}"
    if is_newer(pinned, __version__):
        yield f"{said}: nothing is accepted by it; judge this by {pinned}"
    else:
        yield f"{said}: nothing is accepted until the platform team has merged `onboard upgrade`; then judge this anew"


def _below(git: GitRepo, base: str, names: Sequence[str]) -> Collection[str]:
    """The files and folders that are read of a change of a few APIs."""
    if len(names) > MANY:
        return ROOTS
    environments = git.folders(base, GENERATED)
    delivered = (f"{GENERATED}/{environment}/apps/{name}" for environment in environments for name in names)
    own = (f"apps/{name}" for name in names)
    return (*POLICY_FILES, "components", *own, *delivered)


def _policy(tree: Tree, today: str) -> Repo:
    """The repo without its APIs."""
    return replace(load.load(tree, ())[0], today=today)


def _with_apis(policy: Repo, tree: Tree, names: Collection[str]) -> Repo:
    found_apis, found = load.apis(tree, names)
    sound = policy.sound and not any(load.is_declaration(finding.path) for finding in found)
    return replace(policy, tree=tree, apis=found_apis, sound=sound)


def _sizes(git: GitRepo, merged: Merged) -> dict[str, int]:
    names = {path: new[1] for path, (_, new) in merged.changes.items() if new[0] not in (0, SUBMODULE)}
    return dict(zip(names, git.sizes(list(names.values())), strict=True))


def _unplain(git: GitRepo, merged: Merged, path: str) -> Iterator[Finding]:
    mode, content = merged.changes[path][1]
    if mode in (REGULAR, EXECUTABLE):
        yield from request_not_plain.check(path, git.content(content))


def _secrets(git: GitRepo, merged: Merged) -> Iterator[Finding]:
    """In what would be added to files that people write. The same change of many files is looked at once."""
    known: dict[tuple[str, ...], list[Finding]] = {}
    for path, (old, new) in sorted(merged.changes.items()):
        if new[0] in (REGULAR, EXECUTABLE) and not path.startswith(f"{GENERATED}/"):
            names = tuple(name for mode, name in (new, old) if mode in (REGULAR, EXECUTABLE))
            if names not in known:
                after, *before = git.contents(names)
                known[names] = list(secret_added.check(path, b"".join(before), after))
            yield from (replace(finding, path=path) for finding in known[names])


# Release requests


def _of_requests(git: GitRepo, case: Case, about: Verdict, renderer: Renderer) -> Verdict:
    (name,) = about.apis
    plan = requests.plan(_with_history(git, case, about.base, name), name)
    about = _judged(case, about)
    found = [*about.findings, *plan.findings]
    sentences = []
    unchanged = {one.request.environment for one in plan.granted}
    for effect in _effects(plan.before.tree, plan.after.tree, name, sorted(unchanged), renderer, both=False):
        unchanged.discard(effect.subject.environment)
        found += requests.elsewhere(plan.granted, effect.subject.environment, effect.effects)
        alone = not any(finding.severity is Severity.ERROR for finding in found)
        sentences.append(_sentence(effect, plan.granted, alone=alone))
    for environment in unchanged:
        found += requests.elsewhere(plan.granted, environment, Effects())
    notes = [*about.notes, *_queue(plan.granted)]
    found += requests.unjudged(case, plan, found)
    return replace(about, effects=tuple(sentences), notes=tuple(notes), findings=tuple(sorted(set(found))))


def _with_history(git: GitRepo, case: Case, base: str, name: str) -> Case:
    """With the base's history where requests of this API wait in a queue: it alone tells which of them came first."""
    added = {change.path for change in case.changes}
    queues = {item.name for item in case.merged.platform.environments.values() if item.requests == "queue"}
    waits = (one for one in case.merged.apis[name].requests if one.path not in added)
    if not any(one.environment in queues for one in waits):
        return case
    return replace(case, merged=replace(case.merged, history=git.history(base)))


def _queue(granted: Iterable[Granted]) -> Iterator[str]:
    for one in granted:
        name = one.request.path.rpartition("/")[2]
        if one.after:
            yield f"{name} is decided after {listed(one.after)}"
        if one.supersedes:
            yield f"{name} supersedes {listed(one.supersedes)}"


def _sentence(effect: Effect, granted: Iterable[Granted], *, alone: bool) -> str:
    """`payments prod: image app v1.9.3 -> v2.0.0; 2 replicas roll; nothing else changes`."""
    there = [one for one in granted if one.request.environment == effect.subject.environment]
    deployments = {deployment for one in there for deployment, _ in one.bump.slot}
    rolling = sum(_replicas(effect.after, name) for name in deployments)
    parts = [_said(effect), f"{counted(rolling, 'replica')} {'rolls' if rolling == 1 else 'roll'}"]
    return "; ".join([*parts, *(["nothing else changes"] if alone else [])])


def _replicas(objects: Sequence[Object], deployment: str) -> int:
    """Those that Kubernetes keeps at least."""
    scaled = quota.autoscaler(objects, "Deployment", deployment)
    if scaled:
        told = scaled.get("spec", "minReplicas")
    else:
        found = (item for item in objects if (item.kind, item.name) == ("Deployment", deployment))
        told = next((item.get("spec", "replicas") for item in found), None)
    return told if isinstance(told, int) else 1


# A team's own changes


def _of_tenant(git: GitRepo, case: Case, about: Verdict, renderer: Renderer) -> Verdict:
    (name,) = about.apis
    level, path = judge.level_of(case, name), case.changes[0].path
    everywhere = sorted({*case.base.apis[name].environments, *judge.environments(case)})
    if too_large := tuple(change_too_large.of_api(case, name)):
        return replace(about, findings=too_large)
    # Judged and compared are the same renders, and most are the same on both sides.
    remembering = CachedRenderer(renderer, Cache(Path(":memory:"), case.base.today))
    about = _judged(case, about, remembering)
    platform = case.base.platform

    @cache  # an overlay and what is generated around it are two effects of one environment
    def beside(environment: str) -> tuple[Object, ...]:
        return tuple(objects_beside(git, about.tree, platform, case.base.apis[name], environment, remembering))

    found, sentences = list(about.findings), []
    for effect in _effects(case.base.tree, case.merged.tree, name, everywhere, remembering, both=True):
        environment = effect.subject.environment
        at = next((change.path for change in case.changes if f"/overlays/{environment}/" in change.path), path)
        found += level.judge(name, environment, at, effect.effects)
        if asked := quota.growth(platform.quota, effect.before, effect.after):
            found += quota.judge(platform.quota, environment, at, asked, beside(environment))
        if renamed := {item.identity for item in effect.effects.objects if item.is_renamed}:
            found += _taken(renamed, environment, at, beside(environment))
        if effect.effects:
            sentences.append(_said(effect))
            if rolled := sorted(set(restarts(effect.effects))):
                sentences[-1] += f"; the pods of {listed(rolled)} are replaced"
    effects = tuple(dict.fromkeys(sentences)) or ("nothing that Kubernetes receives changes",)
    return replace(about, effects=effects, findings=tuple(sorted(set(found))))


def _taken(renamed: Collection[Identity], environment: str, path: str, beside: Iterable[Object]) -> Iterator[Finding]:
    """Generated objects whose new name is that of another API's object: its pods would read what this one says."""
    others = {identity_of(item): item.path for item in beside}
    for identity in sorted(others.keys() & renamed):
        problem = f"{identity.kind} {identity.name} is brought in {environment} by {others[identity]} too"
        hint = "Leave its name as it was; the platform team can give it one that begins with the API's."
        yield Finding(path, 1, 1, rendered_object_claimed_twice.RULE, problem, hint, who=Who.APP_TEAM)


def _judged(case: Case, about: Verdict, renderer: CachedRenderer | None = None) -> Verdict:
    """With what the rules about one API find in the merged result, and not in the base already. What they cannot judge
    is told: a broken base is no reason to believe in what is built on it.
    """
    (name,) = about.apis
    before, after = (_of_rules(repo, name, renderer) for repo in (case.base, case.merged))
    told = {finding.placeless for finding in before.findings}
    new = (finding for finding in after.findings if finding.placeless not in told)
    return replace(about, findings=tuple(new), skipped=after.skipped)


def _of_rules(repo: Repo, name: str, renderer: CachedRenderer | None) -> judging.Verdict:
    _, found = load.apis(repo.tree, [name])
    of_paths = (finding for rule in PATH_RULES for finding in rule.check(repo))
    inside = [finding for finding in (*found, *of_paths) if finding.path.startswith(f"apps/{name}/")]
    repo = replace(repo, no_history=judge.NO_HISTORY, not_rendered=judge.NO_HISTORY)
    judged = judging.run(repo, inside, frozenset({Scope.DECLARATION, Scope.API}))
    skipped = tuple(one for one in judged.skipped if one.reason != judge.NO_HISTORY)
    rendered = renders.parts(repo, living(repo), renderer) if renderer else ()
    of_renders = (finding for part in rendered for finding in judging.judge_renders(part))
    return judging.Verdict(
        (*judged.findings, *(finding for finding in of_renders if not is_silenced(finding, repo))), skipped
    )


# Platform changes


def _of_platform(
    git: GitRepo, asked: Asked, merged: Merged, case: Case, about: Verdict, renderer: Renderer, watch: Watch
) -> Verdict:
    """Every rule as far as the change reaches, and what changes in Kubernetes."""
    from onboarding_tool.adapters.platform_change import PlatformChange  # what judges fleets, and takes long to load

    change = PlatformChange(git, asked.base, merged.tree, case, asked.jobs, cached=asked.cached())
    judged = change.judge(renderer, watch)
    struck = mass_change.Struck()
    groups = diff_words.group(struck.counted(change.effects(renderer, secrets.token_bytes(32), watch)))
    effects = [f"{diff_words.heading(group)}: {diff_words.sentence(group)}" for group in groups]
    if len(effects) > MOST_EFFECTS:
        effects[MOST_EFFECTS:] = [f"and {len(effects) - MOST_EFFECTS} more; `onboard diff` lists all"]
    skipped = tuple(one for one in judged.verdict.skipped if one.reason != judge.NO_HISTORY)
    told = f"{counted(judged.told, 'finding')} elsewhere, which the base has too, left out: `onboard check` lists them"
    return replace(
        about,
        effects=tuple(effects) or ("nothing that Kubernetes receives changes",),
        notes=(*about.notes, *([told] if judged.told else [])),
        findings=tuple(
            sorted((*judged.verdict.findings, *mass_change.check(case.base, struck), *retirement_skipped.check(case)))
        ),
        skipped=skipped,
    )


# Effects


def _effects(
    before: Tree,
    after: Tree,
    name: str,
    environments: Iterable[str],
    renderer: Rendering,
    *,
    both: bool,
) -> Iterator[Effect]:
    """What Argo CD reads of an API, else its overlay, on both sides; with `both` the overlay, too. What is made of the
    same files is left out.
    """
    wanted: list[tuple[Subject, str]] = []
    for environment in environments:
        subject = Subject(SubjectKind.API, name, environment)
        is_delivered = any(tree.has_folder(subject.folder) for tree in (before, after))
        wanted += [(subject, subject.folder)] if is_delivered else []
        wanted += [(subject, f"apps/{name}/overlays/{environment}")] if both or not is_delivered else []
    sides = {folder: [render_request(tree, folder, Form.OBJECTS) for tree in (before, after)] for _, folder in wanted}
    differing = [(subject, folder) for subject, folder in wanted if sides[folder][0].files != sides[folder][1].files]
    made = renderer.render(request for _, folder in differing for request in sides[folder])
    mask = partial(masked, secrets.token_bytes(32))
    for subject, folder in differing:
        old, new = (_side(tree, folder, next(made)) for tree in (before, after))
        objects = (rendered_objects(side) if side else () for side in (old, new))
        yield Effect(subject, compare_renders(old, new, mask), *objects)


def _side(tree: Tree, folder: str, made: Rendered) -> Rendered | None:
    """None for a folder that is not there."""
    return explained(tree, made) if tree.has_folder(folder) else None


def _said(effect: Effect) -> str:
    groups = diff_words.group([(effect.subject, effect.effects)])
    if not groups:
        return f"{effect.subject.label}: nothing changes"
    return f"{diff_words.heading(groups[0])}: {diff_words.sentence(groups[0])}"

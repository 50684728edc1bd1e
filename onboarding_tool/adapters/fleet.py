"""A whole config repo judged part by part, by as many processes as there are cores.

What a part is made of is forgotten once it is judged: in the end there are the declarations of every API, the outlines
of its renders, and findings. The rules that look at more than one API judge those. An API whose files are those of an
earlier run, judged by the same policy and the same code, is not judged again.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

from onboarding_tool import load
from onboarding_tool.adapters import processes, renders
from onboarding_tool.adapters.cache import Cache, open_cache
from onboarding_tool.adapters.cached_renderer import CachedRenderer
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.adapters.memory import Keys, Memory, policy_state
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.adapters.watch import Progress, untold
from onboarding_tool.checks import judging, kustomization_path_escapes
from onboarding_tool.checks.judging import Verdict
from onboarding_tool.errors import WorldError
from onboarding_tool.findings import Finding
from onboarding_tool.generators.layout import app_folder
from onboarding_tool.history import History
from onboarding_tool.model import Api, Kustomization, Renders, Repo
from onboarding_tool.rendering import Rendering
from onboarding_tool.tree import Tree

AT_ONCE = judging.AT_ONCE  # APIs of a part
WORTH_IT = 100  # APIs; fewer are judged before another process has started


@dataclass(frozen=True, slots=True)
class Source:
    """Where the files are: in a folder, or in a commit or tree of the repository around it. `objects`: where git finds
    more of them than in the repository. Each process reads for itself.
    """

    root: Path
    commit: str = ""
    objects: Path | None = None

    def tree(self) -> Tree:
        return self.git().tree(self.commit) if self.commit else FolderTree(self.root)

    def git(self) -> GitRepo:
        git = GitRepo.open(self.root, bare=True)
        return git.writing_to(self.objects) if self.objects else git


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be judged, and how. `not_rendered`: why nothing is rendered; "" if it is."""

    source: Source
    today: str
    not_rendered: str = ""
    cached: bool = True

    @property
    def cache(self) -> Cache | None:
        """What earlier runs found out of this folder."""
        return open_cache(self.source.root, self.today) if self.cached else None


@dataclass(frozen=True, slots=True)
class Judged:
    """An API that was judged, without the files that nobody looks at any more.

    `sound`: its metadata.yaml could be read and fits its schema. `lasting`: nothing had a say but its own files, what
    is generated for it, and the platform's files. One with requests is judged by who has the history.
    """

    api: Api
    findings: tuple[Finding, ...]
    renders: renders.Judged
    sound: bool
    lasting: bool


@dataclass(frozen=True, slots=True)
class Part:
    """Some APIs that were judged. `beside`: findings in files that are no API's among them. `keys`: by what the
    lasting ones are found again.
    """

    judged: tuple[Judged, ...]
    beside: frozenset[Finding] = frozenset()
    not_rendered: str = ""
    keys: Mapping[str, bytes] = field(default_factory=dict)


def check(
    tree: Tree,
    wish: Wish,
    history: History | None,
    no_history: str,
    jobs: int,
    progress: Progress = untold,
    indexed: Callable[[], Tree] | None = None,
) -> Verdict:
    """Every rule over the repo. `progress` is told how many APIs are judged, of how many.

    `indexed`: how to get the same tree as git's index knows it, which takes a while.
    """
    cache = wish.cache
    with cache or nullcontext(), ExitStack() as stack:

        def begun(names: Sequence[str]) -> Iterator[Part]:
            return stack.enter_context(closing(_parts(names, wish, jobs)))

        parts: Iterator[Part] | None = None
        if indexed and cache and (unknown := _unknown(wish, cache)):
            parts = begun(unknown)  # nobody has to find out first what is unchanged
        tree = indexed() if indexed else tree
        names = tree.folders("apps")
        policy, found = load.load(tree, ())
        policy = replace(policy, today=wish.today, history=history, no_history=no_history)
        if cache:
            memory = _memory(policy, wish, cache)
            known = {} if parts else memory.known(names)
            parts = _kept(memory, known, parts or begun([name for name in names if name not in known]))
        parts = parts or begun(names)
        found = [*found, *of_requests(policy, names)]  # while other processes judge what asks nothing
        return verdict(policy, found, _told(parts, len(names), progress), wish.not_rendered)


def _told(parts: Iterable[Part], all_: int, progress: Progress) -> Iterator[Part]:
    done = 0
    for part in parts:
        yield part
        done += len(part.judged)
        progress(done, all_)


def verdict(policy: Repo, found: Iterable[Finding], parts: Iterable[Part], not_rendered: str) -> Verdict:
    """What the parts say together. `policy`: the repo without its APIs; `found`: what loading it found, and
    `of_requests` did.
    """
    judged: dict[str, Judged] = {}
    findings = set(found)
    for part in parts:
        judged |= {one.api.name: one for one in part.judged}
        findings |= part.beside
        not_rendered = not_rendered or part.not_rendered
    ordered = [judged[name] for name in sorted(judged)]
    findings.update(finding for one in ordered for finding in (*one.findings, *one.renders.findings))
    outlines = {(one.api.name, name): items for one in ordered for name, items in one.renders.outlines.items()}
    repo = replace(
        policy,
        apis={one.api.name: one.api for one in ordered},
        sound=policy.sound and all(one.sound for one in ordered),
        renders=None if not_rendered else Renders(outlines=outlines),
        not_rendered=not_rendered,
    )
    return judging.run(repo, findings, in_parts=True)


def of_requests(policy: Repo, names: Iterable[str]) -> set[Finding]:
    """What the rules about single APIs find in those that have requests: they ask the history, which no part has."""
    maybe = (name for name in names if policy.tree.has_folder(f"apps/{name}/requests"))
    asking = {name: api for name, api in load.apis(policy.tree, maybe)[0].items() if api.requests}
    if policy.history:
        policy.history.look_up([request.path for api in asking.values() for request in api.requests])
    return judging.judge_part(replace(policy, apis=asking))


def _unknown(wish: Wish, cache: Cache) -> list[str]:
    """The APIs of the folder if, as it seems, nothing is known of any."""
    tree = FolderTree(wish.source.root)
    policy = replace(load.load(tree, ())[0], today=wish.today)
    names = tree.children("apps")
    return [] if _memory(policy, wish, cache).knows_any(names) else names


def _memory(policy: Repo, wish: Wish, cache: Cache) -> Memory[Judged]:
    return Memory(cache, Judged, _keys(policy, wish, policy_state(policy)))


def _kept(memory: Memory[Judged], known: Mapping[str, Judged], parts: Iterable[Part]) -> Iterator[Part]:
    """What earlier runs judged, then the other parts, which later runs shall know."""
    yield Part(tuple(known.values()))
    for part in parts:
        yield part
        memory.keep((part.keys[one.api.name], one) for one in part.judged if one.api.name in part.keys)
    memory.save()


def _keys(policy: Repo, wish: Wish, state: str) -> Keys:
    """`state`: of the policy."""
    environments = () if wish.not_rendered else tuple(policy.platform.environments)

    def places(name: str) -> Iterator[str]:
        return chain((f"apps/{name}",), (app_folder(environment, name) for environment in environments))

    return Keys(Judged, policy.tree, places, f"{not wish.not_rendered} {state}")


def _parts(names: Sequence[str], wish: Wish, jobs: int) -> Generator[Part, None, None]:
    size = AT_ONCE if len(names) >= WORTH_IT else WORTH_IT
    return processes.each(processes.in_parts(names, size), jobs, partial(_judging, wish))


@contextmanager
def _judging(wish: Wish, jobs: int) -> Iterator[Callable[[Sequence[str]], Part]]:
    """A process reads a tree of its own, and has a renderer of its own."""
    policy, _ = load.load(wish.source.tree(), ())
    policy = replace(policy, today=wish.today)
    state = policy_state(policy) if wish.cached else ""
    keys = _keys(policy, wish, state) if wish.cached else None

    def work(names: Sequence[str]) -> Part:
        part = judge(policy, names, wish, renderer)
        if keys is None or (part.not_rendered and not wish.not_rendered) or state != policy_state(policy):
            return part
        return replace(part, keys={one.api.name: keys.of(one.api.name) for one in part.judged if one.lasting})

    with Renderer(jobs) as renderer:
        yield work


def judge(policy: Repo, names: Iterable[str], wish: Wish, renderer: Rendering) -> Part:
    """Some APIs by the rules that look at one API, and at the renders of one. `policy`: the repo without its APIs."""
    apis, found = load.apis(policy.tree, names)
    repo = replace(policy, apis=apis)
    quiet = replace(repo, apis={name: api for name, api in apis.items() if not api.requests})
    of_renders, not_rendered = _rendered(repo, wish, renderer)
    findings: dict[str, list[Finding]] = defaultdict(list)
    for finding in {*found, *judging.judge_part(quiet)}:
        folders = finding.path.split("/")
        findings[folders[1] if folders[0] == "apps" and len(folders) > 2 else ""].append(finding)
    beside = frozenset(finding for name, some in findings.items() if name not in apis for finding in some)
    apart = not any(finding.rule == kustomization_path_escapes.RULE for some in findings.values() for finding in some)
    if beside:  # what is found without any API is found in each run
        apart = apart and beside <= judging.judge_part(replace(repo, apis={}))
    broken = {finding.path for finding in found}
    judged = (
        Judged(
            declared(api),
            tuple(sorted(findings[name])),
            of_renders.get(name, renders.NONE),
            sound=api.path not in broken,
            lasting=apart and not api.requests and of_renders.get(name, renders.NONE).lasting,
        )
        for name, api in apis.items()
    )
    return Part(tuple(judged), beside, not_rendered)


def _rendered(repo: Repo, wish: Wish, renderer: Rendering) -> tuple[dict[str, renders.Judged], str]:
    """What is wrong with the renders of each API. Without a renderer the rules about them are skipped, and why."""
    if wish.not_rendered:
        return {}, wish.not_rendered
    cache = wish.cache
    try:
        with cache or nullcontext():
            return renders.judge(repo, CachedRenderer(renderer, cache) if cache else renderer), ""
    except WorldError as error:
        return {}, error.message


def declared(api: Api) -> Api:
    """The API without its objects: which overlays and requests it has is all that is left to ask."""
    overlays = {name: Kustomization(overlay.folder, {}, (), overlay.complete) for name, overlay in api.overlays.items()}
    return replace(api, base=None, overlays=overlays)

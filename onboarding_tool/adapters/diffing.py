"""The effects of a change on Kubernetes: git says which files changed, the renderer what becomes of them."""

from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

from onboarding_tool.adapters.files import ROOTS, FolderTree
from onboarding_tool.adapters.git_repo import MANY, GitRepo
from onboarding_tool.adapters.watch import Progress, untold
from onboarding_tool.diff_subjects import ROOT, Subject, SubjectKind, Touched, generated_apis, is_concerned, touched
from onboarding_tool.errors import UsageError
from onboarding_tool.model import GENERATED, Object
from onboarding_tool.render_diff import Broken, Effects, Mask, Side, compare, compare_renders, objects
from onboarding_tool.rendering import Closures, Form, Rendered, Rendering, RenderRequest, explained
from onboarding_tool.tree import Tree
from onboarding_tool.wording import did_you_mean, listed
from onboarding_tool.yamltext import MANIFEST

WHY_UNDELIVERED = f"{GENERATED}/ has no folder of it: `onboard generate` makes one if Argo CD is to deliver it"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two states of the config repo and the paths that differ. `head` is None for the working tree.

    `environments`: where APIs are looked for. `only`: the one that was asked for, if one was.
    """

    base: str
    head: str | None
    before: Tree
    after: Tree
    changed: frozenset[str]
    touched: Touched
    environments: tuple[str, ...]
    only: str | None

    def undelivered(self) -> list[str]:
        """APIs whose manifests changed while no side delivers them anywhere: of them nothing is compared."""
        manifests = (path.split("/") for path in self.changed if path.startswith("apps/"))
        apis = {parts[1] for parts in manifests if len(parts) > 3 and parts[2] in ("base", "overlays")}
        return sorted(api for api in apis if not any(self._sides(subject) for subject in self._everywhere(api)))

    def effects(
        self, renderer: Rendering, mask: Mask, files: Progress = untold, rendered: Progress = untold
    ) -> Iterator[tuple[Subject, Effects]]:
        """Each subject that may have effects, with them. Memory does not grow with the fleet."""
        yield from self._of_files(mask, files)
        yield from self._rendered(renderer, mask, rendered)

    def _of_files(self, mask: Mask, progress: Progress) -> Iterator[tuple[Subject, Effects]]:
        done, all_ = 0, sum(map(len, self.touched.plain.values()))
        for subject, paths in sorted(self.touched.plain.items(), key=lambda item: item[0].order):
            if self.only in (None, subject.environment):
                yield subject, compare(_plain(self.before, paths), _plain(self.after, paths), mask)
            done += len(paths)
            progress(done, all_)

    def _rendered(self, renderer: Rendering, mask: Mask, progress: Progress) -> Iterator[tuple[Subject, Effects]]:
        apis = self._apis()
        waiting: deque[tuple[int, Subject, list[Tree]]] = deque()
        results = renderer.render(self._requests(apis, waiting))
        for first in results:
            done, subject, sides = waiting.popleft()
            renders: list[Rendered | None] = list(map(explained, sides, [first, *(next(results) for _ in sides[1:])]))
            if len(sides) == 1:
                renders.insert(0 if sides[0] is self.after else 1, None)
            yield subject, compare_renders(renders[0], renders[1], mask)
            progress(done, len(apis))

    def _requests(
        self, apis: list[Subject], waiting: deque[tuple[int, Subject, list[Tree]]]
    ) -> Iterator[RenderRequest]:
        """One for each side that delivers the API; `waiting` says whose they are."""
        closures = {id(tree): Closures(tree) for tree in (self.before, self.after)}
        for done, subject in enumerate(apis, start=1):
            sides = self._sides(subject)
            requests = [closures[id(tree)].request(subject.folder, Form.OBJECTS) for tree in sides]
            if sides and is_concerned(subject, self.changed, requests):
                waiting.append((done, subject, sides))
                yield from requests

    def _apis(self) -> list[Subject]:
        """Those that a changed path may concern. A component may be anybody's."""
        found = {subject for api in self.touched.apis for subject in self._everywhere(api)}
        if self.touched.components:
            for tree in (self.before, self.after):
                found.update(generated_apis(tree, self.environments))
        return sorted(found, key=lambda subject: subject.order)

    def _everywhere(self, api: str) -> list[Subject]:
        return [Subject(SubjectKind.API, api, environment) for environment in self.environments]

    def _sides(self, subject: Subject) -> list[Tree]:
        return [tree for tree in (self.before, self.after) if tree.has_folder(subject.folder)]


def comparison(git: GitRepo, base: str, head: str | None, environment: str | None) -> Comparison:
    """What differs from one commit to another, or to the working tree. Raises UsageError for an unknown environment."""
    old = git.resolve(base)
    new = None if head is None else git.resolve(head)
    folder = FolderTree(git.root)
    known = set(_environments(partial(git.folders, old)))
    known.update(_environments(folder.folders if new is None else partial(git.folders, new)))
    if environment is not None and environment not in known:
        hint = did_you_mean(environment, known, f"There are {listed(sorted(known))}.")
        raise UsageError(f"there is no environment {environment!r} below {GENERATED}/ on either side", hint)
    environments = tuple(sorted(known)) if environment is None else (environment,)
    changed = frozenset(git.changed_paths(old, new))
    if new is None:
        changed = _differing(changed, git.tree(old, changed if len(changed) <= MANY else ROOTS), folder)
    about = touched(changed)
    below = _needed(about, environments)
    after = folder if new is None else git.tree(new, below)
    return Comparison(old, new, git.tree(old, below), after, changed, about, environments, environment)


def _differing(paths: Collection[str], before: Tree, after: Tree) -> frozenset[str]:
    """Without files that git takes for changed because of their times."""
    return frozenset(path for path in paths if not (after.has_file(path) and before.holds(path, after.read(path))))


def _environments(folders: Callable[[str], list[str]]) -> list[str]:
    """Those that are generated. An environment may be called as the folder of the root files is."""
    names = [name for name in folders(GENERATED) if name != ROOT]
    return [*names, ROOT] if folders(f"{GENERATED}/{ROOT}") else names


def _needed(about: Touched, environments: Collection[str]) -> Collection[str]:
    """The files and folders of a commit that may be read: listing all of a fleet costs half a second."""
    paths = ["components", *(path for files in about.plain.values() for path in files)]
    for api in about.apis:
        paths += [f"apps/{api}", *(Subject(SubjectKind.API, api, name).folder for name in environments)]
    return ROOTS if about.components or len(paths) > MANY else paths


def _plain(tree: Tree, paths: list[str]) -> Side:
    """The objects of files that Argo CD takes as they are."""
    found: list[Object] = []
    for path in paths:
        if path not in tree:
            continue
        side = objects(path, tree.read(path), MANIFEST)
        if isinstance(side, Broken):
            return side
        found += side
    return found

"""A change that deletes, renames or restarts very much was announced before.

One line in platform.yaml or in a component can reach every API. Reviewers see a diff of one line; whoever means it says
beforehand how much it is, in an entry of exceptions.yaml that was merged earlier, with a day on which it ends. A label
or a comment on the pull request does not count, since it leaves no trace.

What counts are objects that would be deleted, or renamed, and workloads whose pods would be replaced: more than 50 of
them, or those of more than 10 APIs.

Bad:

    # components/graceful-end/kustomization.yaml: restarts the pods of 214 APIs, and nobody has said so

Good:

    # exceptions.yaml on the base
    - rule: mass-change
      path: platform.yaml
      count: 642
      reason: "CHG-4711: longer grace periods"
      owner: platform-team
      expiry: "2026-11-27"

Fix: merge such an entry first, or make the change in several steps.
"""

from collections.abc import Iterable, Iterator

from onboarding_tool.checks.facts.excepted import in_force
from onboarding_tool.diff_subjects import Subject, SubjectKind
from onboarding_tool.findings import Finding
from onboarding_tool.gate.levels import restarts
from onboarding_tool.model import PLATFORM_FILE, Repo
from onboarding_tool.render_diff import Action, Effects
from onboarding_tool.wording import counted

RULE = "mass-change"
MOST_APIS = 10
MOST_OBJECTS = 50
OF_APIS = (SubjectKind.API, SubjectKind.APPLICATION)


class Struck:
    """What a change deletes, renames or restarts, counted while its effects pass by."""

    def __init__(self) -> None:
        self.apis: set[str] = set()
        self.objects = 0

    def counted(self, found: Iterable[tuple[Subject, Effects]]) -> Iterator[tuple[Subject, Effects]]:
        for subject, effects in found:
            gone = sum(item.action is Action.REMOVED or item.is_renamed for item in effects.objects)
            struck = gone + len(set(restarts(effects)))
            self.objects += struck
            if struck and subject.kind in OF_APIS:
                self.apis.add(subject.name)
            yield subject, effects


def check(base: Repo, struck: Struck) -> Iterator[Finding]:
    """`base`: whose exceptions count, and none that the change itself brings."""
    if len(struck.apis) <= MOST_APIS and struck.objects <= MOST_OBJECTS:
        return
    known = [one for one in in_force(base) if (one.rule, one.path) == (RULE, PLATFORM_FILE)]
    if any(struck.objects <= one.count for one in known):
        return
    of = f"{counted(struck.objects, 'object')} of {counted(len(struck.apis), 'API')}"
    granted = f"; exceptions.yaml grants {max(one.count for one in known):,}" if known else ""
    problem = f"it deletes, renames or restarts {of}{granted}"
    hint = (
        f"First merge an exception: `rule: {RULE}`, `path: {PLATFORM_FILE}`, `count: {struck.objects}`, "
        "with an owner and an expiry; or make the change in steps."
    )
    yield Finding(PLATFORM_FILE, 1, 1, RULE, problem, hint)

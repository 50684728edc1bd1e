"""A team changes of its API what the API's capability level permits, and nothing else.

Level L0 permits requests only. `capabilities:` in the base's platform.yaml says what the other levels permit, of what
there is: `config` (the content of ConfigMaps), `resources` (of containers) and `autoscaling` (the bounds of an HPA).
Whether a change is more than that is judged on the rendered objects, and by its place: a file that a level has nothing
to do with is refused even without an effect, since it may have one later. What has none at its place passes, and is
judged with the change that wakes it.

Bad:

    # a pull request of payments-team, while payments is at L1
    -          image: europe-docker.pkg.dev/acme/payments/app:v1
    +          command: [sh]

Good:

    # apps/payments/overlays/prod/config/app.properties
    -currency=EUR
    +currency=USD

Fix: take it out, or ask the platform team to make the change.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.case import Case
from onboarding_tool.gate.change import Area, Change
from onboarding_tool.wording import counted

RULE = "change-not-permitted"
SHOWN = 20  # files; a pull request may touch thousands

# Why it is nobody's but the platform team's, or the bot's.
WHY = {
    Area.METADATA: "metadata.yaml says whose the API is and how it is reached, so only the platform team changes it",
    Area.PLATFORM: "only the platform team changes files outside of an API's directory",
}


def of_paths(case: Case) -> Iterator[Finding]:
    """What nobody but the platform team may change, whatever it says."""
    refused = [change for change in case.changes if change.area in WHY]
    for change in refused[:SHOWN]:
        yield finding(change.path, WHY[change.area])
    if len(refused) > SHOWN:
        yield finding(refused[SHOWN].path, f"{counted(len(refused) - SHOWN, 'more file')} of the platform team's")


def of_requests(case: Case) -> Iterator[Finding]:
    """A request that waits is the pipeline's to decide."""
    for change in case.changes:
        if change.area is Area.REQUEST and not change.is_added:
            what = "deletes" if change.is_deleted else "edits"
            problem = f"it {what} a request that waits already"
            hint = "Ask anew with another file: where `requests: latest-wins` holds, the newer one takes its place."
            yield Finding(
                change.path, 1, 1, RULE, problem, f"{hint} The platform team may delete it.", who=Who.APP_TEAM
            )


def finding(path: str, problem: str, who_else: str = "") -> Finding:
    hint = who_else or "Take it out of this pull request; the platform team may make this change."
    return Finding(path, 1, 1, RULE, problem, hint, who=Who.APP_TEAM)


def paths_outside(changes: tuple[Change, ...], places: tuple[str, ...]) -> Iterator[str]:
    """Paths in an API's directory at none of these places; of a place, what lies below its folder counts too."""
    for change in changes:
        inner = change.path.split("/", 2)[2]
        if not any(fnmatchcase(inner, place) for place in places):
            yield change.path

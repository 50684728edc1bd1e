"""A pull request is small enough to be judged, and so is what becomes of an API: the number of files, and their bytes.

What is too large is refused before anything of it is read. A team's own changes may add up: its base/ and its overlays/
have at most 200 files and 1 MiB together.

Bad:

    A apps/payments/overlays/prod/config/dump.sql   # 40 MB

Good:

    a configuration of a few kilobytes; the API fetches large data itself

Fix: take the large file out, also out of the branch's commits; or ask for several things in several pull requests.
"""

from collections.abc import Iterator, Mapping

from onboarding_tool.findings import Finding, Who
from onboarding_tool.gate.case import Case, Kind
from onboarding_tool.tree import Tree

RULE = "change-too-large"
MOST_BYTES = 1 << 20  # of one file; of an app team's change, of all its files
MOST_FILES = {Kind.REQUEST: 20, Kind.TENANT: 200, Kind.MIXED: 200}
MOST_OF_API = 200  # files below base/ and overlays/
SHOWN = 10


def check(case: Case, kind: Kind, sizes: Mapping[str, int]) -> Iterator[Finding]:
    """`sizes`: in bytes, of the changed files as they would be."""
    most = MOST_FILES.get(kind)
    if most is not None and len(case.changes) > most:
        message = f"it changes {len(case.changes):,} files; a {kind} changes at most {most}"
        hint = "Split it into several pull requests."
        yield Finding(case.changes[0].path, 1, 1, RULE, message, hint, who=Who.APP_TEAM)
    total = sum(sizes.values())
    if most is not None and total > MOST_BYTES:
        message = f"its files have {total:,} bytes; those of a {kind} have at most {MOST_BYTES:,}"
        yield Finding(case.changes[0].path, 1, 1, RULE, message, "Split it, or make it smaller.", who=Who.APP_TEAM)
    large = [path for path, size in sorted(sizes.items()) if size > MOST_BYTES]
    for path in large[:SHOWN]:
        message = f"it has {sizes[path]:,} bytes; at most {MOST_BYTES:,} are read"
        yield Finding(path, 1, 1, RULE, message, "Take it out, also out of the branch's commits.", who=Who.APP_TEAM)


def of_api(case: Case, name: str) -> Iterator[Finding]:
    """A team's change that makes its API too large."""
    before, after = (_sizes(repo.tree, name) for repo in (case.base, case.merged))
    for counted, was, now, most in (
        ("files", len(before), len(after), MOST_OF_API),
        ("bytes", sum(before), sum(after), MOST_BYTES),
    ):
        if now > max(most, was):
            message = f"with it, the base and the overlays have {now:,} {counted}; an API has at most {most:,}"
            hint = "Take out what is not needed any more."
            yield Finding(case.changes[0].path, 1, 1, RULE, message, hint, who=Who.APP_TEAM)


def _sizes(tree: Tree, name: str) -> list[int]:
    """In bytes, of the files that an API is made of."""
    return [tree.size(path) for part in ("base", "overlays") for path in tree.paths(f"apps/{name}/{part}")]

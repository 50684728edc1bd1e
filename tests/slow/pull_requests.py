"""Pull requests that nobody would open, for tests/slow/fuzzing.py: spoilt files in odd places, on spoilt bases.

All of one follows from some bytes, so that these alone repeat it.
"""

import random
from collections.abc import Callable

from onboarding_tool.gate.author import Author
from onboarding_tool.gate.verdict import Verdict
from tests.support.pulls import (
    ALICE,
    CONFIG_PATH,
    DEPLOYMENT,
    HPA,
    KIM,
    MALLORY,
    METADATA,
    PROD,
    STAGING_PATH,
    Entry,
    Pulls,
    files,
    of_level,
)
from tests.support.repos import REQUEST, REQUEST_PATH

LEVELS = ("L0", "L1", "L2")
MODES = (b"100644", b"100644", b"100644", b"100755", b"120000", b"160000", b"40000", b"100664", b"100600", b"0", b"644")
NAMES = (
    *(b"..", b".", b".git", b".gitmodules", b".gitattributes", b".GIT", b"git~1", b"-x", b"$(id)", b"a:b", b"CON"),
    *(
        b"metadata.yaml",
        b"kustomization.yaml",
        b"x.yaml",
        b"\xff\xfe.yaml",
        b"a\nb.yaml",
        b"\xe2\x80\xae.yaml",
        b"\x1b[2J",
    ),
    *(b"Metadata.yaml", b"a" * 300, b"x\\y.yaml", b"\xcc\x88.yaml", b"2026-11-20-v2-0-0-aaaa.yaml", b" ", b"\x7f"),
)
FOLDERS = (
    *("", "apps", "apps/payments", "apps/payments/requests/prod", "apps/payments/overlays/prod", "apps/payments/base"),
    *("apps/orders", "apps/ghost/requests/prod", "generated/prod/apps/payments", "components/x", ".github/workflows"),
    *("apps/payments/releases/prod", "apps/payments/overlays/prod/config", "apps/payments/requests/ghost"),
)
PATHS = (
    *(REQUEST_PATH, REQUEST_PATH, STAGING_PATH, CONFIG_PATH, PROD, HPA, DEPLOYMENT, METADATA),
    *("platform.yaml", "teams.yaml", "exceptions.yaml", "apps/payments/base/service.yaml", "apps/orders/metadata.yaml"),
    *("apps/payments/base/kustomization.yaml", "apps/orders/base/hpa.yaml", "apps/payments/base/new.yaml"),
)
# What says whose an API is: who spoils that on the base may make anybody its owner.
RIGHTS = ("teams.yaml", METADATA, "apps/orders/metadata.yaml")
MANY = 3000
HUGE = (1 << 20) + 1


def judged(data: bytes) -> Verdict:
    """The verdict on the pull request that follows from the bytes. Fails where it accepts what nobody may do."""
    random_ = random.Random(data)
    level, author = random_.choice(LEVELS), random_.choice((ALICE, ALICE, ALICE, MALLORY, MALLORY, None, KIM))
    pulls = of_level(level)
    base, is_spoilt = pulls.base, False
    if not random_.randrange(4):
        path = random_.choice(PATHS)
        base, is_spoilt = pulls.commit({path: data}, base), path in RIGHTS
    fork = pulls.base if not random_.randrange(3) else base
    head = fork
    steps = random_.choices(STEPS, k=random_.choice((0, 1, 1, 1, 2, 4)))
    # git's index takes no more steps after these.
    steps += random_.choices(LAST, k=random_.choice((0, 0, 1, 2)) if steps else 1)
    for step in steps:
        head = step(pulls, head, level, data, random_)
    found = pulls.verdict(head, author, base=base)
    if found.passes:
        refuse(pulls, fork, head, author, is_spoilt=is_spoilt)
    return found


def refuse(pulls: Pulls, fork: str, head: str, author: Author | None, *, is_spoilt: bool) -> None:
    """Fails if this author may not make these changes, whatever they say."""
    assert author is not MALLORY, "accepted from somebody who is in no team"
    if author is not ALICE or is_spoilt:
        return
    lines = pulls.git("diff-tree", "-r", "-z", "--raw", "--no-renames", fork, head).split("\0")[:-1]
    changed = [tuple(line[1:].split(" ")) for line in lines[::2]], lines[1::2]
    places = {"/".join(path.split("/")[:2]) for path in changed[1]}
    assert places in ({"apps/payments"}, {"apps/orders"}), f"accepted from a team: a change of {places}"
    assert {about[1] for about in changed[0]} <= {"100644", "000000"}, "accepted from a team: an odd mode"
    closed = [path for path in changed[1] if path.endswith("/metadata.yaml") or "/releases/" in path]
    assert closed == [], f"accepted from a team: {closed}"


Step = Callable[[Pulls, str, str, bytes, random.Random], str]


def _spoilt(pulls: Pulls, head: str, level: str, data: bytes, random_: random.Random) -> str:
    """A file with these bytes, or with a real beginning and these."""
    path = random_.choice(PATHS)
    whole = (REQUEST if "/requests/" in path else files(level).get(path, "")).encode()
    return pulls.commit(
        {path: random_.choice((data, whole + data, whole[: random_.randint(0, len(whole))] + data))}, head
    )


def _sound(pulls: Pulls, head: str, level: str, data: bytes, random_: random.Random) -> str:
    """What some authors may do."""
    text = random_.choice(
        (
            {REQUEST_PATH: REQUEST},
            {CONFIG_PATH: "currency=USD\n"},
            {HPA: files(level)[HPA].replace("maxReplicas: 5", "maxReplicas: 6")},
        )
    )
    return pulls.commit(text, head)


def _deleted(pulls: Pulls, head: str, level: str, data: bytes, random_: random.Random) -> str:
    return pulls.commit(dict.fromkeys(random_.sample(sorted(files(level)), random_.choice((1, 1, 2, 10)))), head)


def _planted(pulls: Pulls, head: str, level: str, data: bytes, random_: random.Random) -> str:
    """An entry of any name and any mode, in any folder."""
    names = (*NAMES, data[:30].replace(b"\0", b"").replace(b"/", b"") or b"x")
    mode, name = random_.choice(MODES), random_.choice(names)
    content = "1" * 40 if mode == b"160000" else pulls.blob(random_.choice((data, REQUEST.encode(), b"../../x")))
    if mode == b"40000":
        content = pulls.git("rev-parse", f"{pulls.base}^{{tree}}")
    return pulls.planted(head, random_.choice(FOLDERS), [(mode, name, content)])


def _huge(pulls: Pulls, head: str, level: str, data: bytes, random_: random.Random) -> str:
    depth = random_.choice((b"[", b"{a: ", b"- ", b"a:\n ", b"#", b"a: &a [*a]\n"))
    size = random_.choice((1 << 12, 1 << 16, (1 << 20) - 1, HUGE))
    return pulls.commit({random_.choice(PATHS): (depth * (size // len(depth) + 1))[:size]}, head)


def _many(pulls: Pulls, head: str, level: str, data: bytes, random_: random.Random) -> str:
    content, count = pulls.blob(data), random_.choice((30, 300, MANY))
    entries: list[Entry] = [(b"100644", b"%05d.yaml" % number, content) for number in range(count)]
    return pulls.planted(head, random_.choice(FOLDERS), entries)


STEPS: tuple[Step, ...] = (_spoilt, _spoilt, _spoilt, _sound, _sound, _sound, _deleted, _huge)
LAST: tuple[Step, ...] = (_planted, _planted, _planted, _many)

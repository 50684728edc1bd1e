"""No line that a pull request adds holds what looks like a token, a private key or a password.

Whoever can read the repository can read it, and its history keeps it for good. What counts are the forms in which
well-known services write their tokens, private keys, addresses with a password, and long random text behind a name such
as `password` or `api_key`. What is generated is left out: it follows from files that are looked at.

Bad:

    # apps/payments/overlays/prod/config/app.properties
    db.url=postgresql://payments:Tr0ub4dor@db/payments

Good:

    # apps/payments/overlays/prod/config/app.properties, with the password in a Secret that the pod reads
    db.url=postgresql://payments:$(DB_PASSWORD)@db/payments

Fix: change the secret, since it counts as known once it is pushed, and keep the new one in the secret store. If it is
none, the platform team can say so in exceptions.yaml, merged before.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from onboarding_tool.findings import Finding, Who

RULE = "secret-added"
SHOWN = 10  # of one file
RANDOM = 3.5  # bits for each character, at least
SHORTEST = 9  # characters of what is looked for: ab://u:p@

# As the services document them. None tries one place again for every other: lines have up to a million characters.
FORMS = {
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{22,}",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "a PyPI token": r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{10,300}+\.eyJ[A-Za-z0-9_-]{10}",
    "an address with a password": r"\b[A-Za-z][A-Za-z0-9+.-]{1,30}+://[^\s/:@'\"$<{]{1,100}+:(?![$<{*])[^\s/@'\"]{1,200}+@",
}
KNOWN = re.compile("|".join(f"(?P<f{number}>{form})" for number, form in enumerate(FORMS.values())))
NAMED = re.compile(
    r"(?:password|passwd|secret|token|api[-_.]?key|private[-_.]?key|credentials?)[\"']?\s*[:=]\s*[\"']?"
    r"(?P<value>[A-Za-z0-9+/_-]{20,}={0,2})[\"']?\s*(?:#.*)?$",
    re.IGNORECASE,
)


def check(path: str, before: bytes, after: bytes) -> Iterator[Finding]:
    """What a file holds in lines that it did not have. The finding does not repeat it: it must not spread into logs."""
    for line, column, what in islice(_added(before.splitlines(), after.splitlines()), SHOWN):
        hint = "Change it, since it counts as known, and keep the new one in the secret store."
        yield Finding(path, line, column, RULE, f"this looks like {what}", hint, who=Who.APP_TEAM)


def _added(before: Collection[bytes], after: Iterable[bytes]) -> Iterator[tuple[int, int, str]]:
    known = frozenset(before)
    for number, line in enumerate(after, start=1):
        if len(line) >= SHORTEST and line not in known:
            for column, what in _in_line(line.decode("utf-8", "replace")):
                yield number, column + 1, what


def _in_line(text: str) -> Iterator[tuple[int, str]]:
    found = False
    for match in KNOWN.finditer(text):
        found = True
        yield match.start(), list(FORMS)[int((match.lastgroup or "f0")[1:])]
    named = None if found else NAMED.search(text)
    if named and _is_random(named["value"]):
        yield named.start("value"), "a secret"


def _is_random(value: str) -> bool:
    """As nobody writes a name: capitals, small letters and digits, and no two alike more than chance has it."""
    kinds = (str.isupper, str.islower, str.isdigit)
    if not all(any(map(kind, value)) for kind in kinds):
        return False
    shares = (count / len(value) for count in Counter(value).values())
    return -sum(share * math.log2(share) for share in shares) >= RANDOM

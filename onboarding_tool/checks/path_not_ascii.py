"""Paths are made of plain characters.

Below apps/, components/ and generated/ these are letters, digits and `. _ - + @ =`; elsewhere every visible ASCII
character and the space. Other characters look like ones that they are not, are invisible, are stored differently by
different file systems, or are taken for commands by scripts.

Bad:

    apps/payments/base/zahlungen-für-alle.yaml
    apps/payments/base/deployment (copy).yaml

Good:

    apps/payments/base/zahlungen-fuer-alle.yaml
    apps/payments/base/deployment-copy.yaml

Fix: rename the file or the folder: `git mv 'OLD' NEW`.
"""

import re
import unicodedata
from collections.abc import Iterator

from onboarding_tool.checks.facts.subjects import who_mends
from onboarding_tool.checks.rule import NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo

RULE = "path-not-ascii"
SCOPE = Scope.EVERYTHING
NEEDS = NOTHING

STRICT = ("apps", "components", "generated")
NOT_PLAIN = re.compile(r"[^A-Za-z0-9._/+@=-]")
NOT_VISIBLE = re.compile(r"[^ -~]")


def check(repo: Repo) -> Iterator[Finding]:
    seen = set()
    for path in filter(NOT_PLAIN.search, repo.tree.paths()):  # it finds all that NOT_VISIBLE does
        wrong = NOT_PLAIN if path.split("/")[0] in STRICT else NOT_VISIBLE
        if found := wrong.search(path):
            # The file or folder up to the end of its name: one finding for a folder, not one for each of its files.
            named = path[: found.start()] + path[found.start() :].partition("/")[0]
            if named not in seen:
                seen.add(named)
                yield Finding(path, 1, 1, RULE, *_defect(named, found[0], wrong), who=who_mends(path))


def _defect(named: str, character: str, wrong: re.Pattern[str]) -> tuple[str, str]:
    allowed = "letters, digits and . _ - + @ =" if wrong is NOT_PLAIN else "visible ASCII characters and spaces"
    message = f"the path {named!a} holds {_name(character)}"
    return message, f"Rename it with `git mv`. Allowed there: {allowed}."


def _name(character: str) -> str:
    """The character in words that no terminal can garble."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte that is not UTF-8
        return f"the byte 0x{code - 0xDC00:02X}, which is not UTF-8"
    if character == " ":
        return "a space"
    shown = f"{character!r}, " if character.isascii() and character.isprintable() else ""
    return f"{shown}U+{code:04X} {unicodedata.name(character, '')}".strip()

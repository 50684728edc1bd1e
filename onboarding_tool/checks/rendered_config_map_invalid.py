"""What a ConfigMap comes out with is what Kubernetes takes: its keys, and how much they hold.

Kubernetes refuses the object as a whole, so the delivery stops, and the next release with it. A key has letters,
digits, `-`, `_` and `.`, at most 253 of them, and is neither `.` nor begins with two dots: it becomes the name of a
file. It stands in `data` or in `binaryData`, where values are base64; all values together have at most 1 MiB.

Bad:

    configMapGenerator:
      - name: settings
        files: ["application settings=config/app.properties"]

Good:

    configMapGenerator:
      - name: settings
        files: [config/app.properties]

Fix: rename the key, or split what is too large.
"""

import re
from base64 import b64decode
from collections.abc import Iterator, Sequence

from onboarding_tool.checks.facts.rendered import fault, in_delivered
from onboarding_tool.checks.facts.written import Fault
from onboarding_tool.checks.rule import RENDERED, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import Api, Object, Repo, mapping

RULE = "rendered-config-map-invalid"
SCOPE = Scope.API
NEEDS = RENDERED
KEY = re.compile(r"(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}")
MOST = 1 << 20  # bytes


def check(repo: Repo) -> Iterator[Finding]:
    yield from in_delivered(repo, RULE, _refused)


def _refused(api: Api, environment: str, objects: Sequence[Object]) -> Iterator[Fault]:
    for item in objects:
        if (item.group, item.kind) != ("", "ConfigMap"):
            continue
        texts, binary = mapping(item.get("data")), mapping(item.get("binaryData"))
        whose = f"the ConfigMap {item.name!r} comes out with"
        for section, values in (("data", texts), ("binaryData", binary)):
            for key in values:
                if not KEY.fullmatch(key):
                    problem = f"{whose} the key {key[:40]!r}, which Kubernetes refuses"
                    hint = "A key has letters, digits, `-`, `_` and `.`."
                    yield fault(api, environment, item, (section, key), problem, hint)
        for key in texts.keys() & binary.keys():
            problem = f"{whose} the key {key[:40]!r} as text and as bytes"
            yield fault(api, environment, item, ("binaryData", key), problem, "Leave one of them out.")
        sizes = [len(value.encode()) for value in texts.values() if isinstance(value, str)]
        for key, value in binary.items():
            try:
                sizes.append(len(b64decode(value.replace("\n", ""), validate=True)))
            except (AttributeError, ValueError):
                problem = f"{whose} bytes below {key[:40]!r} that are no base64"
                yield fault(api, environment, item, ("binaryData", key), problem, "Let a generator read a file.")
        if sum(sizes) > MOST:
            problem = f"{whose} {sum(sizes):,} bytes; Kubernetes takes {MOST:,}"
            yield fault(api, environment, item, ("data",), problem, "Split it.")

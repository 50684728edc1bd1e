"""A release request is plain text: it begins with its first character, its lines end in LF, the last one too.

A byte order mark, CRLF or a last line without an end cannot be seen in a review, and the next change of such a file is
shown as a change of lines that nobody touched.

Bad:

    apiVersion: ...\\r\\n

Good:

    apiVersion: ...\\n

Fix: `onboard request` writes it so; or tell the editor: UTF-8 without a byte order mark, line ends LF.
"""

from codecs import BOM_UTF8
from collections.abc import Iterator

from onboarding_tool.findings import Finding, Who

RULE = "request-not-plain"


def check(path: str, data: bytes) -> Iterator[Finding]:
    for is_so, message, line in (
        (data.startswith(BOM_UTF8), "it begins with a byte order mark", 1),
        (b"\r" in data, "it has a carriage return at the end of a line", data.partition(b"\r")[0].count(b"\n") + 1),
        (not data.endswith(b"\n"), "its last line has no end", data.count(b"\n") + 1),
    ):
        if is_so:
            hint = (
                "Save it as UTF-8 without a byte order mark and with line ends LF, or let `onboard request` write it."
            )
            yield Finding(path, line, 1, RULE, message, hint, who=Who.APP_TEAM)

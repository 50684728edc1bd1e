"""No exception in exceptions.yaml speaks of a rule that everything else rests on.

A file that cannot be read, a record that was rewritten, or a generated/ that is not what the declarations say cannot be
excused: nothing could be judged or delivered by it. An exception from such a rule excuses nothing.

Bad:

    # exceptions.yaml
    exceptions:
      - rule: schema-invalid

Good:

    exceptions:
      - rule: image-tag-forbidden

Fix: mend the file that the exception speaks of, and delete the exception.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import NEVER_EXCUSED, NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import EXCEPTIONS_FILE, Repo

RULE = "exception-not-allowed"
SCOPE = Scope.DECLARATION
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    for index, item in enumerate(repo.exceptions):
        if item.rule in NEVER_EXCUSED:
            message = f"{item.rule!r} cannot be excused: everything else rests on it"
            hint = f"Mend {item.path} instead, and delete this exception."
            yield repo.finding(RULE, EXCEPTIONS_FILE, message, hint, at=("exceptions", index, "rule"))

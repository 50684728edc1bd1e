"""Every exception in exceptions.yaml names a rule that exists.

An exception from a misspelt rule excuses nothing; its owner believes that it does.

Bad:

    # exceptions.yaml
    exceptions:
      - rule: image-tag-mising

Good:

    exceptions:
      - rule: image-tag-missing

Fix: write the name as the finding prints it. `onboard rules` lists all names.
"""

from collections.abc import Iterator

from onboarding_tool.checks.rule import EXCUSED_BEFORE, NOTHING, Scope
from onboarding_tool.findings import Finding
from onboarding_tool.model import EXCEPTIONS_FILE, Repo
from onboarding_tool.wording import did_you_mean

RULE = "exception-rule-unknown"
SCOPE = Scope.DECLARATION
NEEDS = NOTHING


def check(repo: Repo) -> Iterator[Finding]:
    known = _names()
    for index, item in enumerate(repo.exceptions):
        if item.rule and item.rule not in known:
            message = f"there is no rule {item.rule!r}, so this exception excuses nothing"
            hint = did_you_mean(item.rule, known, "`onboard rules` lists all names.")
            yield repo.finding(RULE, EXCEPTIONS_FILE, message, hint, at=("exceptions", index, "rule"))


def _names() -> list[str]:
    from onboarding_tool.checks import judging  # the list of rules holds this very module

    return sorted({*(rule.RULE for rule in judging.RULES), *EXCUSED_BEFORE})

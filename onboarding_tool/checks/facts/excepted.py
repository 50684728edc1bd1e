"""What exceptions.yaml silences."""

from collections.abc import Iterator

from onboarding_tool.checks.rule import NEVER_EXCUSED
from onboarding_tool.findings import Finding
from onboarding_tool.model import EXCEPTIONS_FILE, Repo, RuleException


def covers(exception: RuleException, finding: Finding) -> bool:
    """Whether the exception speaks of this finding: the same rule in the same file. There are no wildcards."""
    return (exception.rule, exception.path) == (finding.rule, finding.path)


def is_silenced(finding: Finding, repo: Repo) -> bool:
    """An expired exception silences nothing; neither exceptions.yaml itself nor what all else rests on is excused."""
    if finding.path == EXCEPTIONS_FILE or finding.rule in NEVER_EXCUSED:
        return False
    return any(covers(item, finding) for item in in_force(repo))


def in_force(repo: Repo) -> Iterator[RuleException]:
    """The exceptions that have not expired today."""
    return (item for item in repo.exceptions if not repo.today or item.expiry >= repo.today)

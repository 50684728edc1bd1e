"""Findings: what is wrong with data, said so that its author can mend it."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Who(StrEnum):
    """Who can mend a finding."""

    APP_TEAM = "app team"
    PLATFORM = "platform team"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One defect in one place. Fields are in report order; lines and columns count from 1."""

    path: str
    line: int
    column: int
    rule: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR
    who: Who = Who.PLATFORM

    @property
    def placeless(self) -> "Finding":
        """The same, wherever in the file: lines move when others are added before them."""
        return replace(self, line=0, column=0)


@dataclass(frozen=True, slots=True, order=True)
class Skipped:
    """A rule that could not be judged, and why."""

    rule: str
    reason: str

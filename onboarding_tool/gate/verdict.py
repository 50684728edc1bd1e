"""The verdict of the gate: what kind of change it is, what will happen, who must approve, what speaks against it."""

from dataclasses import dataclass

from onboarding_tool.findings import Finding, Severity, Skipped
from onboarding_tool.gate.case import Kind
from onboarding_tool.model import Member


@dataclass(frozen=True, slots=True, order=True)
class Approval:
    """That so many of a team agree, none of whom is the author. `where`: the environment that asks for it, or "";
    `members`: those of the team, as the base's teams.yaml has them.
    """

    team: str
    count: int
    where: str = ""
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`effects`: sentences, one for each API and environment. `base`, `head`: commits; `tree`: git's name of the merged
    result; "" where there is none. `notes`: what could not be known, and what somebody should know.
    """

    kind: Kind
    base: str
    head: str
    tree: str = ""
    apis: tuple[str, ...] = ()
    level: str = ""
    author: str = ""
    effects: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def passes(self) -> bool:
        """A rule that could not be judged counts like one that is broken: a green verdict is believed."""
        return not self.skipped and not any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def headline(self) -> str:
        """What kind of change it is, in plain words."""
        of = f" of {', '.join(self.apis)}" if self.apis and self.kind is not Kind.PLATFORM else ""
        level = f" at level {self.level}" if self.level else ""
        return f"{self.kind}{of}{level}: {'accepted' if self.passes else 'refused'}"

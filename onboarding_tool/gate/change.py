"""A pull request as data: which files it would change on its base, and what kind of file each is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from onboarding_tool.load import METADATA_PATH, REQUEST_PATH

RELEASES = re.compile(r"apps/[^/]+/releases/.+")


class Area(StrEnum):
    """Whose hands a file is in: requests are anybody's to add, records the bot's, the rest as the gate says."""

    REQUEST = "request"
    RECORD = "record"
    METADATA = "metadata"
    CONFIGURATION = "configuration"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One path that differs between the base and the merged result. `old`, `new`: modes as git writes them, 0 for
    nothing there.
    """

    path: str
    old: int
    new: int

    @property
    def is_added(self) -> bool:
        return not self.old

    @property
    def is_deleted(self) -> bool:
        return not self.new

    @property
    def area(self) -> Area:
        if REQUEST_PATH.fullmatch(self.path):
            return Area.REQUEST
        if RELEASES.fullmatch(self.path):
            return Area.RECORD
        if METADATA_PATH.fullmatch(self.path):
            return Area.METADATA
        return Area.CONFIGURATION if self.api else Area.PLATFORM

    @property
    def api(self) -> str:
        """The API in whose directory the file lies; "" if it lies in none."""
        parts = self.path.split("/")
        return parts[1] if len(parts) > 2 and parts[0] == "apps" else ""


def apis(changes: Iterable[Change]) -> list[str]:
    """The APIs in whose directories something changes, sorted."""
    return sorted({change.api for change in changes} - {""})

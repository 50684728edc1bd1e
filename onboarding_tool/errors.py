"""Errors: the world is broken, or the user asked for what cannot be. Bad data is a Finding, never an exception."""

from enum import IntEnum


class Exit(IntEnum):
    """What the process says when it ends. Scripts depend on these numbers."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    WORLD = 3
    BUG = 4
    CONFLICT = 5
    TIMEOUT = 6
    INTERRUPTED = 130


class OnboardingError(Exception):
    """A message for the user, and what to do about it."""

    exit = Exit.WORLD

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class FindingsError(OnboardingError):
    """What the command needs of the config repo is broken, as `onboard check` would find."""

    exit = Exit.FINDINGS


class UsageError(OnboardingError):
    """The command's words name something that is not there, or that cannot be done."""

    exit = Exit.USAGE


class WorldError(OnboardingError):
    """No git, no config repo, no permission, no space."""

    exit = Exit.WORLD


class ConflictError(OnboardingError):
    """Somebody else's change is in the way. What was finished before stays; nothing is done by halves."""

    exit = Exit.CONFLICT


class TimedOutError(OnboardingError):
    """Somebody else did not answer in time. To run the same again later is right."""

    exit = Exit.TIMEOUT


class BugError(OnboardingError):
    """We broke a promise of our own; nothing was written."""

    exit = Exit.BUG

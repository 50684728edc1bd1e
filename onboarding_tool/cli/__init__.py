"""The command `onboard`: parse, call, print, exit. Heavy imports happen inside the command that needs them."""

import io
import os
import sys
from typing import NoReturn

from onboarding_tool import __version__
from onboarding_tool.errors import BugError, Exit, OnboardingError


def main() -> NoReturn:
    """Run the command line and exit; a traceback is only ever written to a log."""
    _write_any_character()
    try:
        from onboarding_tool.cli.app import app

        app(prog_name="onboard")
    except BugError as error:
        _exit_as_bug(error)
    except OnboardingError as error:
        _say(error.message, error.hint)
        sys.exit(error.exit)
    except OSError as error:
        _say(_os_sentence(error), "Look at the permissions and the free space there, then run the command again.")
        sys.exit(Exit.WORLD)
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    except Exception as error:
        _exit_as_bug(error)
    sys.exit(Exit.OK)


def _write_any_character() -> None:
    """A terminal of another encoding gets escapes for what it cannot show, as stderr does anyway."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _say(message: str, hint: str) -> None:
    from onboarding_tool.report import visible

    lines = [f"onboard: {message}", *(f"  {line}" for line in hint.splitlines() if line)]
    print("\n".join("\n".join(visible(part) for part in line.split("\n")) for line in lines), file=sys.stderr)


def _os_sentence(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{(error.strerror or str(error)).lower()}"


def _exit_as_bug(error: Exception) -> NoReturn:
    _say(f"this is a bug in onboard: {type(error).__name__}: {error}", _where_to_report())
    sys.exit(Exit.BUG)


def _where_to_report() -> str:
    """Writes the log, and says where it lies; a full disk must not hide the bug."""
    import tempfile
    import traceback

    try:
        handle, name = tempfile.mkstemp(prefix="onboard-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as log:
            log.write(f"onboard {__version__}, Python {sys.version}\n{sys.argv}\n\n{traceback.format_exc()}")
    except OSError:
        return f"Please report it with this:\n{traceback.format_exc()}"
    return f"Please report it, with the log {name}. It holds the command and where it failed, nothing else."

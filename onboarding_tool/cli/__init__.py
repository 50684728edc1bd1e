"""The command `onboard`: parse, call, print, exit. Heavy imports happen inside the command that needs them."""

import errno
import io
import os
import select
import signal
import sys
from contextlib import suppress
from typing import NoReturn, TextIO

from onboarding_tool import __version__, garbage
from onboarding_tool.errors import BugError, Exit, OnboardingError

# What is said of a system's error, beside its own words.
HINTS = {
    errno.ENOTDIR: "A part of this path is a file. Name another one.",
    errno.EISDIR: "A file is needed there. Name another one.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.ENOENT: "Look whether it is still there, then run the command again.",
}
OTHERWISE = "Look at the permissions and the free space there, then run the command again."
READER_GONE = 128 + signal.SIGPIPE  # as a shell tells it of every program: `onboard rules | head` is no finding


def main() -> NoReturn:
    """Run the command line and exit; a traceback is only ever written to a log."""
    _open_standard_streams()
    _write_any_character()
    garbage.collect_rarely()
    code = _ran()
    garbage.collect_no_more()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = _code_of(error)
        _forget(sys.stdout)
    try:
        sys.stderr.flush()
    except OSError:
        _forget(sys.stderr)
    sys.exit(code)


def _ran() -> int:
    try:
        from onboarding_tool.cli.app import run

        return run()
    except BugError as error:
        return _as_bug(error)
    except OnboardingError as error:
        _say(error.message, error.hint)
        return error.exit
    except OSError as error:
        return _code_of(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Exception as error:
        return _as_bug(error)


def _open_standard_streams() -> None:
    """A stream that was closed (`>&-`) leads nowhere. Otherwise the next file that is opened would take its place."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(handle, True)
    os.close(handle)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - until the end


def _write_any_character() -> None:
    """A terminal of another encoding gets escapes for what it cannot show, as stderr does anyway."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _code_of(error: OSError) -> int:
    if error.errno == errno.EPIPE and _nobody_reads():
        _forget(sys.stdout)
        _forget(sys.stderr)
        return READER_GONE
    _say(_os_sentence(error), HINTS.get(error.errno or 0, OTHERWISE))
    return Exit.WORLD


def _nobody_reads() -> bool:
    """Whether who read our output has gone. The pipe that broke may have been one to a process of ours."""
    poll = select.poll()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            poll.register(stream.fileno(), 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _forget(stream: TextIO) -> None:
    """What could not be written is tried once more when Python ends, which would change the exit code."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with suppress(OSError, ValueError):
        os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _say(message: str, hint: str) -> None:
    from onboarding_tool.report import visible

    lines = [f"onboard: {message}", *(f"  {line}" for line in hint.splitlines() if line)]
    with suppress(OSError):  # who does not hear it still gets the exit code
        print("\n".join("\n".join(visible(part) for part in line.split("\n")) for line in lines), file=sys.stderr)


def _os_sentence(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{(error.strerror or str(error)).lower()}"


def _as_bug(error: Exception) -> int:
    _say(f"this is a bug in onboard: {type(error).__name__}: {error}", _where_to_report())
    return Exit.BUG


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

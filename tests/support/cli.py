"""Run `onboard` as its user would, without the cost of a process: arguments in, exit code and output out."""

import contextlib
import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from onboarding_tool.cli import main
from tests.support.git import commit, repository

# The command as its user has it, for a process of its own.
ONBOARD = str(Path(sys.executable).with_name("onboard"))


@dataclass(frozen=True, slots=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def onboard(*words: str | Path, at: Path | None = None, stdin: bytes = b"", is_watched: bool = False) -> Done:
    """Runs in the folder `at`. The output is not a terminal; stderr is one if somebody watches."""
    out, err = io.StringIO(), Terminal() if is_watched else io.StringIO()
    arguments = ["onboard", *map(str, words)]
    given = io.TextIOWrapper(io.BytesIO(stdin))
    with (
        patch.object(sys, "argv", arguments),
        patch.object(sys, "stdin", given),
        contextlib.chdir(at or Path.cwd()),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    return Done(int(code), out.getvalue(), err.getvalue())


def generated(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """A config repo of these files, or the good ones, committed with what is generated."""
    root = repository(folder, files)
    assert onboard("generate", at=root).code == 0
    commit(root, {}, "Generate")
    return root

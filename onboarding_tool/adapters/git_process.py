"""Git as a program: what each command is told, how it ends, what is made of what it says.

GitPython starts it, with argument lists, bytes in and out. Its own index and object code is never used.
"""

import os
import re
import signal
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from onboarding_tool.errors import WorldError

# Without it GitPython refuses to be imported where git is missing; we say so ourselves, when git is needed.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import git

# No hook of a user runs, no identity is guessed from the machine's name, and what changed is what differs in anything.
SETTINGS = (
    *("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false"),
    *("-c", "user.useConfigOnly=true"),
    *("-c", "core.trustCtime=true", "-c", "core.checkStat=default"),
)
REMOTE = 20.0  # seconds that a remote may take to answer
IDLE_TALK = re.compile("warning:|To ", re.IGNORECASE)  # what a remote's refusal begins with
FULL = re.compile(r"no space left|out of disk ?space|disk quota", re.IGNORECASE)
USERINFO = re.compile(r"(?<=://)[^/\s'\"]*@")  # of a URL; it may be a token


class GitFailedError(WorldError):
    """A git command ended badly. `said` is what it wrote to stderr."""

    def __init__(self, arguments: Sequence[str], said: str) -> None:
        *before, last = said.strip().splitlines() or ["it did not say why"]
        advice = ["Make room on the disk, then run the command again."] if FULL.search(said) else []
        super().__init__(f"git {arguments[0]} failed: {last}", "\n".join([*before, *advice]))
        self.said = said


class Git:
    """Git in a folder, wherever that lies. Its commands run with what `environment` says."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        # In a string GitPython would expand `$HOME` and `~`, and do its work elsewhere.
        self._handle = git.Git(folder.resolve())
        self._handle.update_environment(**(environment or {}))

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        index: Path | None = None,
        accept: Collection[int] = (0,),
        literal: bool = True,
        undisturbed: bool = False,
    ) -> bytes:
        """What a git command prints. Raises GitFailedError unless its exit code is one of `accept`.

        `index`: a file to use as the index. `literal`: paths are no patterns. `undisturbed`: a Ctrl-C or a kill of our
        process group does not reach the command.
        """
        words = {"start_new_session": True} if undisturbed else {}
        environment = {"GIT_LITERAL_PATHSPECS": str(int(literal))}
        if index is not None:
            environment["GIT_INDEX_FILE"] = str(index)
        return self._run(arguments, stdin, environment, accept, words)

    def ask_remote(self, *arguments: str, seconds: float = REMOTE) -> bytes:
        """What a git command prints that speaks with a remote. It has no terminal, so it asks nobody for anything.

        Raises WorldError, also when time is up; no password of an address stands in its message.
        """
        environment = {"SSH_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never"}
        words = {"start_new_session": True}
        try:
            return self._run(arguments, environment=environment, words=words, seconds=seconds)
        except GitFailedError as error:
            lines = [line.strip() for line in error.said.splitlines() if line and not IDLE_TALK.match(line)]
            raise WorldError(USERINFO.sub("", lines[0] if lines else error.message)) from None

    def run_within(self, most: int, *arguments: str) -> bytes:
        """As `run`. Raises WorldError if it prints more bytes than that, and reads no further."""
        handle = self.start(*arguments)  # ends the process when it is forgotten
        process = handle.proc
        printed: bytes = process.stdout.read(most + 1)
        if len(printed) > most:
            process.kill()
        _, said = process.communicate()
        if len(printed) > most:
            raise WorldError(
                f"git {arguments[0]} has more to tell than {most:,} bytes", "Nobody could look through it."
            )
        if process.returncode:
            raise GitFailedError(arguments, said.decode("utf-8", "replace"))
        return printed

    @contextmanager
    def lines(self, *arguments: str) -> Iterator[Iterator[str]]:
        """The lines that a git command prints, as they come; leaving early ends it."""
        handle = self.start(*arguments)  # ends the process when it is forgotten
        process = handle.proc
        lines = _Lines(process.stdout)
        yield lines
        if not lines.ended:
            process.kill()
        _, said = process.communicate()
        if lines.ended and process.returncode:
            raise GitFailedError(arguments, said.decode("utf-8", "replace"))

    def start(self, *arguments: str, environment: Mapping[str, str] | None = None, **words: Any) -> Any:
        """A git command at work: its streams are `proc.stdin` and so on. It ends when it is forgotten.

        `words`: more for subprocess.Popen.
        """
        command = [self._handle.GIT_PYTHON_GIT_EXECUTABLE or "git", *SETTINGS, *arguments]
        try:
            return self._handle.execute(command, istream=-1, as_process=True, env=environment, **words)
        except git.exc.GitCommandNotFound:
            raise WorldError("git is not installed, or not on the PATH", "Install git 2.30 or newer.") from None

    def _run(
        self,
        arguments: Sequence[str],
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        accept: Collection[int] = (0,),
        words: Mapping[str, Any] | None = None,
        seconds: float | None = None,
    ) -> bytes:
        """`seconds`: a limit for a command in a session of its own, which ends with all that it started."""
        process = self.start(*arguments, environment=environment, **(words or {}))
        try:
            printed, said = process.communicate(stdin, timeout=seconds)
        except BaseException as error:
            if seconds is not None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise WorldError(f"git {arguments[0]} had no answer after {seconds:g} seconds") from None
            raise
        if process.returncode not in accept:
            raise GitFailedError(arguments, said.decode("utf-8", "replace"))
        assert isinstance(printed, bytes)
        return printed


class _Lines(Iterator[str]):
    """The lines of a stream, and whether its end was reached."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.ended = False

    def __next__(self) -> str:
        line = self._stream.readline()
        if not line:
            self.ended = True
            raise StopIteration
        return line.decode().rstrip("\n")


def around(folder: Path) -> tuple[Path, Path | None] | None:
    """The `.git` of the repository around a folder, and its working tree if it has one; None if there is none."""
    try:
        found = git.Repo(folder.resolve(), search_parent_directories=True, expand_vars=False)
    except git.exc.GitError:
        return None
    return Path(found.git_dir).resolve(), Path(found.working_tree_dir).resolve() if found.working_tree_dir else None


def modes_count(folder: Path) -> bool:
    """Whether git believes the disk around a folder as to who may run a file: core.fileMode."""
    found = around(folder)
    if found is None:
        return True
    with suppress(WorldError):  # a setting that makes no sense is told by who asks git for more
        said = Git(folder, {"GIT_DIR": str(found[0])}).run("config", "--type=bool", "core.fileMode", accept=(0, 1))
        return said.strip() != b"false"
    return True


def split(printed: bytes) -> list[bytes]:
    """The items of an output of `-z`."""
    return printed.split(b"\0")[:-1]


def listed(line: bytes) -> tuple[bytes, tuple[int, str]]:
    """The path in a line of `git ls-tree -z`, with the mode and git's name of the content."""
    about, _, path = line.partition(b"\t")
    mode, _, name = about.split(b" ")
    return path, (int(mode, 8), name.decode())

"""Programs as child processes: each with a log, all of them gone at the end, whatever that end is."""

import ctypes
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# Below the range from which Linux takes the ports of outgoing connections, which would race with ours.
PORTS = range(20_000, 32_000)


class ProgramError(Exception):
    """A program ended, or was not ready in time; the text holds the end of its log."""


@dataclass(slots=True)
class Programs:
    """The running programs of one cluster, and the folder in which they work."""

    folder: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def start(self, binary: Path, *arguments: str, **environment: str) -> None:
        """Starts it with nothing of our environment but PATH, in a session of its own: Ctrl-C reaches only us."""
        base = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder / "tmp")}
        with (self.logs / f"{binary.name}.log").open("ab") as log:
            self.running[binary.name] = subprocess.Popen(
                [str(binary), *arguments],
                cwd=self.folder,
                env=base | environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def wait_for(self, name: str, ready: Callable[[], bool], within: float = 60.0) -> None:
        """Until `ready` answers yes. Raises ProgramError if the program ends, or after `within` seconds."""
        deadline = time.monotonic() + within
        while not ready():
            code = self.running[name].poll()
            if code is not None:
                raise ProgramError(f"{name} ended with {code}:\n{self._end_of_log(name)}")
            if time.monotonic() > deadline:
                raise ProgramError(f"{name} is not ready after {within:.0f} s:\n{self._end_of_log(name)}")
            time.sleep(0.02)

    def _end_of_log(self, name: str) -> str:
        path = self.logs / f"{name}.log"
        return f"{path.read_text(errors='replace')[-3000:]}\n(all of it: {path})"

    def stop(self) -> None:
        """Kills them and what they started: they hold nothing worth a farewell, and the API server's takes 11 s."""
        for process in reversed(self.running.values()):
            with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.clear()


@contextmanager
def programs(folder: Path) -> Iterator[Programs]:
    """Programs that work in the folder. At the end they are stopped and all they wrote is deleted, but for the logs."""
    group = Programs(folder)
    for path in (group.logs, folder / "tmp"):
        path.mkdir(parents=True)
    try:
        yield group
    finally:
        group.stop()
        for path in folder.iterdir():
            if path == group.logs:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _die_with_parent() -> None:
    """Runs in the child: Linux kills it when we die, even of a SIGKILL."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def working_below(folder: Path) -> dict[int, str]:
    """The processes of this machine that work below the folder, and their names. Linux only."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, PermissionError, ProcessLookupError):
            if (process / "cwd").readlink().is_relative_to(folder):
                command = re.split(r"[\0 ]", (process / "cmdline").read_text(encoding="utf-8"))[0]
                found[int(process.name)] = Path(command).name
    return found


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    while True:
        port = secrets.choice(PORTS)
        if not listens(port):
            return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

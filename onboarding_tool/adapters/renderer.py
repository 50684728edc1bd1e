"""The renderer: kustomize's own library in helper processes that have no disk, no network and no other program.

One process per core, each with one build at a time. A fleet streams through them: a few kustomizations wait in each
process, results come in the order of the requests, and nothing grows with the fleet.
"""

import json
import os
import select
import struct
import subprocess
import sys
import time
from base64 import b64encode
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from onboarding_tool import resources
from onboarding_tool.errors import BugError, WorldError
from onboarding_tool.rendering import Failure, Form, Rendered, RenderRequest

NAME = "onboard-renderer"
MAX_INPUT = 8 << 20  # bytes of all files of one kustomization
MAX_OUTPUT = 8 << 20  # bytes that it renders to
TIME_LIMIT = 4.0  # seconds for one kustomization; an ordinary one takes 2 ms, the first with a patch 0.1 s
MAX_PROCESSES = 8
WAITING = 4  # requests in a process besides the one at work, so that it never waits for us
AHEAD = 16  # finished results that may wait for an earlier one, for each process
KEPT = 8 << 20  # bytes of files that a process keeps because others may need them again
CHUNK = 1 << 16
GRACE = 1.0  # seconds from closing its stdout to the end of a process
# Exit codes of renderer/main.go.
EXIT_MEMORY, EXIT_TIME = 70, 71


def binary() -> Path:
    """The helper: inside an installed wheel, or where the build hook put it in a checkout."""
    places = (resources.PACKAGE / "_data" / "bin" / NAME, resources.PACKAGE.parent / "renderer" / ".build" / NAME)
    for place in places:
        if place.is_file():
            return place
    hint = "Install the tool again: `pip install .` builds it, and wheels bring it."
    raise WorldError(f"The renderer is missing: there is no {places[0]}.", hint)


@dataclass(slots=True)
class _Job:
    """A request on its way. After a crash that it may have caused it goes alone."""

    number: int
    request: RenderRequest
    crashes: int = 0


class _Process:
    """One helper. Answers come in the order of the jobs, so the first job is always the one at work."""

    def __init__(self, command: Path) -> None:
        self.jobs: deque[_Job] = deque()
        self._since = 0.0  # when the first job became the first, or last gave a sign of life (monotonic seconds)
        self._kept: OrderedDict[str, int] = OrderedDict()  # key -> bytes of files that the helper has
        self._kept_bytes = 0
        self._out = bytearray()
        self._in = bytearray()
        self._popen = _start(command)
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self.stdin, self.stdout = self._popen.stdin.fileno(), self._popen.stdout.fileno()
        for pipe in (self.stdin, self.stdout):
            os.set_blocking(pipe, False)

    def accepts(self, job: _Job) -> bool:
        alone = job.crashes > 0 or any(other.crashes > 0 for other in self.jobs)
        return not self.jobs or (not alone and len(self.jobs) <= WAITING and not self._out)

    def give(self, job: _Job) -> None:
        if not self.jobs:
            self._since = time.monotonic()
        self.jobs.append(job)
        frame = json.dumps(self._asked(job.request), separators=(",", ":")).encode()
        self._out += struct.pack(">I", len(frame)) + frame
        self.write()

    def _asked(self, request: RenderRequest) -> dict[str, Any]:
        keys = {path: sha256(data).hexdigest()[:32] for path, data in request.files.items()}
        texts: dict[str, str] = {}
        others: dict[str, str] = {}
        for path, data in request.files.items():
            if keys[path] not in self._kept:
                _encode(keys[path], data, texts, others)
                self._kept[keys[path]] = len(data)
                self._kept_bytes += len(data)
            self._kept.move_to_end(keys[path])
        return {
            "add": texts,
            "add_base64": others,
            "drop": self._forgotten(set(keys.values())),
            "folder": request.path,
            "objects": request.form is Form.OBJECTS,
            "files": keys,
            "max_input": MAX_INPUT,
            "max_output": MAX_OUTPUT,
        }

    def _forgotten(self, needed: set[str]) -> list[str]:
        """The keys that leave the helper, least recently used first, until what is kept is within its bound."""
        forgotten = []
        while self._kept_bytes > KEPT and (oldest := next(iter(self._kept))) not in needed:
            self._kept_bytes -= self._kept.pop(oldest)
            forgotten.append(oldest)
        return forgotten

    @property
    def is_blocked(self) -> bool:
        """Whether the pipe was too full for all that is to be sent."""
        return bool(self._out)

    def write(self) -> None:
        with suppress(BlockingIOError, BrokenPipeError):  # its end shows when reading
            while self._out:
                del self._out[: os.write(self.stdin, self._out[:CHUNK])]

    def write_rest(self) -> None:
        self._since = time.monotonic()
        self.write()

    def read(self) -> list[tuple[_Job, Rendered]] | None:
        """What has come; None if the process ended."""
        data = os.read(self.stdout, CHUNK)
        if not data:
            return None
        self._since = time.monotonic()
        self._in += data
        return list(self._answers())

    def _answers(self) -> Iterator[tuple[_Job, Rendered]]:
        while len(self._in) >= 4:
            end = 4 + struct.unpack_from(">I", self._in)[0]
            if len(self._in) < end:
                return
            answer = json.loads(self._in[4:end])
            del self._in[:end]
            job = self.jobs.popleft()
            failure = Failure(answer["failure"]) if "failure" in answer else None
            values, message = tuple(answer.get("objects", ())), answer.get("message", "")
            yield job, Rendered(job.request.path, answer.get("text", ""), values, failure, message)

    def patience(self, limit: float) -> float:
        """Seconds that the job at work still has."""
        return self._since + limit - time.monotonic()

    def ended(self) -> int:
        """The exit code of a process that closed its stdout."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(GRACE)
        return self.kill()

    def kill(self) -> int:
        """Ends it, whatever it does: it has nothing to lose."""
        for pipe in (self._popen.stdin, self._popen.stdout):
            if pipe is not None:
                pipe.close()
        self._popen.kill()
        return self._popen.wait()


def _start(command: Path) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            [command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={},
            start_new_session=True,  # Ctrl-C is for us; it ends when we close its stdin, or die
        )
    except OSError as error:
        hint = "Install the tool again, on the platform that it is to run on."
        raise WorldError(f"The renderer does not start: {command}: {error.strerror}.", hint) from error


def _encode(key: str, data: bytes, texts: dict[str, str], others: dict[str, str]) -> None:
    try:
        texts[key] = data.decode()
    except UnicodeDecodeError:
        others[key] = b64encode(data).decode()


class _Run:
    """The requests of one run on their way to results, in order, with a bound on how far ahead it looks."""

    def __init__(self, requests: Iterator[RenderRequest], ahead: int) -> None:
        self._requests = enumerate(requests)
        self._ahead = ahead
        self._waiting: deque[_Job] = deque()
        self._results: dict[int, Rendered] = {}
        self._taken = 0
        self._given = 0

    def finished(self) -> Iterator[Rendered]:
        while self._given in self._results:
            self._given += 1
            yield self._results.pop(self._given - 1)

    @property
    def is_over(self) -> bool:
        return self.next_job() is None and self._given == self._taken

    def next_job(self) -> _Job | None:
        """The job that is to be started next; None if there is none yet, or none any more."""
        while not self._waiting and self._taken - self._given < self._ahead:
            number, request = next(self._requests, (-1, None))
            if request is None:
                return None
            self._taken += 1
            self._admit(_Job(number, request))
        return self._waiting[0] if self._waiting else None

    def _admit(self, job: _Job) -> None:
        size = sum(map(len, job.request.files.values()))
        if size <= MAX_INPUT:
            self._waiting.append(job)
        else:
            self.fail(job, Failure.TOO_LARGE, f"its files have {size:,} bytes; at most {MAX_INPUT:,} are read")

    def take(self) -> _Job:
        return self._waiting.popleft()

    def finish(self, job: _Job, rendered: Rendered) -> None:
        self._results[job.number] = rendered

    def fail(self, job: _Job, failure: Failure, message: str) -> None:
        self.finish(job, Rendered(job.request.path, failure=failure, message=message))

    def again(self, jobs: Iterable[_Job]) -> None:
        self._waiting.extendleft(reversed(list(jobs)))


class Renderer:
    """Renders with `jobs` processes (default: one per core), started when they are needed and kept until `close`.

    `time_limit` is in seconds, for one kustomization.
    """

    def __init__(self, jobs: int | None = None, time_limit: float = TIME_LIMIT, command: Path | None = None) -> None:
        self.jobs = jobs or min(cores(), MAX_PROCESSES)
        self.time_limit = time_limit
        self._command = command
        self._processes: list[_Process] = []
        self._at_work = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start a process now, which gets ready while the caller still reads what is to be rendered."""
        if not self._processes:
            self._started()

    def close(self) -> None:
        while self._processes:
            self._processes.pop().kill()

    def render(self, requests: Iterable[RenderRequest]) -> Iterator[Rendered]:
        """One result for each request, in their order. Takes requests only as fast as its results are taken."""
        if self._at_work:
            raise BugError("The renderer does one run at a time.")
        self._at_work = True
        try:
            yield from self._stream(_Run(iter(requests), self.jobs * AHEAD))
        finally:
            self._at_work = False
            for process in [process for process in self._processes if process.jobs]:
                self._kill(process)  # a run that was left early: the answers still to come are nobody's

    def _stream(self, run: _Run) -> Iterator[Rendered]:
        while True:
            yield from run.finished()
            while (job := run.next_job()) is not None and (process := self._process_for(job)) is not None:
                process.give(run.take())
            if any(process.jobs for process in self._processes):
                self._wait(run)
            elif run.is_over:
                return

    def _process_for(self, job: _Job) -> _Process | None:
        free = min(self._processes, key=lambda process: len(process.jobs), default=None)
        if free is not None and free.accepts(job):
            return free
        # Not before: to get ready takes a process longer than to render what may wait for another one.
        return self._started() if len(self._processes) < self.jobs else None

    def _started(self) -> _Process:
        self._processes.append(_Process(self._command or binary()))
        return self._processes[-1]

    def _wait(self, run: _Run) -> None:
        busy = [process for process in self._processes if process.jobs]
        poll = select.poll()
        for process in busy:
            poll.register(process.stdout, select.POLLIN)
            if process.is_blocked:
                poll.register(process.stdin, select.POLLOUT)
        patience = min(process.patience(self.time_limit) for process in busy)
        ready = {descriptor for descriptor, _ in poll.poll(max(patience, 0.0) * 1000 + 1)}
        for process in busy:
            if process.stdin in ready:
                process.write_rest()
            if process.stdout in ready:
                self._read(process, run)
            elif process.patience(self.time_limit) <= 0:
                self._time_out(process, run)

    def _read(self, process: _Process, run: _Run) -> None:
        results = process.read()
        if results is None:
            self._mourn(process, run)
            return
        for job, rendered in results:
            run.finish(job, rendered)

    def _mourn(self, process: _Process, run: _Run) -> None:
        """A process died at its first job, perhaps of it: that one gets a second chance alone, the others go on.

        There is no second chance for what reached a bound.
        """
        self._processes.remove(process)
        code = process.ended()
        first, *others = process.jobs
        if first.crashes or code in (EXIT_MEMORY, EXIT_TIME):
            run.again(others)
            run.fail(first, *_cause(code))
        else:
            run.again([_Job(first.number, first.request, crashes=1), *others])

    def _time_out(self, process: _Process, run: _Run) -> None:
        first, *others = process.jobs
        self._kill(process)
        run.again(others)
        run.fail(first, Failure.TIMED_OUT, f"it was not rendered within {self.time_limit:g} seconds")

    def _kill(self, process: _Process) -> None:
        self._processes.remove(process)
        process.kill()


def _cause(code: int) -> tuple[Failure, str]:
    if code == EXIT_MEMORY:
        return Failure.TOO_LARGE, "rendering it needs more memory than it may have"
    if code == EXIT_TIME:
        return Failure.TIMED_OUT, "it was not rendered in time"
    return Failure.CRASHED, f"the renderer crashed over it twice (exit code {code})"


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

"""GitHub's side of a workflow, as far as ours need it: expressions, steps in a real bash, two actions, its API.

What is not GitHub here: actions/checkout and actions/upload-artifact are played by git and zipfile, and the API is a
server of this process that knows the answers it is given. The scripts, git, pip, curl and `onboard` are real.
"""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from tests.support.git import git

TOKEN = "a-token-of-github"
REPOSITORY = "acme/config"
# `bash` by its name, and what GitHub takes where no shell is named.
SHELLS = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"], "": ["bash", "-e"]}


def read(path: Path) -> dict[Any, Any]:
    """A workflow or an action. YAML reads its key `on` as true."""
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


@dataclass(slots=True)
class Step:
    """What became of a step."""

    name: str
    code: int
    text: str
    outputs: dict[str, str]
    summary: str


@dataclass(slots=True)
class Runner:
    """One job on a fresh machine. `contexts`: github, needs, inputs."""

    place: Path
    contexts: dict[str, Any]
    remote: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def workspace(self) -> Path:
        return self.place / "workspace"

    @property
    def temp(self) -> Path:
        return self.place / "temp"

    @property
    def artifacts(self) -> Path:
        return self.place / "artifacts"

    @property
    def failed(self) -> bool:
        return any(step.code for step in self.steps)

    def job(self, steps: list[dict[str, Any]], shell: str = "", without: tuple[str, ...] = ()) -> "Runner":
        """Runs the steps, but for those of a name that were done before."""
        for folder in (self.workspace, self.temp, self.artifacts):
            folder.mkdir(parents=True, exist_ok=True)
        for step in steps:
            if step["name"] not in without and self._wants(step.get("if")):
                self.steps.append(self._uses(step) if "uses" in step else self._runs(step, shell))
                self.outputs[step.get("id", "")] = self.steps[-1].outputs
        return self

    def step(self, name: str) -> Step:
        [found] = [step for step in self.steps if step.name == name]
        return found

    def ran(self) -> list[str]:
        return [step.name for step in self.steps]

    def value(self, text: Any) -> str:
        """A text of the file with the values of its expressions."""
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: self.expression(found[1].strip()), str(text))

    def expression(self, text: str) -> str:
        """`a.b || format('{0}/c', d.e)`: the first that is there."""
        found = (self._operand(part.strip()) for part in text.split("||"))
        return next((value for value in found if value), "")

    def _operand(self, text: str) -> str:
        if called := re.fullmatch(r"format\('([^']*)', (.*)\)", text):
            return called[1].replace("{0}", self._operand(called[2]))
        assert re.fullmatch(r"[a-z_]+(\.[A-Za-z_-]+)+", text), f"an expression that is not known here: {text}"
        value: Any = self.contexts | {
            "runner": {"temp": str(self.temp)},
            "steps": {name: {"outputs": found} for name, found in self.outputs.items()},
        }
        for name in text.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return "" if value is None else str(value)

    def _wants(self, condition: str | None) -> bool:
        if condition is None:
            return not self.failed
        if condition == "${{ !cancelled() }}":
            return True
        return not self.failed and self.holds(condition)

    def holds(self, condition: str) -> bool:
        found = re.fullmatch(r"(\S+) (==|!=) '([^']*)'", condition)
        assert found, f"a condition that is not known here: {condition}"
        return (self.expression(found[1]) == found[3]) is (found[2] == "==")

    def _uses(self, step: Mapping[str, Any]) -> Step:
        words = {name: self.value(text) for name, text in step.get("with", {}).items()}
        action = step["uses"].partition("@")[0]
        {"actions/checkout": self._checkout, "actions/upload-artifact": self._upload}[action](words)
        return Step(step["name"], 0, "", {}, "")

    def _checkout(self, words: Mapping[str, str]) -> None:
        """All branches and tags, as with `fetch-depth: 0`; what is asked for is a branch or a commit."""
        assert (words["fetch-depth"], words["persist-credentials"]) == ("0", "False")
        git(self.workspace, "init", "-q")
        git(self.workspace, "remote", "add", "origin", self.remote)
        git(self.workspace, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
        branches = git(self.workspace, "for-each-ref", "--format=%(refname:lstrip=3)").splitlines()
        where = f"origin/{words['ref']}" if words["ref"] in branches else words["ref"]
        git(self.workspace, "checkout", "-q", "--detach", where)

    def _upload(self, words: Mapping[str, str]) -> None:
        path = Path(words["path"])
        if path.is_file():
            with zipfile.ZipFile(self.artifacts / f"{words['name']}.zip", "w") as archive:
                archive.write(path, path.name)

    def _runs(self, step: Mapping[str, Any], shell: str) -> Step:
        files = {name: self.place / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "script")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        files["script"].write_text(self.value(step["run"]), encoding="utf-8")
        github, event = self.contexts["github"], self.place / "event.json"
        event.write_text(json.dumps(github["event"]), encoding="utf-8")
        environment = {
            **os.environ,
            **{f"GITHUB_{name.upper()}": value for name, value in github.items() if name not in ("event", "token")},
            **{name: str(file) for name, file in files.items() if name != "script"},
            # The Python of the tests: not every system's can make virtual environments.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(event),
            "RUNNER_TEMP": str(self.temp),
            **self.settings,
            **{name: self.value(text) for name, text in step.get("env", {}).items()},
        }
        command = [*SHELLS[step.get("shell", shell)], str(files["script"])]
        done = subprocess.run(
            command, cwd=self.workspace, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert files["GITHUB_ENV"].read_text() == "", "what follows is not changed by what is in the environment"
        outputs = _outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        return Step(step["name"], done.returncode, done.stdout + done.stderr, outputs, summary)


def _outputs(text: str) -> dict[str, str]:
    """`name=value`, and `name<<END`, lines, `END`."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        if several := re.fullmatch(r"([\w-]+)<<(\S+)", line):
            value = []
            for inner in lines:
                if inner == several[2]:
                    break
                value.append(inner)
            found[several[1]] = "\n".join(value)
        else:
            name, _, found_value = line.partition("=")
            found[name] = found_value
    return found


@dataclass(slots=True)
class Api:
    """A server with these answers: path with its query -> status and body, or the address of elsewhere."""

    answers: dict[str, tuple[int, bytes] | str]
    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)  # (path, Authorization)


@contextmanager
def serving(answers: dict[str, tuple[int, bytes] | str]) -> Iterator[Api]:
    api = Api(answers)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            api.asked.append((self.path, self.headers.get("Authorization", "")))
            answer = api.answers.get(self.path, (404, b"{}"))
            if isinstance(answer, str):
                self.send_response(302)
                self.send_header("Location", answer)
                answer = (302, b"")
            else:
                self.send_response(answer[0])
            self.send_header("Content-Type", "text/html")  # pip looks, and nobody else
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    api.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()


def wheel(folder: Path, name: str, needs: str = "", script: str = "") -> Path:
    """A wheel of version 0.1.0 that brings the command `onboard` if it has a script."""
    module = name.replace("-", "_")
    about = f"{module}-0.1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n"
    files = {
        f"{module}_stand_in.py": script,
        f"{about}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if script:
        files[f"{about}/entry_points.txt"] = f"[console_scripts]\nonboard = {module}_stand_in:main\n"
    record = f"{about}/RECORD"
    files[record] = "".join(f"{path},,\n" for path in (*files, record))
    path = folder / f"{module}-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
    return path

"""GitHub on this machine: emulate, a stateful counterpart that is not ours, behind a proxy that notes and disturbs.

What emulate does not do as GitHub does, and how the tests deal with it:
- Whoever comes with a token that it does not know is its first user: here that is a stranger, so nothing of ours works
  with a wrong token, and what GitHub says to one is said by the proxy.
- It limits nobody, redirects nobody and answers at once: the proxy does what a real network does.
- The head of a pull request stays what it was when its branch moves, so the proxy tells of one that moved.
- It takes a comment of any length, so how long ours may be is tested where it is made.
"""

import http.client
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jsonschema_rs

OPENAPI = Path(__file__).resolve().parent.parent / "forge/openapi.json"
BOT = "github-actions[bot]"
TOKENS = {login: f"ghs_{login[:3]}{'0123456789' * 3}" for login in ("stranger", "acme", "alice", "bob", "carol", BOT)}
TOKEN = TOKENS[BOT]
NAMES = count(1)
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


class Emulate:
    """Users, repositories, pull requests, reviews and comments."""

    def __init__(self, port: int) -> None:
        self.port = port

    def call(self, verb: str, path: str, body: Any = None, *, login: str) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {TOKENS[login]}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers, method=verb)
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def pull(self, by: str = "alice") -> "Pulled":
        """A pull request in a repository of its own."""
        name = f"acme/config-{next(NAMES)}"
        about = {"name": name.partition("/")[2], "auto_init": True}
        self.call("POST", "/user/repos", about, login="acme")
        main = self.call("GET", f"/repos/{name}/git/ref/heads/main", login="acme")["object"]["sha"]
        ref = {"ref": "refs/heads/topic", "sha": main}
        self.call("POST", f"/repos/{name}/git/refs", ref, login="acme")
        file = {"message": "Ask", "content": "eA==", "branch": "topic"}
        head = self.call("PUT", f"/repos/{name}/contents/x.txt", file, login="acme")["commit"]["sha"]
        opened = {"title": "Release", "head": "topic", "base": "main"}
        number = self.call("POST", f"/repos/{name}/pulls", opened, login=by)["number"]
        return Pulled(self, name, number, head, main)


@dataclass(frozen=True)
class Pulled:
    forge: Emulate
    repo: str
    number: int
    head: str
    base: str

    def comment(self, body: str, *, by: str) -> int:
        path = f"/repos/{self.repo}/issues/{self.number}/comments"
        return self.forge.call("POST", path, {"body": body}, login=by)["id"]

    def comments(self) -> list[tuple[int, str, str]]:
        """(id, login, text) of each."""
        found: list[tuple[int, str, str]] = []
        for page in count(1):
            path = f"/repos/{self.repo}/issues/{self.number}/comments?per_page=100&page={page}"
            some = self.forge.call("GET", path, login="acme")
            found += [(one["id"], one["user"]["login"], one["body"]) for one in some]
            if len(some) < 100:
                break
        return found

    def review(self, event: str, *, by: str, commit: str = "") -> int:
        path = f"/repos/{self.repo}/pulls/{self.number}/reviews"
        body = {"event": event, "body": "so", "commit_id": commit or self.head}
        return self.forge.call("POST", path, body, login=by)["id"]

    def dismiss(self, review: int) -> None:
        path = f"/repos/{self.repo}/pulls/{self.number}/reviews/{review}/dismissals"
        self.forge.call("PUT", path, {"message": "no"}, login="acme")

    def id_of(self, login: str) -> int:
        return self.forge.call("GET", "/user", login=login)["id"]


@contextmanager
def emulate(folder: Path, work: Path) -> Iterator[Emulate]:
    """`folder`: where tests/tools/install_forge.sh has put it; `work`: for its seed and its log."""
    port = _free_port()
    users = [{"login": login} for login in TOKENS]
    tokens = {token: {"login": login, "scopes": ["repo"]} for login, token in TOKENS.items()}
    seed = work / "seed.json"
    seed.write_text(json.dumps({"tokens": tokens, "github": {"users": users}}))
    command = [folder / "node/bin/node", folder / "node_modules/emulate/dist/index.js", "start", "--service", "github"]
    options = ["--port", str(port), "--seed", str(seed), "--base-url", f"http://127.0.0.1:{port}"]
    with (work / "log").open("wb") as log:
        running = subprocess.Popen([*command, *options], stdout=log, stderr=log, cwd=work)
        try:
            _wait(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
            yield Emulate(port)
        finally:
            running.terminate()
            running.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _wait(ready: Callable[[], None]) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            return ready()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@dataclass(frozen=True)
class Call:
    verb: str
    path: str
    query: Mapping[str, list[str]]
    body: Any
    headers: Mapping[str, str]

    @property
    def what(self) -> str:
        """`GET comments`, or `PATCH comments`."""
        return f"{self.verb} {[part for part in self.path.split('/') if not part.isdigit()][-1]}"


@dataclass(frozen=True)
class Answer:
    """Instead of emulate's."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(status: int, message: str, **headers: str) -> Answer:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps({"message": message}).encode(), names)


# What the proxy does with one call: an answer of its own, or the name of what happens to emulate's.
Fault = Answer | str
CARRIED_OUT = ("lost", "late", "truncated", "cut", "html", "closed")
FAULTS: dict[str, Fault] = {
    "bad gateway": Answer(502, b"<html>bad gateway</html>", {"Content-Type": "text/html"}),
    "secondary limit": answer(403, SECONDARY),
    "secondary limit with a time": answer(403, SECONDARY, Retry_After="7"),
    "too many": answer(429, "Too many requests"),
    "too many with a time": answer(429, "Too many requests", Retry_After="3"),
    "silence": "silence",
    "reset": "reset",
    **{name: name for name in CARRIED_OUT},
}


class Proxy:
    """Notes every call, hands it on, and does what `faults` says: by the number of the call, or for each of them."""

    def __init__(self, forge: Emulate, silence: float) -> None:
        self.calls: list[Call] = []
        self.faults: Callable[[int, Call], Fault | None] = lambda number, call: None
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def _any(self) -> None:
                _handle(self, proxy, forge.port, silence)

            do_GET = do_POST = do_PATCH = do_DELETE = _any  # noqa: N815 - as http.server looks for them

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def disturb(self, faults: Mapping[int, Fault]) -> None:
        """Calls by their numbers, from 0."""
        self.calls.clear()
        self.faults = lambda number, call: faults.get(number)

    def disturb_all(self, fault: Fault, what: str = "") -> None:
        self.calls.clear()
        self.faults = lambda number, call: fault if what in call.what else None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing is said of a client that has hung up, since it has heard enough."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handle(at: BaseHTTPRequestHandler, proxy: Proxy, port: int, silence: float) -> None:
    data = at.rfile.read(int(at.headers.get("Content-Length") or 0))
    parts = urlsplit(at.path)
    body = json.loads(data) if data else None
    call = Call(at.command, parts.path, parse_qs(parts.query), body, {k.lower(): v for k, v in at.headers.items()})
    fault = proxy.faults(len(proxy.calls), call)
    proxy.calls.append(call)
    at.close_connection = True
    if fault == "silence":
        time.sleep(silence)
        return
    if fault == "reset":
        at.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        at.connection.close()
        return
    answer = fault if isinstance(fault, Answer) else _from_emulate(at, data, port)
    if fault == "late":
        time.sleep(silence)
    if fault in ("lost", "late"):
        return
    text = b"<html>a page for people</html>" if fault == "html" else answer.body
    shown = text[: len(text) // 2] if fault in ("cut", "truncated") else text
    at.send_response_only(answer.status)
    for name, value in ({"Content-Type": "application/json"} | dict(answer.headers)).items():
        at.send_header(name, value)
    at.send_header("Content-Length", str(len(text if fault == "truncated" else shown)))
    if fault != "closed":  # as a connection that was kept, and died meanwhile
        at.send_header("Connection", "close")
    at.end_headers()
    if fault == "drops":
        with suppress(OSError):
            for byte in shown:
                at.wfile.write(bytes([byte]))
                time.sleep(silence / 20)
        return
    at.wfile.write(shown)


def _from_emulate(at: BaseHTTPRequestHandler, data: bytes, port: int) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    kept = {name: value for name, value in at.headers.items() if name.lower() in ("authorization", "content-type")}
    connection.request(at.command, at.path, data or None, kept)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return Answer(answer.status, text)


@cache
def _described() -> list[dict[str, Any]]:
    return list(json.loads(OPENAPI.read_text())["calls"])


def misfits(call: Call) -> list[str]:
    """What about a call is not as GitHub's own description of its API has it."""
    for about in _described():
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", about["path"])
        if call.verb == about["verb"] and (found := re.fullmatch(pattern, call.path)):
            return [*_wrong_parameters(about, found.groupdict(), call.query), *_wrong_body(about["body"], call.body)]
    return [f"there is no {call.verb} {call.path}"]


def _wrong_parameters(about: Any, path: Mapping[str, str], query: Mapping[str, list[str]]) -> Iterator[str]:
    for name, value in path.items():
        if about["path_parameters"][name]["type"] == "integer" and not value.isdigit():
            yield f"{name} is {value}"
    for name, values in query.items():
        schema = about["query"].get(name)
        if schema is None or len(values) > 1 or (schema["type"] == "integer" and not values[0].isdigit()):
            yield f"{name} is {values}"


def _wrong_body(schema: Any, body: Any) -> Iterator[str]:
    """No field that is not described: GitHub would take no notice of it."""
    if schema is None:
        if body is not None:
            yield "it has a body"
        return
    closed = schema | {"additionalProperties": False}
    yield from (error.message for error in jsonschema_rs.Draft202012Validator(closed).iter_errors(body))

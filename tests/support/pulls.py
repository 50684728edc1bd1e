"""Pull requests on a bare repository, made of git objects alone: whatever git lets anybody push can be made here."""

import atexit
import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from onboarding_tool.adapters import gating, merging
from onboarding_tool.adapters.gating import Asked
from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.adapters.watch import UNWATCHED, Watch
from onboarding_tool.gate.author import Author
from onboarding_tool.gate.verdict import Verdict
from tests.support.repos import REQUEST, REQUEST_PATH, good, second_api, with_generated

TODAY = "2026-11-20"
ALICE, KIM, MALLORY = Author("alice", 1001), Author("kim", 1), Author("mallory", 666)
NAME = "-c", "user.name=Alice", "-c", "user.email=alice@example.com"


@dataclass(frozen=True)
class Odd:
    """A file of any mode."""

    mode: str
    content: bytes


STAGING = REQUEST.replace("environment: prod", "environment: staging").replace(
    "namespace: payments\n", "namespace: payments-staging\n"
)
STAGING_PATH = REQUEST_PATH.replace("/prod/", "/staging/")
CAPABILITIES = "capabilities:\n  L0: []\n  L1: [config]\n  L2: [config, resources, autoscaling]\n"
CONFIG = "configMapGenerator:\n  - name: settings\n    files: [config/app.properties]\n"
CONFIG_PATH = "apps/payments/overlays/prod/config/app.properties"
HPA = "apps/payments/base/hpa.yaml"
METADATA = "apps/payments/metadata.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
DEPLOYMENT = "apps/payments/base/deployment.yaml"

Files = Mapping[str, str | bytes | Odd | None]
Entry = tuple[bytes, bytes, str]  # of a tree: mode, name, git's name of the content


@cache
def renderer() -> Renderer:
    """One for all pull requests: to start takes it longer than to render."""
    started = Renderer(1)
    atexit.register(started.close)
    return started


class Pulls:
    """A bare repository whose branch main holds a config repo."""

    def __init__(self, folder: Path, files: Files) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "-q", "--bare", "-b", "main")
        self.base = self.commit(files)
        self.git("update-ref", "refs/heads/main", self.base)

    def git(self, *arguments: str, stdin: bytes = b"", **environment: str) -> str:
        done = subprocess.run(
            ["git", *NAME, *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            check=False,
            env={**os.environ, **environment},
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def commit(self, files: Files, *parents: str, message: str = "a change") -> str:
        """A commit with these files written, or deleted where they are None, on top of its first parent."""
        index = str(self.folder / "building")
        if parents:
            self.git("read-tree", parents[0], GIT_INDEX_FILE=index)
        else:
            Path(index).unlink(missing_ok=True)
        lines = [self._line(path, content) for path, content in files.items()]
        self.git("update-index", "-z", "--index-info", stdin=b"".join(lines), GIT_INDEX_FILE=index)
        tree = self.git("write-tree", "--missing-ok", GIT_INDEX_FILE=index)
        chosen = [word for parent in parents for word in ("-p", parent)]
        return self.git("commit-tree", tree, *chosen, "-m", message)

    def planted(self, commit: str, folder: str, entries: Iterable[Entry], *parents: str) -> str:
        """A commit of the same files and these raw entries in one folder: what git's index would refuse, too.

        Its parents are those given, else the commit.
        """
        whole, steps = self.git("rev-parse", f"{commit}^{{tree}}"), folder.split("/") if folder else []
        tree = self._with_entries(whole, steps, entries)
        chosen = [word for parent in parents or (commit,) for word in ("-p", parent)]
        return self.git("commit-tree", tree, *chosen, "-m", "planted")

    def blob(self, content: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=content)

    def _with_entries(self, tree: str, steps: list[str], entries: Iterable[Entry]) -> str:
        known = self._entries(tree) if tree else []
        if steps:
            name = steps[0].encode()
            inner = next((content for mode, each, content in known if (mode, each) == (b"40000", name)), "")
            entries = [(b"40000", name, self._with_entries(inner, steps[1:], entries))]
        added = list(entries)
        new = {name for _, name, _ in added}
        kept = [entry for entry in known if entry[1] not in new]
        # As git sorts them: a folder as if its name ended with a slash.
        every = sorted([*kept, *added], key=lambda entry: entry[1] + (b"/" if entry[0] == b"40000" else b""))
        data = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(content) for mode, name, content in every)
        return self.git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=data)

    def _entries(self, tree: str) -> list[Entry]:
        done = subprocess.run(["git", "cat-file", "tree", tree], cwd=self.folder, capture_output=True, check=True)
        found, data = [], done.stdout
        while data:
            mode, _, rest = data.partition(b" ")
            name, _, rest = rest.partition(b"\0")
            found.append((mode, name, rest[:20].hex()))
            data = rest[20:]
        return found

    def _line(self, path: str, content: str | bytes | Odd | None) -> bytes:
        if content is None:
            return b"0 " + b"0" * 40 + b"\t" + os.fsencode(path) + b"\0"
        mode, data = (content.mode, content.content) if isinstance(content, Odd) else ("100644", content)
        data = data.encode() if isinstance(data, str) else data
        name = data.decode() if mode == "160000" else self.git("hash-object", "-w", "--stdin", stdin=data)
        return f"{mode} {name}\t".encode() + os.fsencode(path) + b"\0"

    def judged(self, files: Files, author: Author | None = ALICE, *, base: str = "") -> Verdict:
        """The verdict on a pull request with one commit on top of the base."""
        return self.verdict(self.commit(files, base or self.base), author, base=base)

    def verdict(
        self, head: str, author: Author | None = ALICE, *, base: str = "", watch: Watch = UNWATCHED, **words: Any
    ) -> Verdict:
        git = GitRepo.open(self.folder, bare=True)
        with merging.quarantine(git) as inside:
            return gating.verdict(inside, Asked(base or self.base, head, author, TODAY, **words), renderer(), watch)


def rules(verdict: Verdict) -> set[str]:
    return {finding.rule for finding in verdict.findings}


@cache
def files(level: str = "L0") -> dict[str, str]:
    """A config repo with a ConfigMap that its Deployment reads, all of it generated."""
    found = good() | second_api()
    found["platform.yaml"] += CAPABILITIES + 'quota: {requests.cpu: "2", pods: "10"}\n'
    found[METADATA] = found[METADATA].replace("capability: L0", f"capability: {level}")
    found[PROD] += CONFIG
    found[CONFIG_PATH] = "currency=EUR\n"
    deployment = "apps/payments/base/deployment.yaml"
    found[deployment] += "          envFrom: [{configMapRef: {name: settings}}]\n"
    found[deployment] += "          resources: {requests: {cpu: 100m, memory: 64Mi}}\n"
    return with_generated(found)


def declared(found: dict[str, str]) -> dict[str, str]:
    """Without what is generated."""
    return {path: text for path, text in found.items() if not path.startswith(("generated/", ".github/"))}


@cache
def of_level(level: str) -> Pulls:
    """A repository that all tests share: none of them moves its main branch."""
    folder = TemporaryDirectory(prefix="onboard-pulls-")
    atexit.register(folder.cleanup)
    return Pulls(Path(folder.name) / "config.git", files(level))

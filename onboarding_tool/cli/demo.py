"""The story that `onboard demo` plays: every step is a command that its reader could type."""

import contextlib
import io
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from onboarding_tool import resources
from onboarding_tool.errors import BugError, FindingsError
from onboarding_tool.report import BOLD, FAINT, paint

REGISTRY = "europe-docker.pkg.dev/acme"
TENANT_OF = {
    "payments": ("customer-a", "customer-a-team"),
    "orders": ("customer-a", "customer-a-team"),
    "catalog": ("customer-b", "customer-b-team"),
    "invoices": ("customer-b", "customer-b-team"),
}
GREEDY_REQUEST = """\
# yaml-language-server: $schema=../../../../.onboard/schemas/release-request.json
apiVersion: onboarding/v1
kind: ReleaseRequest
api_name: payments
environment: prod
namespace: customer-a-live
deployment: payments
container: app
target_image: {image}
replicas: 10
"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays, and how it speaks."""

    config: Path
    export: Path
    color: bool

    def tell(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def show(self, command: str) -> None:
        print(paint(f"$ {command}", BOLD, self.color), flush=True)

    def onboard(self, *words: str, fails: bool = False) -> str:
        """Run a command of ours as its user would; returns what it printed on stdout."""
        self.show(shlex.join(["onboard", *words]))
        with contextlib.chdir(self.config if self.config.is_dir() else self.config.parent):
            printed, code = _run(words)
        if bool(code) is not fails:
            raise BugError(f"the demo's command ended with {code}")
        return printed

    def commit(self, message: str) -> None:
        from onboarding_tool.adapters.git_repo import GitRepo

        self.show(f"git add -A && git commit -qm {shlex.quote(message)}")
        GitRepo.open(self.config).add_and_commit(message)

    def write(self, path: str, text: str) -> None:
        self.show(f"cat > {path} <<'EOF'")
        print(paint(text + "EOF", FAINT, self.color), flush=True)
        target = self.config / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def play(directory: Path | None, *, color: bool) -> None:
    """Raises UsageError if `directory` is a file or not empty."""
    from onboarding_tool.adapters import new_folder
    from onboarding_tool.adapters.git_repo import GitRepo

    _set_identity()
    GitRepo.require_identity()
    if directory is not None:
        new_folder.refuse_occupied(directory)
    folder = directory or Path(tempfile.mkdtemp(prefix="onboard-demo-"))
    stage = Stage(folder.resolve() / "config", folder.resolve() / "export", color)
    stage.export.mkdir(parents=True)
    _set_up(stage)
    _import(stage)
    _refuse(stage)
    _release_and_roll_back(stage)
    _where_to_look(stage)


def _set_up(stage: Stage) -> None:
    stage.tell("A platform team begins with an empty folder.")
    repository = "https://git.example/acme/onboarding-config.git"
    stage.show(f"cd {stage.config.parent}")
    stage.onboard("init", "config", "--repository", repository, "--registry", REGISTRY)
    stage.show("cd config")
    stage.tell("Two customers are served by two teams.")
    stage.onboard("team", "add", "platform-team", "--github", "acme/platform", "--member", "kim=1")
    stage.onboard("team", "add", "customer-a-team", "--tenant", "customer-a", "--member", "alice=1001")
    stage.onboard("team", "add", "customer-b-team", "--tenant", "customer-b", "--member", "bob=1002")


def _import(stage: Stage) -> None:
    stage.tell("Their four APIs run already. What `kubectl get -o yaml` says of them lies in ../export.")
    for name, data in resources.example_files().items():
        (stage.export / name).write_bytes(data)
    for api, (tenant, team) in TENANT_OF.items():
        source = f"../export/{api}.yaml"
        stage.onboard("api", "import", api, "--from", source, "--tenant", tenant, "--team", team)
    stage.tell("What follows from the declarations, for Argo CD and the forge; then every rule over the whole.")
    stage.onboard("generate")
    stage.commit("Bring in four APIs")
    stage.onboard("check", "--strict")
    stage.onboard("api", "list")


def _refuse(stage: Stage) -> None:
    stage.tell("An app team asks for a release, and for ten replicas with it.")
    path = "apps/payments/requests/prod/2026-11-20-v2-5-0-beef.yaml"
    stage.write(path, GREEDY_REQUEST.format(image=_next_image("v2.5.0")))
    stage.commit("payments prod: v2.5.0, please, and ten of it")
    stage.tell(
        "The check says why that is not theirs to ask. Had it been merged all the same, it is refused and recorded."
    )
    stage.onboard("check", fails=True)
    stage.onboard("release", "apply")


def _release_and_roll_back(stage: Stage) -> None:
    stage.tell("They ask again, for a version of one container and nothing else.")
    target = ["--container", "app"]
    reason = ["--reason", "CHG-1234: new settlement rules"]
    stage.onboard("request", "payments", "prod", _next_image("v2.5.0"), *target, *reason)
    stage.commit("payments prod: v2.5.0")
    stage.onboard("release", "apply")
    stage.onboard("api", "show", "payments")
    stage.tell("It misbehaves. The rollback is a request like any other, and names the release that it takes back.")
    record = _last_record(stage)
    stage.onboard("request", "payments", "prod", record["old_image"], *target, "--rollback-of", record["id"])
    stage.commit("payments prod: back to the version before")
    stage.onboard("release", "apply")


def _where_to_look(stage: Stage) -> None:
    stage.tell("The end: nothing is left to decide, and everything is on record.")
    stage.onboard("check", "--strict")
    stage.onboard("api", "list")
    stage.tell(f"Look around in {stage.config}:")
    for path, what in (
        ("apps/payments/metadata.yaml", "the declaration of an API"),
        ("apps/payments/IMPORT.md", "what the import did not keep, and why"),
        ("apps/payments/releases/prod/", "who released what, when; the refusal too"),
        ("generated/prod/applications/", "the Applications that Argo CD reads"),
        ("generated/prod/apps/payments/", "what the platform adds: routes, the ownership label"),
        (".github/CODEOWNERS", "who approves which request"),
    ):
        print(f"  {path:34}{what}")
    print(f"  git -C {stage.config} log --oneline", flush=True)


def _last_record(stage: Stage) -> dict[str, str]:
    from onboarding_tool import load
    from onboarding_tool.adapters.files import FolderTree

    repo, _ = load.load(FolderTree(stage.config), ["payments"])
    last = repo.apis["payments"].records_in("prod")[-1]
    return {"id": last.id, "old_image": str(last.value["old_image"])}


def _next_image(tag: str) -> str:
    return f"{REGISTRY}/payments/app:{tag}"


def _run(words: Sequence[str]) -> tuple[str, int]:
    """What the command printed on stdout, and its exit code. Its talk goes where its output goes, in order.

    Raises what is wrong with the world: that is no fault of the demo.
    """
    from onboarding_tool.cli.app import run

    printed = io.StringIO()
    with contextlib.redirect_stdout(_Tee(printed)), contextlib.redirect_stderr(_Tee()):
        try:
            code = run(list(words))
        except FindingsError as error:
            print(f"onboard: {error.message}\n  {error.hint}")
            code = error.exit
    return printed.getvalue(), code


class _Tee(io.TextIOBase):
    """Writes to the real stdout, and to a second place if there is one."""

    def __init__(self, second: io.StringIO | None = None) -> None:
        self.first, self.second = sys.stdout, second

    def write(self, text: str) -> int:
        if self.second is not None:
            self.second.write(text)
        self.first.write(text)
        self.first.flush()
        return len(text)


def _set_identity() -> None:
    """The demo commits as somebody of its own, whoever runs it, and leaves no trace in their git config."""
    for role in ("AUTHOR", "COMMITTER"):
        os.environ[f"GIT_{role}_NAME"] = "Demo"
        os.environ[f"GIT_{role}_EMAIL"] = "demo@onboarding.example"


__all__ = ["play"]

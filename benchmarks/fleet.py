"""Config repos of any size for the benchmarks, from a seed: the same bytes every time, and nothing wrong in them.

    python -m benchmarks.fleet DIR --apis 400

What `onboard init` writes, with teams and a component; the APIs (shapes.py, manifests.py, releases.py); what `onboard
generate` makes of them; and git: a commit of all that, one that adds release requests, one that moves one image.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import manifests, releases, shapes
from benchmarks.shapes import Shape, Size
from onboarding_tool import template, yamltext
from onboarding_tool.model import PLATFORM_FILE, TEAMS_FILE

ROOT = Path(__file__).resolve().parent.parent
ONBOARD = Path(sys.executable).with_name("onboard")
FLEETS = Path.home() / ".cache/onboarding-tool/fleets"
# A change of one of these makes another fleet.
SOURCES = (
    *(f"benchmarks/{name}.py" for name in ("fleet", "manifests", "releases", "shapes")),
    "onboarding_tool/generators",
    "onboarding_tool/scaffold.py",
    "repo-template",
    "schemas",
)
NEW_TAG = "v99.9.9"

COMPONENT = """\
# Pods get the time to end what they have begun.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: Deployment}
    patch: |-
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: any}
      spec:
        template:
          spec:
            terminationGracePeriodSeconds: 45
"""
TEAM = """\
  {name}:
    github: acme/{name}
    tenants: [{tenants}]
    members:
      - {{login: alice-{number}, id: {id}}}
"""
IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Kim Example"), ("EMAIL", "kim@acme.example"), ("DATE", "1763700000 +0000"))
}


def environment() -> dict[str, str]:
    """What commands run with: nobody's git settings, a fixed identity and time.

    And no setting of Python's: PYTHONDONTWRITEBYTECODE makes every start compile the whole tool anew.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    return {**kept, **IDENTITY, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


class FailedError(Exception):
    """A command did not do what it was asked for."""


def run(*words: str | Path, at: Path, stdin: Iterable[bytes] = ()) -> str:
    """What a command prints. Raises FailedError if it fails."""
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(words, cwd=at, env=environment(), stdin=pipe, stdout=pipe, stderr=said) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        for data in stdin:
            process.stdin.write(data)
        process.stdin.close()
        printed = process.stdout.read()
        code = process.wait()
        said.seek(0)
        if code:
            raise FailedError(complaint(words, code, said.read()))
    return printed.decode()


def complaint(words: Iterable[str | Path], code: int, said: bytes) -> str:
    """What a command that failed said last."""
    name = " ".join(Path(word).name for word in words)
    last = (said.decode("utf-8", "replace").strip().splitlines() or ["it did not say why"])[-1]
    return f"`{name}` ended with {code}: {last}"


def policy(size: Size) -> dict[str, bytes]:
    """What `onboard init` writes, with a component, and a team for every tenant."""
    wishes = "https://git.example/acme/onboarding-config.git", size.names, [shapes.REGISTRY]
    files = {path: data for path, data in template.config_repo(*wishes).items() if data is not None}
    platform = files[PLATFORM_FILE].decode()
    files[PLATFORM_FILE] = yamltext.append(platform, ("components",), "graceful-end").encode()
    files["components/graceful-end/kustomization.yaml"] = COMPONENT.encode()
    files[TEAMS_FILE] += "".join(_teams(size)).encode()
    return files


def _teams(size: Size) -> Iterator[str]:
    """As `onboard team add` writes them, one after another."""
    for number, first in enumerate(range(0, size.tenants, shapes.TENANTS_OF_A_TEAM)):
        last = min(first + shapes.TENANTS_OF_A_TEAM, size.tenants)
        tenants = ", ".join(map(shapes.tenant_name, range(first, last)))
        yield TEAM.format(name=shapes.team_name(first), tenants=tenants, number=number, id=1000 + number)


def files(size: Size) -> Iterator[tuple[str, bytes]]:
    """Every file but what is generated, and the pending requests."""
    yield from policy(size).items()
    for number in range(size.apis):
        yield from manifests.api_files(size, number).items()
        yield from releases.release_files(size, number).items()


def requests(size: Size) -> dict[str, bytes]:
    return {path: data for number in range(size.apis) for path, data in releases.request_files(size, number).items()}


def plain_api(size: Size) -> Shape:
    """An API with nothing special about it, for the commands that act on one."""
    return next(about for number in range(size.apis) if (about := shapes.shape(size, number)).is_plain)


def write(folder: Path, size: Size, *, commit: bool = True) -> None:
    """The fleet in a folder that does not exist yet. Without `commit` there is no git repository."""
    folder.mkdir(parents=True)
    _write(folder, files(size))
    run(ONBOARD, "generate", at=folder)
    if not commit:
        _write(folder, requests(size).items())
        return
    run("git", "init", "-q", "-b", "main", at=folder)
    _commit(folder, _read(folder), "Begin the config repo")
    _write(folder, requests(size).items())
    _commit(folder, requests(size).items(), "Ask for releases")
    about = plain_api(size)
    run("git", "reset", "-q", at=folder)
    run(ONBOARD, "bump", about.name, size.names[-1], new_image(about), at=folder)
    run("git", "commit", "-q", "-a", "-m", f"Bump {about.name}", at=folder)


def new_image(about: Shape, tag: str = NEW_TAG) -> str:
    return f"{shapes.REGISTRY}/{about.name}/app:{tag}"


def _write(folder: Path, found: Iterable[tuple[str, bytes]]) -> None:
    made: set[str] = set()
    for path, data in found:
        parent = path.rpartition("/")[0]
        if parent not in made:
            (folder / parent).mkdir(parents=True, exist_ok=True)
            made.add(parent)
        with open(f"{folder}/{path}", "wb") as file:  # noqa: PTH123 - a Path for each of 90,000 files takes seconds
            file.write(data)


def _read(folder: Path) -> Iterator[tuple[str, bytes]]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {".git"})
        for name in sorted(names):
            path = f"{parent}/{name}"
            with open(path, "rb") as file:  # noqa: PTH123
                yield path[len(str(folder)) + 1 :], file.read()


def _commit(folder: Path, found: Iterable[tuple[str, bytes]], message: str) -> None:
    """By fast-import: one pack, as a clone has it, and ten times as fast as `git add`."""
    run("git", "fast-import", "--quiet", "--date-format=raw", at=folder, stdin=_import(found, message, folder))


def _import(found: Iterable[tuple[str, bytes]], message: str, folder: Path) -> Iterator[bytes]:
    who = f"{IDENTITY['GIT_AUTHOR_NAME']} <{IDENTITY['GIT_AUTHOR_EMAIL']}> {IDENTITY['GIT_AUTHOR_DATE']}"
    yield f"commit refs/heads/main\ncommitter {who}\ndata {len(message)}\n{message}\n".encode()
    if subprocess.run(["git", "rev-parse", "-q", "--verify", "main"], cwd=folder, capture_output=True).returncode == 0:
        yield b"from refs/heads/main^0\n"
    for path, data in found:
        yield f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def cached(size: Size) -> Path:
    """The fleet, committed, in a folder that later runs find again. Others of this size are deleted."""
    label = f"{size.apis}x{size.environments}"
    folder = FLEETS / f"{label}-{_key(size)}"
    if not folder.is_dir():
        begin = time.monotonic()
        for old in FLEETS.glob(f"{label}-*"):
            shutil.rmtree(old)
        unfinished = FLEETS / f"{label}-{os.getpid()}.tmp"
        write(unfinished, size)
        unfinished.rename(folder)
        print(f"made the fleet {label} in {time.monotonic() - begin:.1f} s: {folder}", file=sys.stderr)
    else:
        restore(folder)  # who measured it last may have been killed
    return folder


def _key(size: Size) -> str:
    digest = hashlib.sha256(repr(size).encode())
    for source in SOURCES:
        path = ROOT / source
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def restore(folder: Path) -> None:
    """As it was committed: what a measured command wrote is undone."""
    run("git", "reset", "-q", "--hard", at=folder)
    run("git", "clean", "-f", "-d", "-q", at=folder)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description="Write a fleet into a folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--apis", type=int, default=100)
    parser.add_argument("--environments", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-commit", action="store_true")
    given = parser.parse_args()
    write(given.folder, Size(given.apis, given.environments, given.seed), commit=not given.no_commit)


if __name__ == "__main__":
    main()

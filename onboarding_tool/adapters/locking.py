"""A lock of the tool and of what it needs, by pip: each file by its hash, for the machine on which a workflow runs."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from onboarding_tool.errors import UsageError, WorldError

# pip takes a wheel for an older glibc only if it is told so: from that of Ubuntu 24.04 down.
GLIBC = range(39, 4, -1)
# What pip takes besides these is the newest package of a name, which may be anybody's, or a path that no runner has.
NAMED = re.compile(r"[a-z][a-z+]*://.*\.whl(#.*)?|[a-z0-9][a-z0-9._-]*==[a-z0-9.!+_-]+", re.IGNORECASE)
BUILD = "Build it with `make wheels` in the tool's sources, put it where the runner can read it, and name its URL."
HEADER = """\
# The tool and what it needs, for Python {python} on Linux, {machine}. Written by `onboard github lock`.
# The workflows install what stands here on main, and nothing else.
"""


@dataclass(frozen=True, slots=True)
class Lock:
    """A requirements file with hashes. `name`, `version`: of the wheel that is asked for; `needed`: how many others."""

    text: str
    name: str
    version: str
    needed: int


def lock(source: str, python: str, machine: str, index: str = "") -> Lock:
    """`source`: a requirement or the URL of a wheel, as pip takes it.
    `index`: the URL of the package index, also for those who install from the lock; pip's own if it is empty.

    Raises UsageError for a `source` that does not say which wheel it is, WorldError if pip finds no such wheels.
    """
    if any(re.search(r"://[^/]*@", address) for address in (source, index)):
        raise UsageError("a password or token would be written into the lock", "Name an address that needs none.")
    if not NAMED.fullmatch(source):
        raise UsageError(f"{source!r} is neither the URL of a wheel nor NAME==VERSION", BUILD)
    where = ["--index-url", index] if index else []
    items = _resolved(source, python, machine, where)
    lines = sorted((_line(item) for item in items), key=str.lower)
    said = [" ".join(where)] if where else []
    text = HEADER.format(python=python, machine=machine) + "".join(f"{line}\n" for line in (*said, *lines))
    asked = next(item["metadata"] for item in items if item["requested"])
    return Lock(text, asked["name"], asked["version"], len(items) - 1)


def differs(python: str) -> bool:
    """Whether pip judges what is needed on some systems only by another system than that of the workflow."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return here != python or sys.platform != "linux"


def _resolved(source: str, python: str, machine: str, where: list[str]) -> list[Mapping[str, Any]]:
    with TemporaryDirectory() as folder:
        words = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-", "--target", folder]
        words += ["--only-binary", ":all:", "--implementation", "cp", "--python-version", python, *_platforms(machine)]
        command = [
            sys.executable,
            "-I",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
            *words,
            *where,
            "--",
            source,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WorldError(f"pip cannot tell what {source} needs: {_last_error(done.stderr)}", BUILD)
    items = json.loads(done.stdout)["install"]
    assert isinstance(items, list)
    return items


def _platforms(machine: str) -> Iterator[str]:
    for name in (*(f"manylinux_2_{minor}" for minor in GLIBC), "manylinux2014", "manylinux2010", "manylinux1", "linux"):
        yield from ("--platform", f"{name}_{machine}")


def _line(item: Mapping[str, Any]) -> str:
    about, file = item["metadata"], item["download_info"]
    digest = file.get("archive_info", {}).get("hashes", {}).get("sha256")
    if not digest:
        raise WorldError(f"pip tells no hash of {about['name']}", "Is its index one that pip can check?")
    name = f"{about['name']} @ {file['url']}" if item["is_direct"] else f"{about['name']}=={about['version']}"
    return f"{name} --hash=sha256:{digest}"


def _last_error(said: str) -> str:
    """pip's own last word, without what it wrote before that."""
    errors = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR: ")]
    return errors[-1] if errors else (said.strip().splitlines() or ["it says nothing"])[-1]

"""A lock of the tool and of what it needs, by pip: each file by its hash, for the machine on which a workflow runs."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from tempfile import TemporaryDirectory
from typing import Any

from onboarding_tool.errors import UsageError, WorldError

# pip takes a wheel for an older glibc only if it is told so: from that of Ubuntu 24.04 down.
GLIBC = range(39, 4, -1)
HEADER = """\
# The tool and what it needs, for Python {python} on Linux, {machine}. Written by `onboard github lock`.
# The workflows install what stands here on main, and nothing else.
"""


def lock(source: str, python: str, machine: str, index: str = "") -> str:
    """The text of a requirements file with hashes. `source`: a requirement or the URL of a wheel, as pip takes it.
    `index`: the URL of the package index, also for those who install from the lock; pip's own if it is empty.

    Raises WorldError if pip finds no such wheels.
    """
    if any(re.search(r"://[^/]*@", address) for address in (source, index)):
        raise UsageError("a password or token would be written into the lock", "Name an address that needs none.")
    where = ["--index-url", index] if index else []
    items = _resolved(source, python, machine, where)
    lines = sorted((_line(item) for item in items), key=str.lower)
    said = [" ".join(where)] if where else []
    return HEADER.format(python=python, machine=machine) + "".join(f"{line}\n" for line in (*said, *lines))


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
        hint = (
            "Build it with `make wheels` in the tool's sources, put it where the runner can read it, and name its URL."
        )
        raise WorldError(f"pip cannot tell what {source} needs: {_last_error(done.stderr)}", hint)
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

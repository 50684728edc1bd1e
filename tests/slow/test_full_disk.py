"""A disk that is full, a folder that may only be read: the command says so, and nothing is half-written."""

import os
import resource
import shlex
import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from tests.support.cli import ONBOARD
from tests.support.git import contents, write
from tests.support.repos import good, second_api

OWNERS = ("--tenant", "customer-a", "--team", "payments-team")
IMAGE = "europe-docker.pkg.dev/acme/payments/app:v9.0.0"
COMMANDS = {
    "generate": ("generate",),
    "api add": ("api", "add", "fresh", *OWNERS, "--port", "8080", "--image", IMAGE, "--namespace", "prod=fresh"),
    "team add": ("team", "add", "new-team", "--tenant", "customer-a"),
    "bump": ("bump", "payments", "prod", IMAGE),
    "request": ("request", "payments", "prod", IMAGE),
}
# Fills a disk of its own up to some bytes, runs the command there, and brings out what is there then.
FULL = """\
mount -t tmpfs -o size=4m tmpfs {disk} && cp -a {before}/. {disk} && cd {disk} || exit
head -c 8m /dev/zero >filler 2>{disk}/../ignored
truncate -s -{spare} filler
{command}
code=$?
rm filler
cp -a {disk}/. {out}
exit $code
"""


@pytest.fixture
def before(tmp_path: Path) -> Path:
    files: dict[str, str] = good()
    for number in range(20):
        files |= second_api(f"api-{number:02}")
    write(tmp_path / "before", files)
    return tmp_path / "before"


@pytest.fixture
def can_mount(tmp_path: Path) -> bool:
    """In a namespace of our own. Where that is not allowed, a limit on the size of files stands for a full disk."""
    words = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)]
    return bool(shutil.which("unshare")) and subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("name", "spare"), [*((name, 0) for name in COMMANDS), ("generate", 40960), ("api add", 8192)])
def test_on_a_full_disk_nothing_changes(name, spare, before, tmp_path, can_mount):
    command = [ONBOARD, *COMMANDS[name]]
    old, disk, out = contents(before), tmp_path / "disk", tmp_path / "out"
    disk.mkdir()
    out.mkdir()
    if can_mount:
        script = FULL.format(disk=disk, before=before, spare=spare, command=shlex.join(command), out=out)
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False)
    else:
        shutil.copytree(before, out, dirs_exist_ok=True)
        limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (16, 16))
        done = subprocess.run(command, cwd=out, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "no space left" in done.stderr or "file too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(out) == old


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may write anywhere")
@pytest.mark.parametrize("name", COMMANDS)
def test_in_a_folder_that_may_only_be_read_nothing_changes(name, before):
    old = contents(before)
    for path in (before, *before.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    # Root may write anywhere unless it gives that right up.
    drop = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"] if os.geteuid() == 0 else []
    done = subprocess.run([*drop, ONBOARD, *COMMANDS[name]], cwd=before, capture_output=True, text=True, check=False)
    for path in (before, *before.rglob("*")):
        path.chmod(0o755)
    assert done.returncode == 3, done.stderr
    assert "permission denied" in done.stderr
    assert contents(before) == old

"""The wheels of `make wheels`: each is for the platform that its name says, and the same wherever it was built."""

import shutil
import struct
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename

from tests.conftest import give_up
from tests.support.installing import HOME, ROOT, copied, fresh_python, make_wheel, path_without_go, run

RENDERER = "onboarding_tool/_data/bin/onboard-renderer"
# Of ELF and of Mach-O.
INTERPRETER, DYNAMIC = 3, 2
LOAD_DYLIB, CODE_SIGNATURE, BUILD_VERSION = 0xC, 0x1D, 0x32


@dataclass(frozen=True, slots=True)
class Platform:
    """What its wheel is to be: `machine` as the header of an executable says it, and what pip calls such a machine."""

    machine: int
    accepted: tuple[str, ...]
    refused: tuple[str, ...]


PLATFORMS = {
    "linux/amd64": Platform(
        62,
        ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "musllinux_1_1_x86_64"),
        ("manylinux_2_17_aarch64", "macosx_14_0_x86_64", "win_amd64"),
    ),
    "linux/arm64": Platform(
        183,
        ("manylinux_2_17_aarch64", "manylinux2014_aarch64", "musllinux_1_1_aarch64"),
        ("manylinux_2_17_x86_64", "manylinux_2_17_armv7l", "macosx_14_0_arm64"),
    ),
    "darwin/amd64": Platform(
        0x01000007,
        ("macosx_13_0_x86_64", "macosx_14_0_x86_64"),
        ("macosx_12_0_x86_64", "macosx_14_0_arm64", "manylinux_2_17_x86_64"),
    ),
    "darwin/arm64": Platform(
        0x0100000C,
        ("macosx_13_0_arm64", "macosx_15_0_arm64"),
        ("macosx_12_0_arm64", "macosx_15_0_x86_64", "manylinux_2_17_aarch64"),
    ),
}


@pytest.fixture(autouse=True)
def _tools() -> None:
    for tool in ("go", "make"):
        if not shutil.which(tool):
            give_up(f"there is no {tool} on PATH")


@pytest.mark.parametrize("target", PLATFORMS)
def test_a_wheel_is_for_its_platform_and_the_same_from_every_folder(target, tmp_path):
    """One test for all of it: each that builds takes minutes where Go has compiled nothing for the platform yet."""
    wheel = make_wheel(ROOT, target, tmp_path / "built")
    assert_accepted(wheel, PLATFORMS[target], tmp_path)
    assert_tags_are_those_of_the_name(wheel)
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo(RENDERER).external_attr >> 16 & 0o777 == 0o755
        renderer = archive.read(RENDERER)
    assert_executable(renderer, PLATFORMS[target].machine, target)
    for place in (str(ROOT), HOME + "/", go_env("GOROOT"), go_env("GOMODCACHE")):
        assert place.encode() not in renderer
    again = make_wheel(copied(tmp_path / "elsewhere/than before"), target, tmp_path / "built again")
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def assert_accepted(wheel: Path, platform: Platform, place: Path) -> None:
    """pip, told that it runs on such a machine, takes the wheel or finds none."""

    def accepts(name: str) -> bool:
        words = ["--dry-run", "--no-deps", "--no-index", "--find-links", wheel.parent, "--only-binary", ":all:"]
        words += ["--target", place / "none", "--platform", name, "onboarding-tool"]
        return run(sys.executable, "-m", "pip", "install", *words, at=place).returncode == 0

    assert [name for name in platform.accepted if not accepts(name)] == []
    assert [name for name in platform.refused if accepts(name)] == []


def assert_tags_are_those_of_the_name(wheel: Path) -> None:
    _, _, _, tags = parse_wheel_filename(wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/WHEEL"))
        lines = archive.read(name).decode().splitlines()
    assert {line.removeprefix("Tag: ") for line in lines if line.startswith("Tag: ")} == set(map(str, tags))
    assert "Root-Is-Purelib: false" in lines


def assert_executable(data: bytes, machine: int, target: str) -> None:
    if target.startswith("linux/"):
        assert elf_machine(data) == machine
        assert not {INTERPRETER, DYNAMIC} & set(elf_segments(data)), "it is linked with a libc"
        return
    magic, found = struct.unpack_from("<2I", data)
    assert (magic, found) == (0xFEEDFACF, machine)
    commands = dict(mach_commands(data))
    platform, oldest = struct.unpack_from("<2I", commands[BUILD_VERSION])
    assert platform == 1  # macOS
    assert oldest >> 16 <= 13, "it needs a newer macOS than the wheel's name says"
    for command, content in mach_commands(data):
        if command == LOAD_DYLIB:
            library = content[struct.unpack_from("<I", content)[0] - 8 :].rstrip(b"\0")
            assert library.startswith((b"/usr/lib/", b"/System/Library/")), library
    assert (CODE_SIGNATURE in commands) is (target == "darwin/arm64")  # without one Apple's own machines kill it


def elf_machine(data: bytes) -> int:
    assert data[:6] == b"\x7fELF\x02\x01"  # 64 bits, least significant byte first
    return int(struct.unpack_from("<H", data, 18)[0])


def elf_segments(data: bytes) -> list[int]:
    (start,), (size, count) = struct.unpack_from("<Q", data, 32), struct.unpack_from("<2H", data, 54)
    return [struct.unpack_from("<I", data, start + number * size)[0] for number in range(count)]


def mach_commands(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each load command, and what comes after its own number and size."""
    (count,), at = struct.unpack_from("<I", data, 16), 32
    for _ in range(count):
        command, size = struct.unpack_from("<2I", data, at)
        yield command, data[at + 8 : at + size]
        at += size


def go_env(name: str) -> str:
    return run("go", "env", name, at=ROOT).stdout.strip()


def test_the_wheel_of_this_machine_needs_nothing_else(tmp_path):
    asked = ["-c", "import hatch_build; print(hatch_build.target())"]
    target = run(sys.executable, *asked, at=ROOT / "renderer").stdout.strip()
    wheel = make_wheel(ROOT, target, tmp_path / "built")
    python = fresh_python(tmp_path / "venv")
    installed = run(python, "-m", "pip", "install", "--quiet", wheel, at=tmp_path)
    assert installed.returncode == 0, installed.stderr
    path = path_without_go(tmp_path / "path")
    place = tmp_path / "place"
    place.mkdir()
    command = tmp_path / "venv/bin/onboard"
    told = run(command, "--version", "--verbose", at=place, PATH=path)
    assert told.returncode == 0, told.stderr
    assert "5.8.1" in told.stdout
    shown = run(command, "demo", place / "demo", at=place, PATH=path)
    assert shown.returncode == 0, shown.stdout + shown.stderr

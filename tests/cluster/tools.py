"""Builds the cluster's programs into the cache folder, each once for every state of its sources.

    make cluster-tools

The cache folder is $ONBOARD_TOOLS, by default ~/.cache/onboarding-tool/tools; kustomize of the other tests lies there
too. Runs at the same time are safe: each builds in a folder of its own and moves the finished one into place.
"""

import functools
import hashlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "programs"
KWOK = "sigs.k8s.io/kwok/cmd/kwok@v0.8.0"
ARGO_CD = "github.com/argoproj/argo-cd/v3"
KUBERNETES_ROLES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
ARGO_CD_ROLES = ("argocd-application-controller", "argocd-repo-server")
# What a caller set for builds of his own must not bend these.
BUILD_SETTINGS = {"GOFLAGS": "-buildvcs=false", "GOWORK": "off", "CGO_ENABLED": "0"}

Say = Callable[[str], None]


class MissingToolError(Exception):
    """A program is neither there nor can it be made here; the text says what to install."""


@dataclass(frozen=True, slots=True)
class Tools:
    kubernetes: Path  # a folder with KUBERNETES_ROLES
    argocd: Path  # a folder with ARGO_CD_ROLES and manifests.json: the CRDs and the configuration to apply
    kubectl: Path
    kwok: Path
    kustomize: Path
    redis: Path


def ensure(say: Say) -> Tools:
    """All programs, built or installed if need be, which takes minutes: `say` is told. Raises MissingToolError."""
    return Tools(
        redis=_redis(say),
        kwok=_built("kwok", KWOK.encode(), _build_kwok, say) / "kwok",
        kubernetes=_built("controlplane", _sources("controlplane"), _build_kubernetes, say),
        kubectl=_built("kubectl", _sources("kubectl"), _build_kubectl, say) / "kubectl",
        argocd=_built("argocd", _sources("argocd"), _build_argocd, say),
        kustomize=_kustomize(),
    )


def _sources(program: str) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted((PROGRAMS / program).iterdir()))


def _built(name: str, sources: bytes, build: Callable[[Path], None], say: Say) -> Path:
    """The folder that `build` filled from these sources, now or at an earlier time."""
    recipe = inspect.getsource(build).encode()
    digest = hashlib.sha256(sources + b"\0" + recipe).hexdigest()[:16]
    folder = cache() / f"{name}-{digest}"
    if folder.is_dir():
        return folder
    say(f"building {name}, which takes minutes and happens once: {folder}")
    cache().mkdir(parents=True, exist_ok=True)
    # Beside the target and not in /tmp: a move within one file system is atomic.
    with tempfile.TemporaryDirectory(prefix=f"{name}.", dir=cache()) as work:
        made = Path(work) / "made"
        made.mkdir()
        build(made)
        try:
            made.rename(folder)
        except OSError:  # somebody else was faster
            if not folder.is_dir():
                raise
    return folder


def cache() -> Path:
    return Path(os.environ.get("ONBOARD_TOOLS") or Path.home() / ".cache/onboarding-tool/tools").absolute()


def _build_kubernetes(into: Path) -> None:
    version = _required("controlplane", "k8s.io/kubernetes")
    major, minor, _ = version.removeprefix("v").split(".")
    # Unset, the server calls itself v0.0.0-master, which some clients refuse.
    package = "k8s.io/component-base/version"
    said = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X {package}.{name}={value}" for name, value in said.items())
    _go(
        "build",
        "-trimpath",
        "-ldflags",
        f"-s -w {flags}",
        "-o",
        str(into / "program"),
        ".",
        at=PROGRAMS / "controlplane",
    )
    _name_roles(into, KUBERNETES_ROLES)


def _build_kubectl(into: Path) -> None:
    # The libraries of Kubernetes 1.36 call themselves 0.36.
    version = _required("kubectl", "k8s.io/kubectl").replace("v0.", "v1.", 1)
    flags = f"-s -w -X k8s.io/component-base/version.gitVersion={version}"
    _go("build", "-trimpath", "-ldflags", flags, "-o", str(into / "kubectl"), ".", at=PROGRAMS / "kubectl")


def _build_argocd(into: Path) -> None:
    import yaml

    source = PROGRAMS / "argocd"
    _go("build", "-trimpath", "-ldflags", "-s -w", "-o", str(into / "program"), ".", at=source)
    _name_roles(into, ARGO_CD_ROLES)
    module = Path(_go("list", "-m", "-f", "{{.Dir}}", ARGO_CD, at=source).strip()) / "manifests"
    # Without ApplicationSet: its controller does not run here, and its megabyte costs the API server seconds.
    definitions = [module / f"crds/{name}-crd.yaml" for name in ("application", "appproject")]
    files = [*definitions, *sorted(module.glob("base/config/argocd-*.yaml"))]
    # As JSON because reading megabytes of YAML takes seconds.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    manifests = [yaml.load(path.read_bytes(), Loader=loader) for path in files]
    (into / "manifests.json").write_text(json.dumps(manifests), encoding="utf-8")


def _build_kwok(into: Path) -> None:
    _go("install", "-trimpath", "-ldflags", "-s -w", KWOK, at=into, settings={"GOBIN": str(into)})


def _name_roles(folder: Path, roles: tuple[str, ...]) -> None:
    for role in roles:
        (folder / role).symlink_to("program")


def _required(program: str, module: str) -> str:
    """The version of the module that the program's go.mod requires."""
    found = re.search(rf"^\s*{re.escape(module)} (v\S+)$", (PROGRAMS / program / "go.mod").read_text(), re.MULTILINE)
    assert found, f"{program}/go.mod does not require {module}"
    return found[1]


def _go(*words: str, at: Path, settings: Mapping[str, str] = {}) -> str:
    if not shutil.which("go"):
        raise MissingToolError(
            "the cluster's programs cannot be built: there is no `go` on PATH; install Go 1.26 or newer"
        )
    environment = {**os.environ, **_host_platform(), **BUILD_SETTINGS, **settings}
    done = subprocess.run(["go", *words], cwd=at, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingToolError(f"`go {' '.join(words)}` failed in {at}: {done.stderr.strip()[-2000:]}")
    return done.stdout


@functools.cache
def _host_platform() -> dict[str, str]:
    done = subprocess.run(["go", "env", "GOHOSTOS", "GOHOSTARCH"], capture_output=True, text=True, check=True)
    return dict(zip(("GOOS", "GOARCH"), done.stdout.split(), strict=True))


def _kustomize() -> Path:
    script = HERE.parent / "tools/install_kustomize.sh"
    done = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingToolError(f"no kustomize: {done.stderr.strip()[-300:]}")
    return Path(done.stdout.strip().splitlines()[-1])


def _redis(say: Say) -> Path:
    """Debian's redis-server, installed if we may."""
    if not shutil.which("redis-server"):
        say("installing redis-server")
        _apt_get("update")
        _apt_get("install", "--yes", "--no-install-recommends", "redis-server")
    found = shutil.which("redis-server")
    if not found:
        raise MissingToolError("there is no `redis-server` on PATH; on Debian: apt-get install redis-server")
    return Path(found)


def _apt_get(*words: str) -> None:
    """Does nothing where there is no apt-get or no right to use it: what is missing then is told once, at the end."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") and (not root or shutil.which("sudo")):
        settings = ["env", "DEBIAN_FRONTEND=noninteractive"]
        subprocess.run([*root, *settings, "apt-get", "--quiet", *words], capture_output=True, check=False)


def main() -> int:
    try:
        tools = ensure(functools.partial(print, flush=True))
    except MissingToolError as error:
        print(f"cluster-tools: {error}", file=sys.stderr)
        return 1
    for path in (tools.kubernetes, tools.kubectl, tools.argocd, tools.kwok, tools.kustomize, tools.redis):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The files that ship with the tool: schemas and the template of a config repo."""

import os
from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parent
VERDICT = "gate-verdict"


def folder(name: str) -> Path:
    """`schemas` or `repo-template`: inside an installed wheel, or beside the package in a checkout."""
    packed = PACKAGE / "_data" / name
    return packed if packed.is_dir() else PACKAGE.parent / name


@cache
def schema_text(kind: str) -> str:
    """The JSON Schema for one of our kinds, by its file's name such as `release-request`; also `gate-verdict`."""
    if kind == VERDICT:  # no file of a config repo, so it is not among those that editors get
        return (PACKAGE / "gate_schemas/verdict.json").read_text(encoding="utf-8")
    return (folder("schemas") / f"{kind}.json").read_text(encoding="utf-8")


@cache
def schema_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder("schemas").glob("*.json")))


@cache
def kubernetes_versions() -> tuple[str, ...]:
    """The versions of Kubernetes whose schemas ship, major.minor, oldest first."""
    names = [path.stem for path in (PACKAGE / "kubernetes_schemas").glob("*.json")]
    return tuple(sorted(names, key=lambda name: tuple(map(int, name.split(".")))))


def kubernetes_text(version: str) -> str:
    return (PACKAGE / "kubernetes_schemas" / f"{version}.json").read_text(encoding="utf-8")


@cache
def fingerprint() -> bytes:
    """Of the code and of the schemas that it judges by: the version alone does not change while one develops."""
    state = sha256()
    schemas = (*PACKAGE.glob("*_schemas/*.json"), *folder("schemas").glob("*.json"))
    for path in sorted((*PACKAGE.rglob("*.py"), *schemas)):
        state.update(os.path.relpath(path, PACKAGE).encode() + b"\0" + sha256(path.read_bytes()).digest())
    return state.digest()


@cache
def custom_resource_texts() -> tuple[str, ...]:
    """The schemas of custom resources: of Argo CD and Gateway API."""
    files = sorted((PACKAGE / "custom_resource_schemas").glob("*.json"))
    return tuple(file.read_text(encoding="utf-8") for file in files)


def template_files() -> dict[str, bytes]:
    """Every file of repo-template/, by its path in the config repo."""
    root = folder("repo-template")
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def example_files() -> dict[str, bytes]:
    """The exported manifests that `onboard demo` starts from."""
    return {path.name: path.read_bytes() for path in sorted((PACKAGE / "example").glob("*.yaml"))}

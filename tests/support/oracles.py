"""Other renderers to compare ours with: kustomize itself, and kubectl, which carries a kustomize of some version.

kustomize is the one that decides. kubectl is asked where it is installed; what its version is known to do otherwise is
said by name (DIFFERENCES), and nothing else may differ.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.rendering import KUSTOMIZE, Failure, Form, Rendered, render_request
from onboarding_tool.tree import tree_of
from onboarding_tool.versions import is_newer
from tests.support.git import write
from tests.support.kustomizations import Overlay

NAMES = ("kustomize", "kubectl") if shutil.which("kubectl") else ("kustomize",)
PANICKED = 2  # the exit code of a Go program that does
# What changed, and in which of the versions that were tried, which are 5.5.0, 5.6.0, 5.7.1, 5.8.1 and 5.8.2.
DIFFERENCES = {
    "an image volume has an image": "5.7.1",
    "an empty JSON patch needs no target": "5.8.1",
    "a digest of any algorithm is one": "5.8.2",
    "a key that reads as a number is a text": "5.8.2",
    "an image name that is no expression matches nothing": "5.8.2",
    "an image volume of a CronJob has an image": "5.8.2",
}
# As the generators write it, and with one more field that reaches deep into what is within.
AROUND = "generated/prod/apps/x"
GENERATED = """\
namespace: somewhere
resources: [../../../../OVERLAY]
labels: [{pairs: {platform/api-name: x}}, {pairs: {app: y}, includeTemplates: true}]
"""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build printed; nothing if it failed."""

    text: bytes | None
    panicked: bool = False


@dataclass(frozen=True, slots=True)
class Oracle:
    """A command that builds the folder that it is given. `version` is that of the kustomize in it."""

    command: tuple[str, ...]
    version: str

    def differs(self, difference: str) -> bool:
        """Whether this version and ours stand on two sides of a difference."""
        since = DIFFERENCES[difference]
        return is_newer(since, self.version) != is_newer(since, KUSTOMIZE)

    def build(self, folder: Path) -> Built:
        done = subprocess.run([*self.command, folder], capture_output=True, env={}, check=False)
        if done.returncode:
            return Built(None, done.returncode == PANICKED)
        # The label of `buildMetadata: [managedByLabel]` names the version: the one difference of old and new ones.
        return Built(done.stdout.replace(f"kustomize-v{self.version}".encode(), f"kustomize-v{KUSTOMIZE}".encode()))

    def build_all(self, root: Path, folders: Iterable[str]) -> list[Built]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda folder: self.build(root / folder), folders))


def kustomize_oracle(binary: Path) -> Oracle:
    return Oracle((str(binary), "build"), KUSTOMIZE)


def kubectl_oracle() -> Oracle:
    said = subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True, check=True)
    return Oracle((str(shutil.which("kubectl")), "kustomize"), json.loads(said.stdout)["kustomizeVersion"].lstrip("v"))


def folders_of(files: Mapping[str, str | bytes]) -> list[str]:
    """Every folder with a kustomization; what is generated around an overlay before it, as `check` asks for them."""
    found = [path.rpartition("/")[0] for path in files if path.endswith("/kustomization.yaml")]
    return sorted(found, key=lambda folder: (_overlay(folder) or folder, folder.startswith("apps/")))


def _overlay(folder: str) -> str:
    match folder.split("/"):
        case ["generated", environment, "apps", api]:
            return f"apps/{api}/overlays/{environment}"
    return ""


def rendered(
    rendering: Renderer, files: Mapping[str, str | bytes], folders: Iterable[str], form: Form = Form.TEXT
) -> list[Rendered]:
    """What our renderer makes of the folders."""
    tree = tree_of(files)
    return list(rendering.render(render_request(tree, folder, form) for folder in folders))


def as_built(found: Rendered) -> Built:
    return Built(None, found.failure is Failure.PANIC) if found.failure else Built(found.text.encode())


def assert_same_overlay(rendering: Renderer, oracle: Oracle, overlay: Overlay) -> Built:
    """The same for one generated overlay, after what could be generated around it. Returns what was built of it."""
    files = {**overlay.files, f"{AROUND}/kustomization.yaml": GENERATED.replace("OVERLAY", overlay.folder)}
    with TemporaryDirectory() as place:
        write(Path(place), files)
        around, wanted = oracle.build_all(Path(place), [AROUND, overlay.folder])
    asked = [AROUND, overlay.folder, overlay.folder, AROUND]
    found = rendered(rendering, files, asked)
    assert [as_built(one) for one in found] == [around, wanted, wanted, around], found[0].message
    return wanted


def assert_same(
    rendering: Renderer, oracle: Oracle, place: Path, files: Mapping[str, str | bytes], folders: list[str]
) -> int:
    """Both give the same bytes, and our objects are those in the bytes; or both fail, or both panic.

    Returns how many were built.
    """
    write(place, files)
    wanted = oracle.build_all(place, folders)
    found = rendered(rendering, files, folders)
    differing = [
        f"{one.path}: {one.failure} {one.message}"
        for one, built in zip(found, wanted, strict=True)
        if as_built(one) != built
    ]
    assert differing == []
    values = [one.values for one in rendered(rendering, files, folders, Form.OBJECTS)]
    assert values == [tuple(yaml.load_all(built.text or b"", yaml.CSafeLoader)) for built in wanted]
    return sum(built.text is not None for built in wanted)

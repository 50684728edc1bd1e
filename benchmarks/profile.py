"""Writes renderer/default.pgo, by which Go's compiler knows what the renderer does most: `make profile`.

The overlays of a fleet are rendered by the helper's own code under Go's profiler. A profile stays good while that code
and kustomize stay alike, so this is for a new kustomize or a new Go, not for every change.
"""

import json
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from benchmarks import fleet
from benchmarks.shapes import Size
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.renderer import MAX_INPUT, MAX_OUTPUT
from onboarding_tool.rendering import render_request

RENDERER = fleet.ROOT / "renderer"
APIS = 500


def main() -> None:
    folder = fleet.cached(Size(APIS))
    with tempfile.TemporaryDirectory() as work:
        requests, binary, profile = (Path(work) / name for name in ("requests", "test", "profile"))
        requests.write_bytes(b"".join(map(framed, _requests(folder))))
        settings = {**os.environ, "GOFLAGS": "-buildvcs=false"}
        subprocess.run(["go", "test", "-pgo=off", "-c", "-o", binary, "."], cwd=RENDERER, env=settings, check=True)
        words = ["-test.run=^$", "-test.bench=Serve", f"-test.cpuprofile={profile}", f"-frames={requests}"]
        subprocess.run([binary, *words], cwd=RENDERER, check=True)
        shutil.copy(profile, RENDERER / "default.pgo")


def _requests(folder: Path) -> Iterator[dict[str, object]]:
    """What is generated for each overlay as objects, then the overlay as text: what `check` and `render` ask for."""
    tree = FolderTree(folder)
    for overlay in sorted(folder.glob("apps/*/overlays/*")):
        api, environment = overlay.parts[-3], overlay.parts[-1]
        for path, objects in (
            (f"generated/{environment}/apps/{api}", True),
            (f"apps/{api}/overlays/{environment}", False),
        ):
            files = {file: data.decode() for file, data in render_request(tree, path).files.items()}
            keys = {file: sha256(text.encode()).hexdigest() for file, text in files.items()}
            added = {keys[file]: text for file, text in files.items()}
            bounds = {"max_input": MAX_INPUT, "max_output": MAX_OUTPUT}
            yield {"add": added, "folder": path, "objects": objects, "files": keys, **bounds}


def framed(request: dict[str, object]) -> bytes:
    frame = json.dumps(request).encode()
    return struct.pack(">I", len(frame)) + frame


if __name__ == "__main__":
    main()

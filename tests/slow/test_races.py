"""The renderer under Go's race detector, as it is used: one build at a time, beside what watches over it.

What the detector says to several builds at a time in one process: renderer/concurrent_test.go, and decision 0007.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.profile import framed
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.rendering import Form, RenderRequest, render_request
from onboarding_tool.tree import tree_of
from tests.conftest import give_up
from tests.slow.test_renderer_hostile import FAILING, attack
from tests.support.examples import NAMES, corpus, example_with_generated
from tests.support.image_rows import TABLE
from tests.support.installing import HOME, ROOT
from tests.support.oracles import folders_of
from tests.support.overlays import overlays
from tests.support.pages import typed

RACE = """\
package main

import "time"

var shared int

func main() {
	go func() { shared++ }()
	shared++
	time.Sleep(100 * time.Millisecond)
}
"""


@pytest.fixture(scope="module")
def compiler() -> None:
    """The detector is linked by a C compiler, which .ci/run installs; elsewhere nobody asked for one."""
    for tool in ("go", "gcc"):
        if not shutil.which(tool):
            give_up(f"the race detector needs {tool}; on Debian: gcc and libc6-dev")


@pytest.fixture
def detected(compiler: None, tmp_path: Path) -> Path:
    """A folder with the reports of every process that `under_detection` started."""
    folder = tmp_path / "reports"
    folder.mkdir()
    return folder


def under_detection(source: Path, reports: Path) -> Path:
    """A command that runs the program with the detector, which writes each race that it sees below `reports`."""
    program = reports.parent / "program"
    settings = {"HOME": HOME, "CGO_ENABLED": "1", "GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local"}
    words = ["go", "build", "-race", "-o", str(program), "."]
    done = subprocess.run(words, cwd=source, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    command = reports.parent / "command"
    command.write_text(f"#!/bin/sh\nGORACE=log_path={reports}/race exec {program}\n")
    command.chmod(0o755)
    return command


def races(reports: Path) -> list[str]:
    return [text for path in reports.iterdir() for text in re.split("={18}\n", path.read_text()) if "DATA RACE" in text]


def requests() -> Iterator[RenderRequest]:
    every_kustomization = corpus()
    of_corpus = [folder for folder in folders_of(every_kustomization) if folder.endswith("/prod")]
    trees = [(tree_of(files), folders_of(files)) for files in map(example_with_generated, NAMES)]
    for tree, folders in [*trees, (tree_of(every_kustomization), of_corpus)]:
        for number, folder in enumerate(folders):
            yield render_request(tree, folder, list(Form)[number % 2])
    yield from (render_request(tree_of(row.files()), "o") for row in TABLE)
    yield from (attack(name) for name in FAILING if not re.search("output|many", name))


def test_the_renderer_has_no_race(detected):
    command = under_detection(ROOT / "renderer", detected)
    asked = list(requests())
    # Closing it kills the processes; what they saw is written by then.
    with Renderer(jobs=2, command=command, time_limit=120) as rendering:
        found = list(rendering.render(asked))
    assert len(found) == len(asked)
    assert sum(one.failure is None for one in found) > 200
    assert races(detected) == []


def test_a_race_would_be_seen(detected, tmp_path):
    source = tmp_path / "racing"
    source.mkdir()
    (source / "go.mod").write_text("module racing\n\ngo 1.24\n")
    (source / "main.go").write_text(RACE)
    subprocess.run([under_detection(source, detected)], env={}, check=False)
    assert races(detected)


def test_the_documented_measurement(compiler, tmp_path, blocks):
    """Of several builds at a time in one process, where none of them brings a schema."""
    [command] = blocks
    count = 20
    frames = []
    for number in range(count):
        files = {path: text for path, text in overlays(count).items() if path.startswith((f"apps/{number}/", "comp"))}
        bounds = {"max_input": 1 << 20, "max_output": 1 << 20}
        keys = {path: path for path in files}
        frames.append(framed({"add": files, "folder": f"apps/{number}/overlays/prod", "files": keys, **bounds}))
    path = tmp_path / "frames"
    path.write_bytes(b"".join(frames))
    settings = {"HOME": HOME, "GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local"}
    done = typed(command.text.replace("FRAMES", str(path)), at=ROOT, **settings)
    assert done.code == 0, done.text
    assert f"0 of {count} are rendered otherwise than alone" in done.out

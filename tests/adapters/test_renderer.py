"""The renderer against real kustomize, byte for byte; and what it does when processes die or runs are left."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.errors import BugError, WorldError
from onboarding_tool.rendering import KUSTOMIZE, Failure, RenderRequest, render_request
from onboarding_tool.tree import tree_of
from tests.support.examples import NAMES, corpus, example_with_generated
from tests.support.kustomizations import overlays as generated_overlays
from tests.support.oracles import (
    Oracle,
    assert_same,
    assert_same_overlay,
    folders_of,
    kustomize_oracle,
    rendered,
)
from tests.support.overlays import HEADER, overlays

ROOT = Path(__file__).resolve().parent.parent.parent
# Tests have a home folder of their own, without what Go has downloaded and compiled already.
HOME = str(Path.home())


@pytest.fixture
def rendering(renderer) -> Iterator[Renderer]:
    with Renderer(command=renderer) as started:
        yield started


@pytest.fixture
def alone(renderer) -> Iterator[Renderer]:
    """One process, so that each build comes after all the others, and finds what they kept."""
    with Renderer(jobs=1, command=renderer) as started:
        yield started


@pytest.fixture
def oracle(kustomize) -> Oracle:
    return kustomize_oracle(kustomize)


@pytest.mark.parametrize("name", NAMES)
def test_examples_and_what_is_generated_from_them_render_as_kustomize_builds_them(alone, oracle, tmp_path, name):
    files = example_with_generated(name)
    folders = folders_of(files)
    assert assert_same(alone, oracle, tmp_path, files, folders) == len(folders)


def test_every_kustomization_of_the_corpus_renders_as_kustomize_builds_it(alone, oracle, tmp_path):
    files = corpus()
    folders = [folder for folder in folders_of(files) if folder.endswith("/prod")]
    assert assert_same(alone, oracle, tmp_path, files, folders) > 100


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(overlay=generated_overlays())
def test_generated_overlays_render_as_kustomize_builds_them(alone, oracle, overlay):
    """`make slow` tries many more."""
    assert_same_overlay(alone, oracle, overlay)


def test_files_of_every_name(rendering, oracle, tmp_path):
    names = ["two words.yaml", "a=b+c.yaml", "(1), @2.yaml", "ü 🚀.yaml", ".hidden.yaml", "..a.yaml", "a\\b.yaml", "'"]
    files = {f"a/{name}": f"kind: A\napiVersion: v1\nmetadata: {{name: a{at}}}\n" for at, name in enumerate(names)}
    said = {"resources": names, "configMapGenerator": [{"name": "b", "files": [".hidden.yaml"]}]}
    files["a/kustomization.yaml"] = json.dumps(said, ensure_ascii=False)
    assert assert_same(rendering, oracle, tmp_path, files, ["a"]) == 1


def test_binary_files_and_files_without_final_newline(rendering, oracle, tmp_path):
    files = {
        "a/kustomization.yaml": "configMapGenerator: [{name: a, files: [bytes, text, empty]}]\n",
        "a/bytes": bytes(range(256)),
        "a/text": "no final newline",
        "a/empty": "",
    }
    assert assert_same(rendering, oracle, tmp_path, files, ["a"]) == 1


def test_a_schema_of_its_own_reaches_no_other_overlay(renderer, oracle, tmp_path):
    """kustomize keeps the schema in globals; one process renders all four, in this order."""
    patch = "apiVersion: v1\nkind: Widget\nmetadata: {name: a}\nspec: {list: [{name: x, b: 2}]}\n"
    widget = "apiVersion: v1\nkind: Widget\nmetadata: {name: a}\nspec: {list: [{name: x, a: 1}]}\n"
    plain = HEADER + "resources: [widget.yaml]\npatches: [{path: patch.yaml}]\n"
    schema = """\
{"definitions": {"v1.Widget": {"properties": {"spec": {"properties": {"list": {"type": "array",
"items": {"properties": {"name": {"type": "string"}}}, "x-kubernetes-patch-merge-key": "name",
"x-kubernetes-patch-strategy": "merge"}}}}, "x-kubernetes-group-version-kind":
[{"group": "", "kind": "Widget", "version": "v1"}]}}}
"""
    files: dict[str, str] = {}
    for name, text in {"a": plain, "b": plain + "openapi: {path: schema.json}\n", "c": plain}.items():
        own = {"kustomization.yaml": text, "widget.yaml": widget, "patch.yaml": patch, "schema.json": schema}
        files |= {f"{name}/{path}": content for path, content in own.items()}
    files |= {"d/kustomization.yaml": HEADER + "resources: [../b]\n"}
    with Renderer(jobs=1, command=renderer) as rendering:
        assert assert_same(rendering, oracle, tmp_path, files, ["a", "b", "c", "d", "a"]) == 5
        first, own, *_ = rendered(rendering, files, ["a", "b"])
        assert first.text.replace("name: a", "") != own.text.replace("name: a", "")


def test_it_is_linked_with_the_kustomize_that_it_says(renderer, kustomize):
    done = subprocess.run([renderer, "version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"v{KUSTOMIZE}"
    oracle = subprocess.run([kustomize, "version"], capture_output=True, text=True, check=True)
    assert oracle.stdout.strip() == f"v{KUSTOMIZE}"


def test_messages_name_paths_from_the_repositorys_root(rendering):
    files = {"apps/a/kustomization.yaml": "resources: [gone.yaml]\n"}
    (found,) = rendered(rendering, files, ["apps/a"])
    assert (found.failure, found.text) == (Failure.ERROR, "")
    assert "'apps/a/gone.yaml' doesn't exist" in found.message


def fleet(count: int) -> Iterator[RenderRequest]:
    tree = tree_of(overlays(20))
    for number in range(count):
        yield render_request(tree, f"apps/{number % 20}/overlays/prod")


def test_results_come_in_order_while_requests_are_still_taken(rendering):
    taken = []

    def requests():
        for number, request in enumerate(fleet(600)):
            taken.append(number)
            yield request

    paths = [f"apps/{number % 20}/overlays/prod" for number in range(600)]
    behind = []
    for number, found in enumerate(rendering.render(requests())):
        assert found.path == paths[number]
        behind.append(len(taken) - number)
    assert len(behind) == 600
    assert max(behind) < 200


def test_equal_requests_give_equal_results_whichever_process_renders_them(rendering):
    found = list(rendering.render(fleet(200)))
    assert found == found[:20] * 10


def test_what_a_process_keeps_is_bounded_and_nothing_is_lost_by_it(renderer):
    """Every file is as large as the bound allows only a few of; the shared one is asked for again and again."""
    shared = {"s/kustomization.yaml": b"configMapGenerator: [{name: s, literals: [a=1]}]\n"}

    def requests():
        for number in range(30):
            own = {
                f"{number % 7}/kustomization.yaml": b"resources: [../s]\n",
                f"{number % 7}/big": f"{number % 7}".encode() * (1 << 20),
            }
            yield RenderRequest(f"{number % 7}", own | shared)

    with Renderer(jobs=1, command=renderer) as rendering:
        found = list(rendering.render(requests()))
    assert [one.failure for one in found] == [None] * 30
    assert found[:7] * 4 == found[:28]


OTHERS: set[int] = set()  # what tests of other modules keep running


@pytest.fixture(scope="module", autouse=True)
def _others():
    OTHERS.update(helpers())


def helpers() -> list[int]:
    """The process ids of our children that are renderers, without those that were there before."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (folder / "stat").read_text(encoding="utf-8").partition(") ")
        except OSError:
            continue
        if (
            "onboard-rendere" in name
            and rest.split()[:2] != ["Z", str(os.getpid())]
            and rest.split()[1] == str(os.getpid())
            and int(folder.name) not in OTHERS
        ):
            found.append(int(folder.name))
    return found


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes by /proc")


@linux
def test_a_fleet_is_rendered_right_while_its_processes_are_killed(rendering):
    wanted = list(rendering.render(fleet(20))) * 40
    killed = []
    found = []
    for one in rendering.render(fleet(800)):
        found.append(one)
        if len(found) % 90 == 50:
            killed.append(helpers()[len(killed) % len(helpers())])
            os.kill(killed[-1], signal.SIGKILL)
    assert found == wanted
    assert len(killed) == 9


@linux
def test_nothing_runs_before_it_is_needed_or_after_it(renderer):
    with Renderer(command=renderer) as rendering:
        assert helpers() == []
        assert len(list(rendering.render(fleet(1)))) == 1
        assert len(helpers()) == 1
    assert helpers() == []


@linux
def test_a_run_that_is_left_early_leaves_nothing_behind_for_the_next(renderer):
    with Renderer(jobs=2, command=renderer) as rendering:
        run = rendering.render(fleet(500))
        first = next(run)
        with pytest.raises(BugError):
            next(rendering.render(fleet(1)))
        run.close()
        assert next(rendering.render(fleet(1))) == first
        with pytest.raises(ZeroDivisionError):
            list(rendering.render(1 // 0 for _ in range(2)))
        assert next(rendering.render(fleet(1))) == first
    assert helpers() == []


SCRIPT = """
import sys
from pathlib import Path
from onboarding_tool.adapters.renderer import Renderer
from tests.adapters.test_renderer import fleet, helpers
with Renderer(jobs=2, command=Path(sys.argv[1])) as rendering:
    for number, _ in enumerate(rendering.render(fleet(10**9))):
        if number == 50:
            print(*helpers(), flush=True)
"""


@linux
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_us(renderer, way):
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(renderer)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as started:
        assert started.stdout is not None
        processes = [int(word) for word in started.stdout.readline().split()]
        assert len(processes) == 2
        started.send_signal(way)
    end = time.monotonic() + 10
    while (left := [process for process in processes if Path(f"/proc/{process}").exists()]) and time.monotonic() < end:
        time.sleep(0.05)
    assert left == []


def test_a_slow_reader_times_nothing_out(renderer):
    with Renderer(jobs=2, time_limit=1.0, command=renderer) as rendering:
        found = []
        for one in rendering.render(fleet(60)):
            if len(found) in (3, 30):
                time.sleep(1.5)
            found.append(one)
    assert [one.failure for one in found] == [None] * 60


def test_a_crash_is_tried_twice_and_then_said(tmp_path):
    command = tmp_path / "crashes"
    command.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(tmp_path / 'log')!r}, 'a').write('x')\nsys.exit(3)\n"
    )
    command.chmod(0o755)
    with Renderer(jobs=1, command=command) as rendering:
        found = list(rendering.render(fleet(2)))
    assert [one.failure for one in found] == [Failure.CRASHED] * 2
    assert "exit code 3" in found[0].message
    assert (tmp_path / "log").read_text() == "xxxx"


def test_what_hangs_is_killed_and_said(tmp_path):
    command = tmp_path / "hangs"
    command.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
    command.chmod(0o755)
    begin = time.monotonic()
    with Renderer(jobs=1, time_limit=0.5, command=command) as rendering:
        (found,) = rendering.render(fleet(1))
    assert found.failure is Failure.TIMED_OUT
    assert time.monotonic() - begin < 30  # it would sleep for 60 s


def test_without_a_binary_it_says_how_to_get_one(tmp_path):
    with Renderer(command=tmp_path / "gone") as rendering, pytest.raises(WorldError, match="does not start"):
        list(rendering.render(fleet(1)))

"""The benchmarks measure what they say: fleets without a fault, commands that work, memory of all processes."""

import json
import pickle
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import commands, fleet, growing, harness, hostile, manifests, results, run, shapes
from benchmarks.commands import CASES, Target
from benchmarks.fleet import FailedError
from benchmarks.harness import BENCHMARKS, Command, Given, Row
from benchmarks.shapes import Size
from benchmarks.yardstick import yardstick
from tests.support.cli import onboard
from tests.support.git import git, status

SMALL = Size(30)
# What shows that a fleet has APIs of many shapes.
PIECES = (
    "initContainers:", "\r\n", "configMapGenerator:", "newName:", "digest:", "path: memory.yaml", "PodDisruptionBudget",
    "lifecycle: retiring", "delivery: set-image", "capability: L2", "manage: none", "kind: ReleaseRequest",
    "kind: ReleaseOutcome", '"apps/v1"', "-worker\n",
)  # fmt: skip
HUNGRY = "import time; held = bytes([1]) * 60_000_000; time.sleep(1)"


@pytest.fixture(scope="module")
def small(tmp_path_factory, renderer) -> Path:
    folder = tmp_path_factory.mktemp("fleet") / "config"
    fleet.write(folder, SMALL)
    return folder


def test_nothing_is_wrong_in_a_fleet(small):
    done = onboard("check", "--strict", at=small)
    assert (done.code, done.text) == (0, "No findings.\n")
    assert status(small) == []


def test_the_last_commit_of_a_fleet_moves_one_image(small):
    about = fleet.plain_api(SMALL)
    assert git(small, "show", "--format=", "--name-only") == f"apps/{about.name}/overlays/prod/kustomization.yaml"
    assert f"+    newTag: {fleet.NEW_TAG}" in git(small, "show", "--format=").replace('"', "")


def test_a_fleet_is_the_same_every_time_and_another_with_another_seed():
    first = dict(fleet.files(SMALL))
    assert first == dict(fleet.files(SMALL))
    assert first != dict(fleet.files(Size(SMALL.apis, seed=2)))


def test_a_fleet_has_about_nine_files_of_an_api_and_every_shape():
    size = Size(400)
    files = dict(fleet.files(size)) | fleet.requests(size)
    assert 8.5 < sum(path.startswith("apps/") for path in files) / size.apis < 9.5
    for piece in PIECES:
        assert any(piece.encode() in data for data in files.values()), piece


def test_every_overlay_of_a_fleet_has_a_strategic_merge_patch():
    for number in range(100):
        for path, data in manifests.api_files(SMALL, number).items():
            assert "overlays" not in path or not path.endswith("/kustomization.yaml") or b"\npatches:" in data


@pytest.mark.parametrize("environments", [1, 2, 5])
def test_a_fleet_may_have_any_number_of_environments(environments):
    size = Size(1, environments)
    overlays = [path for path in manifests.api_files(size, 0) if path.endswith("/kustomization.yaml")]
    assert len(overlays) == environments + 1
    assert len(shapes.shape(size, 0).namespaces) == environments


@pytest.mark.parametrize("name", CASES)
def test_every_command_that_is_measured_works(small, name):
    case = CASES[name]
    target = Target(small, fleet.plain_api(SMALL), "prod")
    try:
        case.before(target)
        fleet.run(fleet.ONBOARD, *case.words(target), at=small)
    finally:
        fleet.restore(small)


def test_what_a_command_wrote_is_undone(small):
    (small / "apps/new").mkdir()
    (small / "apps/new/file").write_text("x")
    (small / "platform.yaml").write_text("x")
    fleet.restore(small)
    assert status(small) == []


def test_every_benchmark_has_a_section():
    assert {section for section, _ in BENCHMARKS.values()} == set(run.SECTIONS)


def test_the_hostile_overlays_are_those_of_the_tests(renderer):
    attacks = dict(hostile.attacks())
    assert {"alias bomb", "output of 100 MB", "build without end"} < set(attacks)
    words = (sys.executable, "-m", "benchmarks.hostile")
    for name in ("cycle", "build without end"):
        harness.measure(Command(words, fleet.ROOT, attacks[name]), runs=0)
    harmless = Command(words, fleet.ROOT, pickle.dumps(hostile.HARMLESS))
    with pytest.raises(FailedError, match="None, and then None"):
        harness.measure(harmless, runs=0)


def test_memory_is_that_of_all_processes_together(tmp_path):
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HUNGRY!r}]); {HUNGRY}"
    both = (
        f"import subprocess, sys; other = subprocess.Popen([sys.executable, '-c', {HUNGRY!r}]); {HUNGRY}; other.wait()"
    )
    for code, megabytes in ((child, 60), (both, 120)):
        found = harness.measure(Command((sys.executable, "-c", code), tmp_path), runs=0)
        assert megabytes <= found.memory / harness.MB < megabytes + 40


def test_a_command_that_ends_soon_is_looked_at(tmp_path):
    found = harness.measure(Command((sys.executable, "-c", "pass"), tmp_path), runs=0)
    assert found.memory


def test_a_command_that_fails_is_told_and_not_timed(tmp_path):
    command = Command((sys.executable, "-c", "import sys; sys.exit('no such luck')"), tmp_path)
    with pytest.raises(FailedError, match="ended with 1: no such luck"):
        harness.measure(command)


def test_a_command_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "PATIENCE", 0.2)
    with pytest.raises(FailedError, match="was killed"):
        harness.measure(Command(("sleep", "60"), tmp_path))


def test_a_benchmark_that_fails_is_a_row(tmp_path, monkeypatch):
    def broken(_):
        yield Row("one", "1 s")
        raise FailedError("it ended with 1")

    monkeypatch.setitem(BENCHMARKS, "broken", (commands.COMMANDS, broken))
    rows = list(run.rows("broken", Given(SMALL, tmp_path)))
    assert rows == [Row("one", "1 s"), Row("benchmark broken", "failed: it ended with 1", met=False)]
    assert results.table(rows)[-1].endswith("| **missed** |")


def test_the_exponent_is_that_of_the_power():
    assert growing.exponent([(n, 0.01 * n**1.5) for n in (100, 1_000, 10_000)]) == pytest.approx(1.5)


def test_growth_is_linear_only_if_its_last_step_is():
    points = ((100, 1.63), (1_000, 12.94), (10_000, 181.71))
    row = growing.judged("x", points, growing.SECONDS)
    assert row.value == "1.63 s, 12.94 s, 181.71 s: exponent 1.02, of the last step 1.15"
    assert (row.met, row.points) == (False, points)
    assert growing.judged("x", (*points[:2], (10_000, 160.0)), growing.SECONDS).met


def test_growth_is_linear_only_if_the_whole_is():
    row = growing.judged("x", ((100, 1.0), (1_000, 20.0), (10_000, 200.0)), growing.SECONDS)
    assert (row.value.rpartition(": ")[2], row.met) == ("exponent 1.15, of the last step 1.00", False)


def test_a_step_of_start_up_alone_says_nothing():
    points = ((100, 0.11), (1_000, 0.02), (10_000, 0.29))
    assert growing.judged("x", points, growing.SECONDS).value == "0.11 s, 0.02 s, 0.29 s: exponent 0.21"
    assert growing.judged("x", points, growing.SECONDS).met
    assert not growing.judged("x", (*points[:2], (10_000, 0.31)), growing.SECONDS).met
    held = growing.judged("x", ((100, 18.0), (1_000, 26.0), (10_000, 49.0)), growing.MEGABYTES)
    assert held.value == "18 MB, 26 MB, 49 MB: exponent 0.22"


def test_completion_grows_too_and_is_measured_as_in_its_rows(small, monkeypatch):
    monkeypatch.setattr(fleet, "cached", lambda size: small)
    monkeypatch.setattr(commands, "QUICK", 1)
    rows = list(commands.complete(Given(SMALL, small)))
    found = commands.GROWING[commands.COMPLETION](SMALL)
    assert rows[0] == harness.took(commands.COMPLETION, found)
    assert found.memory > 5 * harness.MB


def test_a_command_that_grows_has_a_row_of_seconds_and_one_of_memory(tmp_path, monkeypatch):
    def cost(size):
        return harness.Measured((harness.Run(size.apis / 100),), size.apis * harness.MB)

    monkeypatch.setattr(commands, "GROWING", {"a": cost})
    rows = list(commands.growth(Given(Size(10_000), tmp_path)))
    assert [row.work for row in rows] == ["a", "a: memory"]
    assert [row.points for row in rows] == [
        ((100, 1.0), (1_000, 10.0), (10_000, 100.0)),
        ((100, 100.0), (1_000, 1_000.0), (10_000, 10_000.0)),
    ]


def test_what_ended_before_it_was_looked_at_has_no_row_of_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(commands, "GROWING", {"a": lambda size: harness.Measured((harness.Run(2),))})
    assert [row.work for row in commands.growth(Given(Size(10_000), tmp_path))] == ["a"]


def test_what_fails_at_a_size_is_missed_and_not_drawn(tmp_path, monkeypatch):
    def cost(size):
        return FailedError("x") if size.apis == 1_000 else harness.Measured((harness.Run(2),), 1)

    monkeypatch.setattr(commands, "GROWING", {"a": cost})
    rows = list(commands.growth(Given(Size(10_000), tmp_path)))
    text = "failed at 1,000 APIs; of the others 2.00 s, 2.00 s"
    assert rows == [Row("a", text, "at most 1.1", met=False)]


def drawn_rows(count: int) -> list[Row]:
    names = [f"`a{number}` & b{end}" for number in range(count) for end in ("", harness.MEMORY)]
    return [Row(name, "", points=((100, 0.2 + at), (10_000, 3.0 + at))) for at, name in enumerate(names)]


def test_the_picture_names_every_command_once():
    drawn = growing.plot([*drawn_rows(2), Row("c", "failed", met=False)])
    assert [drawn.count(f">a{number} &amp; b<") for number in range(2)] == [1, 1]
    assert ">c<" not in drawn


def test_the_picture_has_seconds_and_memory():
    drawn = growing.plot(drawn_rows(2))
    assert ">1 s<" in drawn
    assert ">1 MB<" in drawn
    assert ">1 MB<" not in growing.plot(drawn_rows(2)[::2])


def test_every_line_of_the_picture_looks_like_that_of_its_name_and_like_no_other():
    count = len(commands.GROWING)
    drawn = growing.plot(drawn_rows(count))
    looks = Counter(re.findall(r'<polyline .*(stroke="#.*" stroke-width="2" stroke-dasharray=".*")/>', drawn))
    assert list(looks.values()) == [3] * count  # above, below, and beside the name


MACHINE = results.Machine(2, 24, "a model", "3.11.7", "5.8.1")
KNOWN = {
    "x": results.Measurement(
        "Commands", (Row("x", "1 s", "at most 2 s", True, headline=True),), "abc", "2026-11-21", 0.1
    ),
    "y": results.Measurement(
        "Commands", (Row("y", "1 s", points=((10, 0.5), (100, 1.0))),), "abd", "2026-11-22", 0.3, 62
    ),
}


def test_the_readme_holds_what_was_measured_last():
    readme = f"# Title\n\n{results.BEGIN}\nold\n{results.END}\n\nmore\n"
    text = results.inserted(readme, results.short(KNOWN, MACHINE, SMALL))
    assert text is not None
    assert "| x | 1 s | at most 2 s | met |" in text
    assert "| y |" not in text
    assert "old" not in text
    assert text.startswith("# Title\n")
    assert text.endswith(f"{results.END}\n\nmore\n")
    assert results.inserted("# Title\n", "x") is None


def test_results_are_kept_and_each_says_when_it_was_measured(tmp_path):
    store = tmp_path / "measured.json"
    assert results.kept(store, MACHINE) == {}
    results.keep(store, MACHINE, KNOWN)
    assert results.kept(store, MACHINE) == KNOWN
    text = results.whole(results.kept(store, MACHINE), MACHINE, SMALL, "")
    assert "Measured on 2026-11-21 at commit abc: x (load 0.1)." in text
    assert "Measured on 2026-11-22 at commit abd: y (load 0.3, yardstick 62 ms)." in text


def test_what_was_kept_without_points_is_still_known(tmp_path):
    store = tmp_path / "measured.json"
    results.keep(store, MACHINE, KNOWN)
    content = json.loads(store.read_text())
    for one in content["measured"].values():
        for row in one["rows"]:
            del row["points"]
    store.write_text(json.dumps(content))
    assert [row.points for one in results.kept(store, MACHINE).values() for row in one.rows] == [(), ()]


def test_the_results_are_those_of_what_is_kept():
    found = results.measured_on(run.STORE)
    known = results.kept(run.STORE, found)
    size = Size(run.APIS)
    written = (run.FOLDER / "RESULTS.md").read_text()
    assert written == results.whole(known, found, size, run.PLOT), "python -m benchmarks.run --rewrite"
    assert (run.FOLDER / run.PLOT).read_text() == growing.plot(row for one in known.values() for row in one.rows)
    readme = (fleet.ROOT / "README.md").read_text()
    assert readme == results.inserted(readme, results.short(known, found, size))


def test_the_yardstick_composes_files_of_a_fleet():
    assert yardstick() > 0


def test_what_another_machine_measured_is_not_kept(tmp_path):
    store = tmp_path / "measured.json"
    results.keep(store, MACHINE, KNOWN)
    assert results.kept(store, replace(MACHINE, cores=64)) == {}
    assert results.measured_on(store) == MACHINE

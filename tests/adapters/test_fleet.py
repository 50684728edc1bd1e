"""A fleet that is judged part by part gets the verdict that it gets as a whole."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from onboarding_tool import load
from onboarding_tool.adapters import fleet, processes, renders
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.adapters.fleet import Source, Wish
from onboarding_tool.adapters.renderer import Renderer
from onboarding_tool.checks import judging
from onboarding_tool.checks.judging import Verdict
from onboarding_tool.errors import WorldError
from onboarding_tool.model import Renders
from onboarding_tool.tree import Tree
from tests.support.broken import broken_trees, everything
from tests.support.git import repository, write
from tests.support.repos import edited, good, repo_of, second_api, with_generated

TODAY = "2026-11-20"
NOT_ASKED = "nobody asked"
PLAIN = Wish(Source(Path("/nowhere")), TODAY, NOT_ASKED, cached=False)
SHARED = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shared\n"


def colliding() -> dict[str, str]:
    """Two APIs that bring the same ConfigMap to the same namespace."""
    files = good() | second_api()
    for api in ("payments", "orders"):
        files = edited(f"apps/{api}/base/kustomization.yaml", "resources:\n", "resources:\n  - shared.yaml\n", files)
        files[f"apps/{api}/base/shared.yaml"] = SHARED
    for path in ("apps/orders/metadata.yaml", "apps/orders/overlays/prod/kustomization.yaml"):
        files = edited(path, "namespace: orders", "namespace: payments", files)
    return with_generated(files)


def as_a_whole(tree: Tree) -> Verdict:
    repo, found = load.load(tree)
    return judging.run(replace(repo, today=TODAY, not_rendered=NOT_ASKED), found)


def in_parts(tree: Tree, size: int = 1) -> Verdict:
    """Without renders, in parts of so many APIs."""
    names = tree.folders("apps")
    parts = [names[start : start + size] for start in range(0, len(names), size)]
    policy, found = load.load(tree, ())
    policy = replace(policy, today=TODAY)
    with Renderer(jobs=1) as nobody:
        known = [fleet.judge(policy, part, PLAIN, nobody) for part in parts]
    return fleet.verdict(policy, [*found, *fleet.of_requests(policy, names)], known, NOT_ASKED)


def judged(
    wish: Wish,
    no_history: str,
    jobs: int,
    told: Callable[[int, int], object] = lambda *_: None,
    indexed: Callable[[], Tree] | None = None,
) -> Verdict:
    return fleet.check(wish.source.tree(), wish, None, no_history, jobs, told, indexed)


@settings(max_examples=150)
@given(broken_trees())
def test_the_verdict_is_the_same_whatever_is_broken(tree):
    assert in_parts(tree) == as_a_whole(tree)


@settings(max_examples=50)
@given(broken_trees())
def test_what_is_found_beside_the_apis_is_found_without_them(tree):
    """So it is told, too, where every API is remembered."""
    policy = replace(load.load(tree, ())[0], today=TODAY)
    with Renderer(jobs=1) as nobody:
        part = fleet.judge(policy, tree.folders("apps"), PLAIN, nobody)
    assert part.beside <= judging.judge_part(policy)


def test_the_verdict_is_not_that_nothing_is_wrong():
    tree = repo_of(everything()).tree
    assert in_parts(tree).findings
    assert in_parts(tree, size=2) == in_parts(tree) == as_a_whole(tree)


def test_what_two_apis_collide_in_is_found_in_two_parts(tmp_path, renderer, monkeypatch):
    """And told at its place, though nobody has the API's files in memory any more."""
    monkeypatch.setattr(fleet, "WORTH_IT", 1)
    monkeypatch.setattr(fleet, "AT_ONCE", 1)
    folder = repository(tmp_path / "config", colliding())
    repo, found = load.load(FolderTree(folder))
    repo = replace(repo, today=TODAY, no_history="none")
    with Renderer(jobs=2) as rendering:
        of_each = renders.judge(repo, rendering)
    outlines = {(name, env): items for name, one in of_each.items() for env, items in one.outlines.items()}
    of_renders = [finding for one in of_each.values() for finding in one.findings]
    whole = judging.run(replace(repo, renders=Renders(outlines=outlines)), [*found, *of_renders])
    places = {(one.path, one.line) for one in whole.findings if one.rule == "rendered-object-claimed-twice"}
    assert places == {("apps/payments/base/shared.yaml", 4)}
    wish = Wish(Source(folder), TODAY, cached=False)
    for jobs in (1, 2):
        assert judged(wish, "none", jobs) == whole


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """More APIs than one process judges, one of them broken."""
    monkeypatch.setattr(fleet, "WORTH_IT", 2)
    monkeypatch.setattr(fleet, "AT_ONCE", 2)
    folder = repository(tmp_path / "config", good())
    metadata = (folder / "apps/payments/metadata.yaml").read_text()
    for number in range(9):
        write(folder, {f"apps/api-{number}/metadata.yaml": metadata.replace("payments", f"api-{number}")})
    write(folder, {"apps/api-4/metadata.yaml": "kind: [\n"})
    return folder


def test_processes_find_what_one_finds_and_say_how_far_they_are(many):
    seen: list[tuple[int, int]] = []
    wish = Wish(Source(many), TODAY, NOT_ASKED, cached=False)
    alone = judged(wish, "", 1)
    assert judged(wish, "", 3, lambda done, of: seen.append((done, of))) == alone
    assert "apps/api-4/metadata.yaml" in {finding.path for finding in alone.findings}
    assert seen == [(2, 10), (4, 10), (6, 10), (8, 10), (10, 10)]


def test_where_nothing_is_known_the_processes_are_at_work_before_git_is_asked(many, monkeypatch):
    """And what is no API by git's account counts as none."""
    (many / "apps/empty/base").mkdir(parents=True)
    order, judging_parts = [], fleet._parts

    def parts(names: Sequence[str], *others: Any) -> Any:
        order.append(list(names))
        return judging_parts(names, *others)

    def indexed() -> Tree:
        order.append("git")
        return FolderTree(many)

    monkeypatch.setattr(fleet, "_parts", parts)
    wish = Wish(Source(many), TODAY, NOT_ASKED)
    seen: list[tuple[int, int]] = []
    first = judged(wish, "", 2, lambda done, of: seen.append((done, of)), indexed)
    names = FolderTree(many).folders("apps")
    assert order == [sorted([*names, "empty"]), "git"]
    assert seen[-1] == (10, 10)
    order.clear()
    assert judged(wish, "", 2, indexed=indexed) == first
    assert order == ["git", []]
    platform = many / "platform.yaml"
    platform.write_text(f"{platform.read_text()}# another one\n")
    order.clear()
    assert judged(wish, "", 2, indexed=indexed) == first
    assert order == [sorted([*names, "empty"]), "git"]
    assert judged(replace(wish, cached=False), "", 1) == first


def test_when_git_fails_nobody_judges_on(many, monkeypatch):
    def fail() -> Tree:
        raise ZeroDivisionError

    monkeypatch.setattr(fleet, "judge", lambda *_: time.sleep(60))
    begin = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        judged(Wish(Source(many), TODAY, NOT_ASKED), "", 2, indexed=fail)
    assert time.monotonic() - begin < 30  # they would sleep for 60 s


def test_a_broken_world_is_told_whichever_process_met_it(many):
    (many / "apps/api-7/metadata.yaml").unlink()
    os.mkfifo(many / "apps/api-7/metadata.yaml")
    (many / "apps/api-8/base").symlink_to("/nowhere")
    wish = Wish(Source(many), TODAY, NOT_ASKED, cached=False)
    assert judged(wish, "", 2) == judged(wish, "", 1)


def test_a_process_that_is_killed_is_an_error_and_no_verdict(many, monkeypatch):
    def die(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(fleet, "judge", die)
    with pytest.raises(WorldError, match="was killed") as told:
        judged(Wish(Source(many), TODAY, NOT_ASKED, cached=False), "", 2)
    assert "--jobs 1" in told.value.hint


SLOW = """\
import sys, time
from pathlib import Path
from onboarding_tool.adapters import fleet
from onboarding_tool.adapters.files import FolderTree
fleet.WORTH_IT = fleet.AT_ONCE = 2
def judge(*_):
    print("judging\\n", end="", flush=True)
    time.sleep(60)
fleet.judge = judge
root = Path(sys.argv[1])
fleet.check(FolderTree(root), fleet.Wish(fleet.Source(root), "2026-11-20", "no"), None, "", 2)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_process_is_left_when_the_first_one_is_killed(many):
    process = subprocess.Popen([sys.executable, "-c", SLOW, many], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("judging")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children
    process.kill()
    process.wait()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline, "they still run"
        time.sleep(0.05)


@pytest.mark.parametrize("to_all", [True, False])
def test_ctrl_c_ends_what_the_processes_have_begun(many, to_all):
    """A terminal tells all processes, `kill -INT` only the first one."""
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, many],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert [process.stdout.readline(), process.stdout.readline()] == ["judging\n"] * 2
    (os.killpg if to_all else os.kill)(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT
    assert out == ""
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert "Process" not in err
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_there_are_no_more_processes_than_parts(many, monkeypatch):
    asked = []

    class Pool(processes.ProcessPoolExecutor):
        def __init__(self, jobs: int, *rest: object) -> None:
            asked.append(jobs)
            super().__init__(jobs, *rest)

    monkeypatch.setattr(processes, "ProcessPoolExecutor", Pool)
    judged(Wish(Source(many), TODAY, NOT_ASKED, cached=False), "", 100)
    assert asked == [5]

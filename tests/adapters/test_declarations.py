"""What a fleet declares is read part by part and remembered, and is what reading all of it says."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from onboarding_tool import load, overview
from onboarding_tool.adapters import declarations, processes
from onboarding_tool.adapters.cache import FILE, FOLDER
from onboarding_tool.adapters.declarations import DECLARED, SHOWN, View
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.findings import Finding
from onboarding_tool.model import Repo
from onboarding_tool.tree import tree_of
from tests.support.broken import RECORD, everything, histories
from tests.support.git import write
from tests.support.repos import edited, good, second_api
from tests.support.trees import lay

TODAY = "2026-11-20"
NO_FILES = tree_of({})
METADATA = "apps/payments/metadata.yaml"
VIEWS = (DECLARED, SHOWN)
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
RELEASE = "apps/payments/releases/prod/000001-0123456789abcdef.yaml"


def told(repo: Repo, found: list[Finding]) -> dict[str, Any]:
    """Everything that who asks here may look at."""
    policy = replace(repo, tree=NO_FILES, apis={}, today="")
    about = {"policy": policy, "findings": found, "names": list(repo.apis), "paths": list(repo.tree.paths())}
    return about | {"apis": repo.apis}


def expected(root: Path, view: View[Any]) -> dict[str, Any]:
    repo, found = load.load(FolderTree(root), depth=view.depth)
    if view is DECLARED:
        return told(repo, found)
    return {"findings": found, "apis": {name: overview.line(api) for name, api in repo.apis.items()}}


def read(root: Path, view: View[Any], jobs: int = 1, *, cached: bool = True) -> dict[str, Any]:
    tree = FolderTree(root)
    if view is DECLARED:
        return told(*declarations.read(tree, root, TODAY, jobs, cached=cached))
    _, found = load.load(tree, ())
    apis, more = declarations.of_each(view, lambda: tree, root, TODAY, jobs, cached=cached)
    return {"findings": sorted([*found, *more]), "apis": apis}


def remembered(root: Path, view: View[Any]) -> set[str]:
    """The APIs that are not read again."""
    cache = declarations.open_cache(root, TODAY)
    assert cache is not None
    with cache:
        tree = FolderTree(root)
        return set(declarations.Memory(cache, view.kind, view.keys(tree)).known(tree.folders("apps")))


@pytest.fixture(params=VIEWS, ids=["declared", "shown"])
def view(request) -> View[Any]:
    return request.param


def test_today_is_noted(tmp_path):
    write(tmp_path, good())
    repo, _ = declarations.read(FolderTree(tmp_path), tmp_path, TODAY, 1, cached=False)
    assert repo.today == TODAY


@pytest.mark.parametrize("files", [good() | second_api(), everything(), {}], ids=["good", "everything", "nothing"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_all_is_read_known_or_not(tmp_path, monkeypatch, view, jobs, files):
    monkeypatch.setattr(declarations, "AT_ONCE", 1)
    write(tmp_path, files)
    whole = expected(tmp_path, view)
    for cached in (False, True, True):
        assert read(tmp_path, view, jobs, cached=cached) == whole


@settings(max_examples=12)
@given(histories(everything()))
def test_all_is_read_whatever_happened_before(tmp_path_factory, history):
    root = tmp_path_factory.mktemp("config")
    for tree in history:
        lay(root, tree)
        for view in VIEWS:
            whole = expected(root, view)
            assert read(root, view, cached=False) == read(root, view) == read(root, view) == whole


def test_what_is_right_is_remembered_and_what_is_broken_read_again(tmp_path, view):
    """Whose file is broken says so in each run."""
    write(tmp_path, edited(METADATA, "kind: Api", "kind: Apis", good() | second_api()))
    whole = read(tmp_path, view)
    assert {finding.path for finding in whole["findings"]} == {METADATA}
    assert remembered(tmp_path, view) == {"orders"}
    assert read(tmp_path, view) == whole
    write(tmp_path, good())
    assert read(tmp_path, view)["findings"] == []
    assert remembered(tmp_path, view) == {"orders", "payments"}


@pytest.mark.parametrize(
    ("path", "views"),
    [
        (METADATA, VIEWS),
        (OVERLAY, {SHOWN}),
        (RELEASE, {SHOWN}),
        ("apps/payments/base/new.yaml", {SHOWN}),
        ("teams.yaml", ()),
        ("apps/orders/metadata.yaml", ()),
    ],
)
def test_what_an_api_is_read_from_makes_it_unknown(tmp_path, view, path, views):
    """Its metadata.yaml alone, where nothing else is read."""
    write(tmp_path, good() | second_api() | {RELEASE: RECORD})
    read(tmp_path, view)
    assert "payments" in remembered(tmp_path, view)
    write(tmp_path, {path: (tmp_path / path).read_bytes() + b"# more\n" if (tmp_path / path).exists() else b"# new\n"})
    assert ("payments" in remembered(tmp_path, view)) is (view not in views)
    assert read(tmp_path, view) == expected(tmp_path, view)


def test_who_edits_while_others_read_is_not_remembered_for_what_was_there_before(tmp_path, view):
    write(tmp_path, good() | second_api())
    read(tmp_path, view)  # of what is known the tree is asked
    before, after = (edited(METADATA, "capability: L0", f"capability: {level}") for level in ("L1", "L2"))
    write(tmp_path, before)
    looked_at = FolderTree(tmp_path)
    for path in looked_at.paths():
        looked_at.read(path)
    write(tmp_path, after)
    declarations.of_each(view, lambda: looked_at, tmp_path, TODAY, 1, cached=True)
    write(tmp_path, before)
    assert read(tmp_path, view) == expected(tmp_path, view)


def test_where_nothing_is_known_nobody_asks_for_the_tree_that_would_tell(tmp_path, view):
    """And what is no API by git's account counts as none."""
    write(tmp_path, good() | second_api())
    (tmp_path / "apps/empty/base").mkdir(parents=True)
    asked = []

    def indexed() -> FolderTree:
        asked.append("git")
        return FolderTree(tmp_path)

    first = declarations.of_each(view, indexed, tmp_path, TODAY, 1, cached=True)
    assert asked == []
    assert list(first[0]) == ["orders", "payments"]
    assert declarations.of_each(view, indexed, tmp_path, TODAY, 1, cached=True) == first
    assert asked == ["git"]
    assert declarations.of_each(view, indexed, tmp_path, TODAY, 1, cached=False) == first
    assert asked == ["git"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_who_waits_is_told_how_many_are_read(tmp_path, monkeypatch, view, jobs):
    """What is known counts as read."""
    monkeypatch.setattr(declarations, "AT_ONCE", 2)
    more = [second_api(f"api-{number}") for number in range(4)]
    write(tmp_path, {path: text for files in (good(), *more) for path, text in files.items()})

    def asked() -> list[tuple[int, int]]:
        seen: list[tuple[int, int]] = []
        words = (view, lambda: FolderTree(tmp_path), tmp_path, TODAY, jobs)
        declarations.of_each(*words, cached=True, progress=lambda done, of: seen.append((done, of)))
        return seen

    assert asked() == [(2, 5), (4, 5), (5, 5)]
    assert asked() == []
    write(tmp_path, edited(METADATA, "capability: L0", "capability: L1"))
    assert asked() == [(5, 5)]


@pytest.mark.parametrize("damage", [b"", b"rubbish" * 1000, None], ids=["empty", "rubbish", "cut"])
def test_a_damaged_cache_costs_time_only(tmp_path, view, damage):
    write(tmp_path, good() | second_api())
    whole = read(tmp_path, view)
    file = tmp_path / FOLDER / FILE
    file.write_bytes(file.read_bytes()[:5000] if damage is None else damage)
    assert [read(tmp_path, view) for _ in range(3)] == [whole] * 3


def test_a_name_of_any_bytes_is_read_each_time(tmp_path, view):
    odd = os.fsdecode(b"\xff")
    write(tmp_path, good() | {f"apps/{odd}/metadata.yaml": good()[METADATA]})
    whole = expected(tmp_path, view)
    assert list(whole["apis"]) == ["payments", odd]
    assert [read(tmp_path, view) for _ in range(2)] == [whole] * 2
    assert remembered(tmp_path, view) == {"payments"}


# Processes


def _working(others: int) -> AbstractContextManager[Callable[[int], tuple[int, int, int]]]:
    return nullcontext(lambda part: (part * 2, others, os.getpid()))


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_the_order_of_the_parts(jobs):
    found = list(processes.each([1, 2, 3, 4], jobs, _working))
    assert [result for result, _, _ in found] == [2, 4, 6, 8]
    assert {others for _, others, _ in found} == {1}
    assert (os.getpid() in {pid for _, _, pid in found}) is (jobs == 1)


@pytest.mark.parametrize("parts", [[], [1]])
def test_one_part_is_not_worth_a_process(parts):
    """And the one that works may start others."""
    assert list(processes.each(parts, 3, _working)) == [(2, 3, os.getpid())] * len(parts)

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
from onboarding_tool.adapters.files import FolderTree
from onboarding_tool.findings import Finding
from onboarding_tool.load import Depth
from onboarding_tool.model import Repo
from onboarding_tool.tree import tree_of
from tests.support.broken import RECORD, everything, histories
from tests.support.git import write
from tests.support.repos import edited, good, repo_of, second_api
from tests.support.trees import lay

TODAY = "2026-11-20"
NO_FILES = tree_of({})
METADATA = "apps/payments/metadata.yaml"
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"
RELEASE = "apps/payments/releases/prod/000001-0123456789abcdef.yaml"


def told(repo: Repo, found: list[Finding], depth: Depth) -> dict[str, Any]:
    """Everything that who asks here may look at."""
    policy = replace(repo, tree=NO_FILES, apis={}, today="")
    about = {"policy": policy, "findings": found, "names": list(repo.apis), "paths": list(repo.tree.paths())}
    if depth is Depth.METADATA:
        return about | {"apis": repo.apis}
    views = {name: overview.overview(api) for name, api in repo.apis.items()}
    chains = {name: (api.records, api.requests) for name, api in repo.apis.items()}
    return about | {"overviews": views, "rows": overview.rows(repo), "chains": chains}


def expected(root: Path, depth: Depth) -> dict[str, Any]:
    return told(*load.load(FolderTree(root), depth=depth), depth)


def read(root: Path, depth: Depth, jobs: int = 1, *, cached: bool = True) -> dict[str, Any]:
    return told(*declarations.read(FolderTree(root), root, depth, TODAY, jobs, cached=cached), depth)


def remembered(root: Path, depth: Depth) -> set[str]:
    """The APIs that are not read again."""
    cache = declarations.open_cache(root, TODAY)
    assert cache is not None
    with cache:
        tree = FolderTree(root)
        return set(
            declarations.Memory(cache, declarations.Api, declarations._keys(tree, depth)).known(tree.folders("apps"))
        )


@pytest.fixture(params=Depth, ids=lambda depth: depth.name.lower())
def depth(request) -> Depth:
    return request.param


def test_today_is_noted(tmp_path):
    write(tmp_path, good())
    repo, _ = declarations.read(FolderTree(tmp_path), tmp_path, Depth.ALL, TODAY, 1, cached=False)
    assert repo.today == TODAY


@pytest.mark.parametrize("files", [good() | second_api(), everything(), {}], ids=["good", "everything", "nothing"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_all_is_read_known_or_not(tmp_path, monkeypatch, depth, jobs, files):
    monkeypatch.setattr(declarations, "AT_ONCE", 1)
    write(tmp_path, files)
    whole = expected(tmp_path, depth)
    for cached in (False, True, True):
        assert read(tmp_path, depth, jobs, cached=cached) == whole


@settings(max_examples=12)
@given(histories(everything()))
def test_all_is_read_whatever_happened_before(tmp_path_factory, history):
    root = tmp_path_factory.mktemp("config")
    for tree in history:
        lay(root, tree)
        for depth in Depth:
            whole = expected(root, depth)
            assert read(root, depth, cached=False) == read(root, depth) == read(root, depth) == whole


def test_what_is_right_is_remembered_and_what_is_broken_read_again(tmp_path, depth):
    """Whose file is broken says so in each run."""
    write(tmp_path, edited(METADATA, "kind: Api", "kind: Apis", good() | second_api()))
    whole = read(tmp_path, depth)
    assert {finding.path for finding in whole["findings"]} == {METADATA}
    assert remembered(tmp_path, depth) == {"orders"}
    assert read(tmp_path, depth) == whole
    write(tmp_path, good())
    assert read(tmp_path, depth)["findings"] == []
    assert remembered(tmp_path, depth) == {"orders", "payments"}


@pytest.mark.parametrize(
    ("path", "depths"),
    [
        (METADATA, {Depth.METADATA, Depth.ALL}),
        (OVERLAY, {Depth.ALL}),
        (RELEASE, {Depth.ALL}),
        ("apps/payments/base/new.yaml", {Depth.ALL}),
        ("teams.yaml", set()),
        ("apps/orders/metadata.yaml", set()),
    ],
)
def test_what_an_api_is_read_from_makes_it_unknown(tmp_path, depth, path, depths):
    """Its metadata.yaml alone, where nothing else is read."""
    write(tmp_path, good() | second_api() | {RELEASE: RECORD})
    read(tmp_path, depth)
    assert "payments" in remembered(tmp_path, depth)
    write(tmp_path, {path: (tmp_path / path).read_bytes() + b"# more\n" if (tmp_path / path).exists() else b"# new\n"})
    assert ("payments" in remembered(tmp_path, depth)) is (depth not in depths)
    assert read(tmp_path, depth) == expected(tmp_path, depth)


def test_who_edits_while_others_read_is_not_remembered_for_what_was_there_before(tmp_path, depth):
    before, after = good(), edited(METADATA, "capability: L0", "capability: L1")
    write(tmp_path, before)
    looked_at = FolderTree(tmp_path)
    for path in looked_at.paths():
        looked_at.read(path)
    write(tmp_path, after)
    declarations.read(looked_at, tmp_path, depth, TODAY, 1, cached=True)
    write(tmp_path, before)
    assert read(tmp_path, depth) == expected(tmp_path, depth)


@pytest.mark.parametrize("damage", [b"", b"rubbish" * 1000, None], ids=["empty", "rubbish", "cut"])
def test_a_damaged_cache_costs_time_only(tmp_path, depth, damage):
    write(tmp_path, good() | second_api())
    whole = read(tmp_path, depth)
    file = tmp_path / FOLDER / FILE
    file.write_bytes(file.read_bytes()[:5000] if damage is None else damage)
    assert [read(tmp_path, depth) for _ in range(3)] == [whole] * 3


def test_a_name_of_any_bytes_is_read_each_time(tmp_path, depth):
    odd = os.fsdecode(b"\xff")
    write(tmp_path, good() | {f"apps/{odd}/metadata.yaml": good()[METADATA]})
    whole = expected(tmp_path, depth)
    assert list(whole["names"]) == ["payments", odd]
    assert [read(tmp_path, depth) for _ in range(2)] == [whole] * 2
    assert remembered(tmp_path, depth) == {"payments"}


def test_what_is_not_shown_is_left_out(tmp_path):
    """A fleet's objects would not be small."""
    files = edited("apps/payments/base/deployment.yaml", "          ports:", "          command: [a]\n          ports:")
    api = repo_of(files).apis["payments"]
    short = overview.abridged(api)
    assert overview.overview(short) == overview.overview(api)
    assert short.base is not None
    assert [item.kind for item in short.base.objects] == ["Deployment"]
    assert "command" not in repr(short)
    assert overview.abridged(short) == short


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

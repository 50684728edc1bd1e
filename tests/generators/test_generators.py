"""All generated files together: what they depend on, what keeps a tree from holding them, what mends it."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from onboarding_tool import generators, load
from onboarding_tool.generators import State
from onboarding_tool.model import Phase, Repo
from onboarding_tool.tree import EXECUTABLE, SYMLINK, File, Tree, changed, tree_of
from tests.conftest import ROOT
from tests.support import fleets
from tests.support.examples import NAMES, example, example_repo
from tests.support.manifests import documents
from tests.support.repos import good, repo_of

PATH = "generated/prod/applications/customer-a/payments.yaml"
WANTED = generators.generate(repo_of(good()))
DIGEST = """
import hashlib
from onboarding_tool import generators
from tests.support.examples import example_repo
files = generators.generate(example_repo("three-tenants"))
print(hashlib.sha256(repr(list(files.items())).encode()).hexdigest())
"""


def tree_with(changes: Mapping[str, bytes | None]) -> Tree:
    return changed(tree_of(WANTED), changes)


def test_every_file_begins_with_its_header():
    for name in NAMES:
        for data in generators.generate(example_repo(name)).values():
            first, rest = data.decode().split("\n", 1)
            assert first.startswith("# Generated from ")
            assert first.endswith("`onboard generate` rewrites this file.")
            assert not rest or rest.endswith("\n")


def test_one_environment_is_its_part_of_the_whole():
    whole = generators.generate(example_repo("three-tenants"))
    parts = [generators.generate(example_repo("three-tenants"), name) for name in ("preview", "staging", "prod")]
    assert {path: data for part in parts for path, data in part.items()} == {
        path: data for path, data in whole.items() if path != ".github/CODEOWNERS"
    }
    assert sum(map(len, parts)) == len(whole) - 1


def test_nothing_but_declarations_matters():
    files = example("three-tenants")
    declarations = ("platform.yaml", "teams.yaml", "metadata.yaml")
    bare = tree_of({path: data for path, data in files.items() if path.endswith(declarations)})
    assert len(list(bare.paths())) < len(files)
    repo, findings = load.load(bare, depth=load.Depth.METADATA)
    assert findings == []
    assert generators.generate(repo) == generators.generate(example_repo("three-tenants"))


@pytest.mark.parametrize(
    ("seed", "zone", "locale"),
    [("0", "UTC", "C"), ("1", "Pacific/Kiritimati", "tr_TR.UTF-8"), ("4294967295", "America/Lima", "de_DE")],
)
def test_neither_hash_seed_nor_time_zone_nor_locale_matters(seed, zone, locale):
    here = subprocess.run([sys.executable, "-c", DIGEST], cwd=ROOT, capture_output=True, text=True, check=True)
    settings = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale}
    there = subprocess.run(
        [sys.executable, "-c", DIGEST],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(there.stdout.strip()) == 64
    assert there.stdout == here.stdout


def test_a_tree_that_holds_it_all_is_left_alone():
    assert generators.staleness(tree_of(WANTED), WANTED) == []
    assert generators.changes(tree_of(WANTED), WANTED) == {}


@pytest.mark.parametrize(
    ("state", "path", "data"),
    [
        (State.STALE, PATH, b"edited by hand\n"),
        (State.STALE, ".github/CODEOWNERS", b"* @mallory\n"),
        (State.MISSING, PATH, None),
        (State.MISSING, "generated/prod/namespaces/customer-a/.gitkeep", None),
        (State.FOREIGN, "generated/prod/applications/customer-a/other.yaml", b"{}"),
        (State.FOREIGN, "generated/gone/root.yaml", b"{}"),
        (State.FOREIGN, "generated/root/gone.yaml", b"{}"),
        (State.FOREIGN, "generated/notes.txt", b"hello"),
    ],
)
def test_what_differs_is_named_and_mended(state, path, data):
    tree = tree_with({path: data})
    assert generators.staleness(tree, WANTED) == [(state, path)]
    assert generators.changes(tree, WANTED) == {path: WANTED.get(path)}


@pytest.mark.parametrize("path", ["README.md", "generated.txt", "generatedx/a", ".github/workflows/check.yml"])
def test_files_beside_generated_are_nobodys_business(path):
    assert generators.staleness(tree_with({path: b"x"}), WANTED) == []


def test_a_link_is_stale_and_an_executable_bit_is_not():
    files = {path: File(data) for path, data in WANTED.items()}
    link, executable = File(WANTED[PATH], SYMLINK), File(WANTED[PATH], EXECUTABLE)
    assert generators.staleness(Tree(files | {PATH: link}), WANTED) == [(State.STALE, PATH)]
    assert generators.staleness(Tree(files | {PATH: executable}), WANTED) == []


def test_a_file_where_a_folder_belongs_is_foreign():
    tree = tree_of({"generated": b"not a folder"})
    assert (State.FOREIGN, "generated") in generators.staleness(tree, WANTED)
    assert generators.changes(tree, WANTED)["generated"] is None


def test_one_environment_judges_nothing_of_another():
    part = generators.generate(repo_of(good()), "prod")
    elsewhere = {
        PATH.replace("prod", "staging"): b"edited",
        "generated/root/staging.yaml": None,
        "generated/gone/a.yaml": b"{}",
        ".github/CODEOWNERS": None,
    }
    here = {"generated/root/prod.yaml": None, "generated/prod/a.yaml": b"{}"}
    tree = tree_with(elsewhere | here)
    assert generators.changes(tree, part, "prod") == {path: part.get(path) for path in here}


def reordered(repo: Repo, draw: st.DrawFn) -> Repo:
    """The same repo from files and mappings that were read in another order."""

    def shuffled(found: Mapping[str, object]) -> dict[str, object]:
        return dict(draw(st.permutations(list(found.items()))))

    apis = {
        name: replace(
            api,
            environments=shuffled(api.environments),
            routes=tuple(replace(route, phase=shuffled(route.phase)) for route in api.routes),
        )
        for name, api in repo.apis.items()
    }
    platform = replace(
        repo.platform, environments=shuffled(repo.platform.environments), quota=shuffled(repo.platform.quota)
    )
    return replace(repo, platform=platform, teams=shuffled(repo.teams), apis=shuffled(apis))


@given(data=st.data(), repo=fleets.repos)
def test_order_never_matters(data, repo):
    files = generators.generate(repo)
    again = generators.generate(reordered(repo, data.draw))
    assert list(again.items()) == list(files.items())


@given(repo=fleets.repos, data=st.data())
@settings(max_examples=50)
def test_every_reader_reads_the_same(repo, data):
    files = generators.generate(repo)
    manifests = [path for path in files if path.endswith(".yaml")]
    assume(manifests)
    for path in data.draw(st.lists(st.sampled_from(manifests), min_size=1, max_size=4, unique=True)):
        assert documents(files[path])


@given(repo=fleets.repos)
def test_every_folder_that_an_application_reads_exists(repo):
    files = generators.generate(repo)
    folders = {path.rpartition("/")[0] for path in files}
    sources = {found for data in files.values() for found in re.findall(rb"^    path: (.+)$", data, re.MULTILINE)}
    assert {source.decode() for source in sources} <= folders
    assert len(sources) >= len(repo.platform.environments)


@given(before=fleets.repos, after=fleets.repos, data=st.data())
def test_changes_lead_from_any_fleet_to_any_other(before, after, data):
    names = sorted(after.platform.environments)
    environment = data.draw(st.sampled_from([None, *names]))
    wanted = generators.generate(after, environment)
    tree = tree_of(generators.generate(before))
    mended = changed(tree, generators.changes(tree, wanted, environment))
    assert generators.staleness(mended, wanted, environment) == []
    assert all(mended.read(path) == data for path, data in wanted.items())
    if environment is None:
        assert [path for path in mended.paths() if path not in wanted] == []


@given(repo=fleets.repos.filter(lambda repo: len(repo.apis) > 1), phase=st.sampled_from(Phase), data=st.data())
def test_an_api_changes_nothing_of_another_when_its_routes_do(repo, phase, data):
    name = data.draw(st.sampled_from(sorted(repo.apis)))
    api = repo.apis[name]
    moved = tuple(replace(route, phase=dict.fromkeys(repo.platform.environments, phase)) for route in api.routes)
    before = generators.generate(repo)
    after = generators.generate(replace(repo, apis={**repo.apis, name: replace(api, routes=moved)}))
    touched = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    assert {path for path in touched if f"/apps/{name}/" not in path} == set()

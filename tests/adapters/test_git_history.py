import os
from dataclasses import replace

import pytest

from onboarding_tool.adapters.git_repo import GitRepo
from onboarding_tool.errors import WorldError
from tests.support.git import commit, git, merge, repository
from tests.support.repos import REQUEST, REQUEST_PATH, good

RECORD = "apps/payments/releases/prod/000001-0123456789abcdef.yaml"


@pytest.fixture(params=["", "deploy/[config]"])
def root(request, tmp_path):
    return repository(tmp_path / "repo", at=request.param)


def history(root):
    return GitRepo.open(root).history()


def test_a_direct_commit_is_the_arrival(root):
    brought = commit(root, {REQUEST_PATH: REQUEST, "apps/payments/requests/prod/b.yaml": "x"})
    commit(root, {"apps/x": "later"})
    arrival = history(root).arrival(REQUEST_PATH)
    assert arrival.commit == brought
    assert arrival.changes == (("A", REQUEST_PATH), ("A", "apps/payments/requests/prod/b.yaml"))
    assert arrival.person.name == "Kim Example"
    assert arrival.person.commit == brought


def test_of_a_merge_the_whole_is_the_arrival(root):
    merged = merge(root, {REQUEST_PATH: REQUEST, "teams.yaml": "changed too"})
    arrival = history(root).arrival(REQUEST_PATH)
    assert arrival.commit == merged
    assert arrival.changes == (("A", REQUEST_PATH), ("M", "teams.yaml"))


def test_a_merge_of_an_old_branch_brings_only_its_own(root):
    git(root, "branch", "topic")
    commit(root, {"apps/x": "on main meanwhile"})
    git(root, "switch", "-q", "topic")
    commit(root, {REQUEST_PATH: REQUEST})
    git(root, "switch", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "Merge", "topic")
    assert history(root).arrival(REQUEST_PATH).changes == (("A", REQUEST_PATH),)


def test_the_committer_of_the_merge_is_the_person(root, monkeypatch):
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Alice")
    commit(root, {REQUEST_PATH: REQUEST})
    assert history(root).arrival(REQUEST_PATH).person.name == "Kim Example"


@pytest.mark.parametrize(
    ("name", "read"), [("Zoë Ångström", "Zoë Ångström"), ("  x  y ", "x  y"), (".", "kim@acme.example")]
)
def test_names_are_read_as_they_are(root, monkeypatch, name, read):
    commit(root, {REQUEST_PATH: REQUEST})
    raw = git(root, "cat-file", "commit", "HEAD").replace(
        "committer Kim Example", f"committer {name}".removesuffix(".")
    )
    forged = git(root, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=(raw + "\n").encode())
    git(root, "update-ref", "HEAD", forged)
    assert history(root).arrival(REQUEST_PATH).person.name == read


def test_the_first_commit_can_be_the_arrival(root):
    arrival = history(root).arrival("platform.yaml")
    assert {status for status, _ in arrival.changes} == {"A"}
    assert sorted(path for _, path in arrival.changes) == sorted(good())
    assert arrival.position == 1


def test_a_changed_file_arrived_with_the_change(root):
    commit(root, {REQUEST_PATH: REQUEST})
    changed = commit(root, {REQUEST_PATH: REQUEST + "# more\n"})
    arrival = history(root).arrival(REQUEST_PATH)
    assert arrival.commit == changed
    assert arrival.changes == (("M", REQUEST_PATH),)


def test_a_renamed_file_is_added_and_deleted(root):
    commit(root, {"apps/payments/requests/staging/a.yaml": REQUEST})
    commit(root, {"apps/payments/requests/staging/a.yaml": None, REQUEST_PATH: REQUEST})
    assert history(root).arrival(REQUEST_PATH).changes == (
        ("A", REQUEST_PATH),
        ("D", "apps/payments/requests/staging/a.yaml"),
    )


def test_a_file_that_came_back_arrived_the_last_time(root):
    commit(root, {REQUEST_PATH: REQUEST})
    commit(root, {REQUEST_PATH: None})
    again = commit(root, {REQUEST_PATH: REQUEST})
    assert history(root).arrival(REQUEST_PATH).commit == again


def test_what_no_commit_holds_has_not_arrived(root):
    assert history(root).arrival("apps/payments/requests/prod/none.yaml") is None


def test_paths_beside_the_config_repo_are_seen(tmp_path):
    root = repository(tmp_path / "repo", at="deploy/config")
    commit(root, {REQUEST_PATH: REQUEST, "../../src/main.py": "x", "../other.yaml": "y"})
    changes = history(root).arrival(REQUEST_PATH).changes
    assert changes == (("A", REQUEST_PATH), ("A", "../other.yaml"), ("A", "../../src/main.py"))


def test_positions_are_in_the_order_of_arrival(root, monkeypatch):
    paths = [f"apps/payments/requests/prod/{name}.yaml" for name in "zyxw"]
    for number, path in enumerate(paths):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{2_000_000_000 - number} +0000")  # clocks may go backwards
        (commit if number % 2 else merge)(root, {path: REQUEST, "apps/x" if number % 2 else "apps/y": str(number)})
    told = history(root)
    told.look_up(paths)
    positions = [told.arrival(path).position for path in paths]
    assert positions == sorted(set(positions)) == [2, 3, 4, 5]
    assert [history(root).arrival(path) for path in paths] == [told.arrival(path) for path in paths]


def test_history_follows_a_commit(root):
    commit(root, {REQUEST_PATH: REQUEST})
    repo = GitRepo.open(root)
    told = repo.history()
    other = "apps/payments/requests/prod/b.yaml"
    assert (told.arrival(REQUEST_PATH).position, told.arrival(other)) == (2, None)
    told.follow(repo.commit({other: b"x", REQUEST_PATH: None}, "m"), [other, REQUEST_PATH])
    assert told.arrival(other).position == 3
    assert set(told.arrival(REQUEST_PATH).changes) == {("A", other), ("D", REQUEST_PATH)}


def test_a_deleted_record_is_found(root):
    commit(root, {RECORD: "x", "apps/orders/releases/prod/000001-fedcba9876543210.yaml": "y"})
    assert not history(root).was_deleted("*")
    merge(root, {RECORD: None})
    assert history(root).was_deleted("apps/payments/releases/prod/*-0123456789abcdef.yaml")
    assert history(root).was_deleted(RECORD)
    assert not history(root).was_deleted("apps/orders/releases/*")
    commit(root, {RECORD: "x"})
    assert history(root).was_deleted(RECORD)


def test_a_deletion_that_only_the_other_side_of_a_merge_saw_is_none(root):
    git(root, "branch", "topic")
    commit(root, {RECORD: "x"})
    git(root, "switch", "-q", "topic")
    commit(root, {"apps/x": "1"})
    git(root, "switch", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "-m", "Merge", "topic")
    assert not history(root).was_deleted("*")


def test_settings_of_log_change_nothing(root):
    commit(root, {RECORD: "x", REQUEST_PATH: REQUEST})
    commit(root, {RECORD: None, "apps/payments/releases/prod/000002-0123456789abcdef.yaml": "x"})
    for name, value in (
        ("log.showSignature", "true"),
        ("log.showRoot", "false"),
        ("log.follow", "true"),
        ("log.date", "relative"),
        ("format.pretty", "%B"),
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("core.quotePath", "true"),
        ("color.ui", "always"),
        ("notes.displayRef", "*"),
    ):
        git(root, "config", name, value)
    assert history(root).was_deleted(RECORD)
    assert history(root).arrival("platform.yaml").position == 1


def test_a_shallow_clone_says_that_it_cannot_tell(tmp_path):
    root = repository(tmp_path / "repo")
    commit(root, {REQUEST_PATH: REQUEST})
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{root}", "shallow")
    with pytest.raises(WorldError) as raised:
        history(tmp_path / "shallow")
    assert "git fetch --unshallow" in raised.value.hint
    git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    assert history(tmp_path / "shallow").arrival(REQUEST_PATH).changes == (("A", REQUEST_PATH),)


def test_an_unborn_branch_has_no_history(tmp_path):
    told = GitRepo.init(tmp_path).history()
    assert told.arrival("x") is None
    assert not told.was_deleted("*")


def test_many_are_looked_up_in_one_walk(tmp_path):
    root = repository(tmp_path / "repo")
    paths = [f"apps/payments/requests/prod/r{number}.yaml" for number in range(30)]
    for path in paths:
        commit(root, {path: REQUEST})
    log = tmp_path / "trace"
    os.environ["GIT_TRACE2_EVENT"] = str(log)
    try:
        repo = GitRepo.open(root)
        repo.history().look_up(paths)
    finally:
        del os.environ["GIT_TRACE2_EVENT"]
    walks = log.read_text().count('"rev-list","--first-parent",')
    assert walks == 2  # one finds the changes, one counts them


OUTCOME = RECORD.replace(".yaml", ".outcome.yaml")


def test_records_are_known_as_they_were_first_committed(root):
    first = commit(root, {RECORD: "a", "apps/payments/releases/prod/notes.txt": "x"})
    second = merge(root, {OUTCOME: "b"})
    known = history(root).records()
    assert {path: (one.commit, one.last_commit) for path, one in known.items()} == {
        RECORD: (first, first),
        OUTCOME: (second, second),
    }
    assert known[RECORD].blob == known[RECORD].last == git(root, "hash-object", "--stdin", stdin=b"a")
    last = merge(root, {RECORD: "c", OUTCOME: None})
    told = history(root)
    blobs = {RECORD: git(root, "hash-object", "--stdin", stdin=b"c"), OUTCOME: ""}
    again = {path: replace(one, last=blobs[path], last_commit=last) for path, one in known.items()}
    assert told.records() == told.records("apps/payments/releases/prod") == again
    assert told.records("apps/payments/releases/staging") == told.records("apps/payments/releases") == {}
    assert told.first_bytes(RECORD) == b"a"
    with pytest.raises(KeyError):
        told.first_bytes("apps/payments/releases/prod/notes.txt")


def test_records_of_the_first_commit_are_known(tmp_path):
    root = repository(tmp_path / "repo", {RECORD: "a"})
    git(root, "config", "log.showRoot", "false")
    assert list(history(root).records()) == [RECORD]


def test_records_are_learnt_in_one_walk(root, tmp_path, monkeypatch):
    commit(root, {RECORD: "a"})
    told = history(root)
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(tmp_path / "trace"))
    assert not told.was_deleted("*")
    told.records()
    told.records("apps/payments/releases/prod")
    assert (tmp_path / "trace").read_text().count('"log","--first-parent"') == 1


def test_the_prefix_is_where_the_config_repo_lies(tmp_path):
    assert history(repository(tmp_path / "a")).prefix == ""
    assert history(repository(tmp_path / "b", at="deploy/[config]")).prefix == "deploy/[config]/"


def test_a_merge_is_told_apart(root):
    commit(root, {RECORD: "x"})
    merge(root, {OUTCOME: "x"})
    told = history(root)
    assert [told.arrival(path).is_merge for path in ("platform.yaml", RECORD, OUTCOME)] == [False, False, True]

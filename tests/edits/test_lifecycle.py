import pytest

from onboarding_tool import load
from onboarding_tool.edits.lifecycle import remove, retire
from onboarding_tool.errors import UsageError
from onboarding_tool.model import Lifecycle
from onboarding_tool.tree import Changes, changed
from tests.support.broken import RECORD
from tests.support.repos import METADATA, REQUEST, REQUEST_PATH, edited, good, repo_of, second_api

PATH = "apps/payments/metadata.yaml"
RECORD_PATH = "apps/payments/releases/prod/000001-0123456789abcdef.yaml"


def files(lifecycle: str = "active") -> dict[str, str]:
    whole = (
        good() | second_api() | {REQUEST_PATH: REQUEST, RECORD_PATH: RECORD, "apps/payments/IMPORT.md": "# Import\n"}
    )
    return edited(PATH, "lifecycle: active", f"lifecycle: {lifecycle}", whole)


def changes(edit, lifecycle: str) -> Changes:
    repo = repo_of(files(lifecycle))
    return edit(repo, repo.apis["payments"])


def test_retiring_changes_one_word():
    assert changes(retire, "active") == {PATH: METADATA.replace("lifecycle: active", "lifecycle: retiring").encode()}


def test_retiring_adds_the_line_where_there_is_none():
    repo = repo_of(edited(PATH, "lifecycle: active\n", ""))
    expected = METADATA.replace("lifecycle: active", "lifecycle: retiring")
    assert retire(repo, repo.apis["payments"]) == {PATH: expected.encode()}


def test_removing_deletes_what_runs_and_keeps_the_record():
    found = changes(remove, "retiring")
    repo = repo_of(files("retiring"))
    after, findings = load.load(changed(repo.tree, found))
    assert findings == []
    assert list(after.tree.paths("apps/payments")) == ["apps/payments/IMPORT.md", PATH, RECORD_PATH]
    assert list(after.tree.paths("apps/orders")) == list(repo.tree.paths("apps/orders"))
    assert after.apis["payments"].lifecycle is Lifecycle.REMOVED
    assert after.tree.read(PATH).decode() == METADATA.replace("lifecycle: active", "lifecycle: removed")
    assert all(data is None or path == PATH for path, data in found.items())


def test_an_api_that_is_still_active_is_not_removed():
    with pytest.raises(UsageError) as raised:
        changes(remove, "active")
    assert "payments is active, not retiring" in raised.value.message
    assert "`onboard api retire payments`" in raised.value.hint


def test_an_api_that_was_removed_is_not_retired():
    with pytest.raises(UsageError) as raised:
        changes(retire, "removed")
    assert "payments was removed already" in raised.value.message


def test_retiring_twice_is_retiring_once():
    assert changes(retire, "retiring") == {}


def test_removing_twice_is_removing_once():
    repo = repo_of(files("retiring"))
    after, _ = load.load(changed(repo.tree, remove(repo, repo.apis["payments"])))
    assert remove(after, after.apis["payments"]) == {}


def test_what_a_killed_removal_has_left_is_removed_by_the_next():
    repo = repo_of(files("retiring"))
    whole = remove(repo, repo.apis["payments"])
    left, _ = load.load(changed(repo.tree, {PATH: whole[PATH]}))
    assert remove(left, left.apis["payments"]) == {path: None for path in whole if path != PATH}

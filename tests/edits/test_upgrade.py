import pytest

from onboarding_tool import load, resources
from onboarding_tool.edits import upgrade as edit
from onboarding_tool.errors import Exit, UsageError
from onboarding_tool.tree import Changes, changed, tree_of
from tests.support.repos import edited, good

NEW = "0.1.0"
SCHEMA = {
    "properties": {
        "old": {"default": 1},
        "new": {"default": [1], "x-since": "0.3.0"},
        "nothing": {"default": None, "x-since": "0.3.0"},
        "block": {
            "default": {"deep": 2},
            "properties": {"deep": {"default": 2, "x-since": "0.10.0"}, "shallow": {"default": 3}},
        },
        "map": {"additionalProperties": {"$ref": "#/$defs/item"}},
        "list": {"items": {"$ref": "#/$defs/item"}},
    },
    "$defs": {"item": {"properties": {"mode": {"default": "auto", "x-since": "0.3.0"}}}},
}


def pinned(version: str) -> dict[str, str]:
    return edited("platform.yaml", 'version: "0.1.0"', f'version: "{version}"')


def after(files: dict[str, str]) -> Changes:
    """Upgraded, and read again without a finding."""
    changes = edit.upgrade(tree_of(files), NEW)
    assert load.load(changed(tree_of(files), changes))[1] == []
    return changes


def said(changes: Changes, path: str) -> str:
    data = changes[path]
    assert data is not None
    return data.decode()


@pytest.mark.parametrize("version", ["9.9.9", "0.1.1", "0.10.0", "0.2.0-rc.1"])
def test_a_repo_made_with_a_newer_version_is_never_moved_back(version):
    with pytest.raises(UsageError) as caught:
        edit.upgrade(tree_of(pinned(version)), NEW)
    assert caught.value.exit is Exit.USAGE
    assert f"pins version {version}" in caught.value.message
    assert f"Install version {version}" in caught.value.hint


def test_a_repo_of_this_version_gets_the_schemas_and_the_workflows_and_nothing_else():
    changes = after(good())
    schemas = {f".onboard/schemas/{name}.json" for name in resources.schema_names()}
    workflows = {path for path in resources.template_files() if path.startswith(".github/")}
    assert ".github/workflows/validate.yml" in workflows
    assert set(changes) == schemas | workflows
    assert edit.upgrade(changed(tree_of(good()), changes), NEW) == {}


def test_a_workflow_is_written_anew_unless_somebody_keeps_it_as_their_own():
    path = ".github/workflows/validate.yml"
    current = resources.template_files()[path].decode()
    older = current.replace("timeout-minutes: 20", "timeout-minutes: 5")
    assert older != current
    assert said(after(good() | {path: older}), path) == current
    own = older.partition("\n")[2]
    assert path not in after(good() | {path: own})


@pytest.mark.parametrize("left", ["", "tool:\n", "tool: {}\n"])
def test_a_pin_that_is_missing_is_added(left):
    text = said(after(edited("platform.yaml", 'tool: {version: "0.1.0"}\n', left)), "platform.yaml")
    assert text.count("tool:") == 1
    assert 'version: "0.1.0"' in text or "version: 0.1.0" in text


def test_what_a_splice_cannot_edit_is_refused_with_its_place():
    files = edited("platform.yaml", 'tool: {version: "0.1.0"}', "tool: one")
    with pytest.raises(UsageError, match=r"^platform.yaml:4:7: .*nothing was written"):
        edit.upgrade(tree_of(files), NEW)


def test_from_a_version_before_the_first_every_default_is_new_at_every_depth():
    files = pinned("0.0.9")
    files["platform.yaml"] += "argocd: {namespace: argo}\n"
    files["teams.yaml"] = files["teams.yaml"].replace("    github: acme/payments\n", "")
    files["apps/payments/metadata.yaml"] = files["apps/payments/metadata.yaml"].replace("delivery: argocd\n", "")
    changes = after(files)
    platform, metadata = said(changes, "platform.yaml"), said(changes, "apps/payments/metadata.yaml")
    assert 'argocd: {namespace: argo, version: "3.5", refresh: false}' in platform
    assert platform.count("    release_timeout: 30m\n") == 2
    assert platform.count("    sync: auto\n") == 2
    assert "images: {require: tag, forbidden_tags: [latest, main, master, dev]}" in platform
    assert "bot" not in platform
    assert "delivery: argocd\n" in metadata
    assert "    strip_prefix: true\n" in metadata
    assert "teams.yaml" not in changes
    assert edit.upgrade(changed(tree_of(files), changes), NEW) == {}


def test_a_field_is_new_only_after_the_version_that_brought_it():
    value = {"block": {}, "map": {"a": {}, "b": {"mode": "x"}}, "list": [{}]}
    assert list(edit.new_fields(SCHEMA, value, "0.2.0")) == [
        ((), "new", [1]),
        (("block",), "deep", 2),
        (("map", "a"), "mode", "auto"),
        (("list", 0), "mode", "auto"),
    ]
    assert list(edit.new_fields(SCHEMA, value, "0.9.0")) == [(("block",), "deep", 2)]
    assert list(edit.new_fields(SCHEMA, value, "0.10.0")) == []


def test_comments_order_and_other_files_stay():
    files = pinned("0.0.9")
    files["platform.yaml"] = files["platform.yaml"].replace("clusters:\n", "# where\nclusters: # all\n")
    before = files["platform.yaml"].splitlines()
    lines = said(after(files), "platform.yaml").splitlines()
    kept = [line for line in lines if line in before]
    assert [line for line in before if line not in kept] == ['tool: {version: "0.0.9"}']
    assert kept == [line for line in before if line in kept]

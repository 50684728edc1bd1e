import pytest

from onboarding_tool.checks import file_unexpected as rule
from onboarding_tool.findings import Who
from tests.support.repos import REQUEST_PATH, edited, findings, good, places

API = "apps/payments"
METADATA = f"{API}/metadata.yaml"
MIB = 1024 * 1024


@pytest.mark.parametrize(
    "path",
    [
        "IMPORT.md",
        "README.md",
        "base/rbac/service-account.yaml",
        "overlays/prod/patches/memory.yaml",
        "overlays/prod/config/settings/.env",
        "overlays/prod/config/settings/kustomization.yml",
        "requests/prod/2026-11-20-v2-0-0-3f9c.yaml",
        f"requests/prod/{'a' * 80}.yaml",
        "requests/.gitkeep",
        "requests/prod/.gitkeep",
        "releases/prod/000001-0123456789abcdef.yaml",
        "releases/prod/000001-0123456789abcdef.outcome.yaml",
    ],
)
def test_layout_of_an_api_passes(path):
    assert findings(rule, good() | {f"{API}/{path}": "", "apps/.gitkeep": "", "docs/.hidden": ""}) == []


@pytest.mark.parametrize(
    ("path", "said", "hint"),
    [
        ("metadata.yml", "'metadata.yml'", "'metadata.yaml'"),
        ("notes.txt", "'notes.txt'", "README.md, base/, overlays/"),
        ("2026-11-20-v2-0-0-3f9c.yaml", "2026-11-20-v2-0-0-3f9c.yaml", "requests/"),
        ("base", "'base'", "base/"),
        ("overlay/prod/kustomization.yaml", "'overlay'", "'overlays'"),
        ("secrets/.gitkeep", "'secrets'", "releases/"),
        ("overlays/kustomization.yaml", "one folder for each environment", "overlays/ENVIRONMENT/"),
        ("requests/a.yaml", "one folder for each environment", "requests/ENVIRONMENT/"),
        ("releases/prod/1.yaml", "SEQ-ID.yaml", "Delete it"),
        ("releases/prod/000001-0123456789abcdef.yaml.bak", "SEQ-ID.yaml", "Delete it"),
        ("releases/prod/old/000001-0123456789abcdef.yaml", "SEQ-ID.yaml", "Delete it"),
        (".gitattributes", ".gitattributes", "git rm"),
        ("overlays/prod/.argocd-source.yaml", "Argo CD", "git rm"),
        ("overlays/prod/.argocd-source-payments-prod.yaml", "Argo CD", "git rm"),
        ("overlays/prod/config/settings/.gitattributes", "changes", "git rm"),
        ("overlays/prod/config/settings/.gitignore", "commit", "git rm"),
        ("base/.gitmodules", "submodules", "git rm"),
        ("base/.hidden", "dot", ".gitkeep"),
        ("base/.hidden/deployment.yaml", ".hidden begins with a dot", ".gitkeep"),
        ("overlays/prod/config/.settings/a", "dot", ".gitkeep"),
        ("base/kustomization.yml", "kustomize refuses", "kustomization.yaml"),
        ("overlays/prod/Kustomization", "kustomize refuses", "kustomization.yaml"),
    ],
)
def test_other_files_are_found(path, said, hint):
    found = findings(rule, good() | {f"{API}/{path}": ""})
    assert places(found) == [(f"{API}/{path}", 1, 1)]
    assert found[0].rule == "file-unexpected"
    assert path in found[0].message
    assert said in found[0].message
    assert hint in found[0].hint
    assert found[0].who is (Who.APP_TEAM if path.startswith("requests/") else Who.PLATFORM)


@pytest.mark.parametrize(
    "name", ["Release.yaml", "a_b.yaml", "a.yml", "a", "a.b.yaml", ".yaml", f"{'a' * 81}.yaml", "old/a.yaml"]
)
def test_request_of_another_name_is_found_and_its_teams_to_mend(name):
    path = f"{API}/requests/prod/{name}"
    found = findings(rule, good() | {path: ""})
    assert places(found) == [(path, 1, 1)]
    assert name in found[0].message
    assert found[0].hint
    assert found[0].who is Who.APP_TEAM


@pytest.mark.parametrize("path", ["apps/README.md", "apps/.argocd-source.yaml", "apps/orders.yaml"])
def test_file_in_no_apis_directory_is_found(path):
    found = findings(rule, good() | {path: ""})
    assert places(found) == [(path, 1, 1)]
    assert path in found[0].message
    assert "directory" in found[0].hint


def removed(*inner):
    metadata = edited(METADATA, "lifecycle: active", "lifecycle: removed")[METADATA]
    kept = {path: text for path, text in good().items() if not path.startswith("apps/")}
    return kept | {METADATA: metadata} | {f"{API}/{path}": "" for path in inner}


def test_record_of_a_removed_api_passes():
    assert findings(rule, removed("README.md", "releases/prod/000001-0123456789abcdef.yaml")) == []


@pytest.mark.parametrize("folder", ["base", "overlays", "requests"])
def test_folder_of_a_removed_api_is_found_once(folder):
    found = findings(rule, removed(f"{folder}/prod/a.yaml", f"{folder}/prod/b.yaml"))
    assert places(found) == [(f"{API}/{folder}/prod/a.yaml", 1, 1)]
    assert f"{API}/{folder}/" in found[0].message
    assert f"git rm -r {API}/{folder}" in found[0].hint


def test_retiring_api_keeps_everything():
    assert findings(rule, edited(METADATA, "lifecycle: active", "lifecycle: retiring")) == []


def test_large_file_is_found_once():
    path = f"{API}/overlays/prod/config/settings/words"
    assert findings(rule, good() | {path: "x" * (MIB - 10_000)}) == []
    found = findings(rule, good() | {path: "x" * (MIB + 1)})
    assert places(found) == [(path, 1, 1)]
    assert "1,048,577 bytes" in found[0].message
    assert "1,048,576" in found[0].message
    assert found[0].hint


def test_large_directory_is_found_but_not_for_its_records():
    half = "x" * (MIB // 2)
    records = {f"{API}/releases/prod/{number:06}-0123456789abcdef.yaml": half for number in range(3)}
    assert findings(rule, good() | records | {f"{API}/base/one": half}) == []
    found = findings(rule, good() | {f"{API}/base/one": half, f"{API}/base/two": half})
    assert places(found) == [(METADATA, 1, 1)]
    assert f"{API}/" in found[0].message
    assert "1,048,576" in found[0].message


def test_many_files_are_found_but_not_for_requests_and_records():
    many = {f"{API}/requests/prod/{number}.yaml": "" for number in range(150)}
    many |= {f"{API}/releases/prod/{number:06}-0123456789abcdef.yaml": "" for number in range(150)}
    room = 200 - sum(path.startswith(API) for path in good())
    full = good() | many | {f"{API}/base/{number}": "" for number in range(room)}
    assert findings(rule, full) == []
    found = findings(rule, full | {f"{API}/base/more": ""})
    assert places(found) == [(METADATA, 1, 1)]
    assert "201 files" in found[0].message
    assert "200" in found[0].message


def test_request_in_the_right_place_passes():
    assert findings(rule, good() | {REQUEST_PATH: ""}) == []

import pytest

from onboarding_tool.checks import kustomization_path_remote as rule
from tests.support.repos import findings, good, places

BASE = "apps/payments/base/kustomization.yaml"
PROD = "apps/payments/overlays/prod/kustomization.yaml"
COMPONENT = "components/pre-stop/kustomization.yaml"
REMOTE = [
    "https://example.com/deployment.yaml",
    "HTTP://169.254.169.254/latest/meta-data",
    "https:/example.com/a",
    "ssh://git@example.com/acme/x.git",
    "git@example.com:acme/x",
    "git@example.com/acme/x",
    "git::https://example.com/acme/x",
    "file:///etc/passwd",
    "github.com/acme/manifests",
    "GitHub.com/acme/manifests?ref=--upload-pack=x",
    "manifests?ref=v1",
    "acme//payments",
    "acme/x.git",
    "host/_git/x",
    "oci://registry/x",
    "example.com:8443/x",
]


def resource(value: str) -> str:
    return f"resources: ['{value}']\n"


@pytest.mark.parametrize("path", [BASE, PROD, COMPONENT])
@pytest.mark.parametrize("value", REMOTE)
def test_addresses_are_found_among_resources(path, value):
    found = findings(rule, good() | {path: resource(value)})
    assert places(found) == [(path, 1, 13)]
    assert found[0].rule == "kustomization-path-remote"
    assert repr(value) in found[0].message
    assert found[0].hint


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("patches: [{path: 'https://example.com/a.yaml'}]\n", 18),
        ("configMapGenerator: [{name: a, files: ['https://example.com/a']}]\n", 40),
        ("configMapGenerator: [{name: a, files: ['key=https://example.com/a']}]\n", 40),
    ],
)
def test_addresses_are_found_in_every_field_that_names_files(text, column):
    assert places(findings(rule, good() | {BASE: text})) == [(BASE, 1, column)]


@pytest.mark.parametrize(
    "value",
    ["deployment.yaml", "./deployment.yaml", "../../base", "config.d/app.conf", "icon@2x.png", ".gitkeep", "a.b"],
)
def test_local_paths_pass(value):
    assert findings(rule, good() | {PROD: resource(value)}) == []


def test_a_folder_that_looks_like_a_host_passes_if_the_file_is_there():
    text = "configMapGenerator: [{name: a, files: [config/nginx.conf, sites.app/payments]}]\n"
    files = good() | {PROD: text, "apps/payments/overlays/prod/sites.app/payments": "x"}
    assert findings(rule, files) == []

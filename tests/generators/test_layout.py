"""What lies where, and whose it is."""

import pytest

from onboarding_tool.generators import layout


@pytest.mark.parametrize(
    ("path", "environment", "belongs"),
    [
        ("generated/prod/tenants/a.yaml", "prod", True),
        ("generated/prod", "prod", True),
        ("generated/root/prod.yaml", "prod", True),
        ("generated/root/staging.yaml", "prod", False),
        ("generated/prod-eu/tenants/a.yaml", "prod", False),
        ("generated/staging/prod/a.yaml", "prod", False),
        ("generated/notes.txt", "prod", False),
        ("generated/root/prod.yaml", "root", False),
        ("generated/root/root.yaml", "root", True),
        ("generated/root/tenants/a.yaml", "root", True),
    ],
)
def test_whose_a_path_is(path, environment, belongs):
    assert layout.belongs_to(path, environment) is belongs


def test_a_header_is_one_comment_line():
    assert layout.header("a", "b") == "# Generated from a and b. Edit there: `onboard generate` rewrites this file.\n"


@pytest.mark.parametrize(
    ("path", "is_read"),
    [
        ("generated/root/prod.yaml", True),
        ("generated/prod/tenants/a.yaml", True),
        ("generated/prod/tenants/a.json", True),
        ("generated/root/tenants/a.yml", True),
        ("generated/prod/applications/a/b.yaml", True),
        ("generated/prod/namespaces/a/b.yaml", True),
        ("generated/prod/namespaces/a/.gitkeep", False),
        ("generated/prod/namespaces/a/b/c.yaml", False),
        ("generated/prod/applications/b.yaml", False),
        ("generated/prod/apps/b/kustomization.yaml", False),
        ("generated/prod/apps/b/routes.yaml", False),
        ("generated/prod.yaml", False),
        ("apps/generated/prod/tenants/a.yaml", False),
    ],
)
def test_which_files_are_read_as_they_are(path, is_read):
    assert layout.is_read_as_it_is(path) is is_read

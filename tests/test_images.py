"""References, split where kustomize splits them, and compared as the container runtimes do."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool.images import Image, alone, canonical, is_below, parent, parse, problem, same_repository

DIGEST = "sha256:" + "0123456789abcdef" * 4

SPLITS = [
    ("nginx", "nginx", None, None),
    ("nginx:1.2.3", "nginx", "1.2.3", None),
    ("nginx@sha256:12345", "nginx", None, "sha256:12345"),
    ("nginx:1.2.3@sha256:12345", "nginx", "1.2.3", "sha256:12345"),
    ("docker.io/nginx:1.2.3", "docker.io/nginx", "1.2.3", None),
    ("foo.com:443/nginx:1.2.3", "foo.com:443/nginx", "1.2.3", None),
    ("foo.com:443/nginx:1.2.3@sha256:12345", "foo.com:443/nginx", "1.2.3", "sha256:12345"),
    # a colon before the first slash is a port, and without a slash it is a tag
    ("localhost:5000/app:1", "localhost:5000/app", "1", None),
    ("localhost:5000/app", "localhost:5000/app", None, None),
    ("localhost:5000", "localhost", "5000", None),
    # a slash at the very beginning begins nothing
    ("/a:1/b:2", "/a:1/b", "2", None),
    ("/app:1", "/app", "1", None),
    # empty parts are there, and wrong
    ("", "", None, None),
    ("app:", "app", "", None),
    ("app@", "app", None, ""),
    # a colon behind the @ belongs to the digest
    ("app@sha512:abc", "app", None, "sha512:abc"),
]


@pytest.mark.parametrize(("text", "name", "tag", "digest"), SPLITS)
def test_split(text, name, tag, digest):
    assert parse(text) == Image(name, tag, digest)


@given(st.text())
def test_what_is_split_is_put_together_again(text):
    assert str(parse(text)) == text


@given(st.text(alphabet="ab:/@.", max_size=12))
def test_odd_references_too(text):
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "redis",
        "redis:7-alpine",
        "library/redis",
        "a/b/c:1",
        "europe-docker.pkg.dev/acme/payments/app:v1.9.3",
        f"ghcr.io/acme/app@{DIGEST}",
        f"ghcr.io/acme/app:v1@{DIGEST}",
        "localhost:5000/app:1",
        "Registry.Example:443/app",
        "a__b/c--d",
        "app:_x",
        f"app:{'x' * 128}",
    ],
)
def test_what_can_be_pulled_has_no_problem(text):
    assert problem(parse(text)) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "'' is not a repository name"),
        ("Redis", "'Redis' is not a repository name"),
        ("acme/App:1", "'acme/App' is not a repository name"),
        (" redis:1", "' redis' is not a repository name"),
        ("redis :1", "'redis ' is not a repository name"),
        ("-app", "'-app' is not a repository name"),
        ("a//b", "'a//b' is not a repository name"),
        ("/app:1", "'/app' is not a repository name"),
        ("app/:1", "'app/' is not a repository name"),
        ("https://ghcr.io/app:1", "is not a repository name"),
        ("$(id):1", "'$(id)' is not a repository name"),
        ("app\n", "is not a repository name"),
        ("app:", "'' is not a tag"),
        ("app:-x", "'-x' is not a tag"),
        ("app:v1 x", "'v1 x' is not a tag"),
        ("app:v1\n", "'v1\\n' is not a tag"),
        ("app:é", "is not a tag"),
        (f"app:{'x' * 129}", "at most 128"),
        ("app@", "'' is not a digest"),
        ("app@sha256:12345", "'sha256:12345' is not a digest"),
        (f"app@{DIGEST.upper()}", "is not a digest"),
        (f"app@{DIGEST}\n", "is not a digest"),
        ("app@sha512:" + "a" * 128, "is not a digest"),
        ("app:latest:1", "'latest:1' is not a tag"),
    ],
)
def test_what_no_runtime_could_pull(text, words):
    assert words in (problem(parse(text)) or "")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("app", "(no tag)"),
        ("app:v1", "v1"),
        (f"app@{DIGEST}", "@sha256:0123456789ab"),
        (f"app:v1@{DIGEST}", "v1@sha256:0123456789ab"),
    ],
)
def test_version(text, version):
    assert parse(text).version == version


def test_renaming_keeps_tag_and_digest():
    assert Image("a", "1", DIGEST).renamed("b") == Image("b", "1", DIGEST)


@pytest.mark.parametrize(
    ("name", "whole"),
    [
        ("redis", "docker.io/library/redis"),
        ("library/redis", "docker.io/library/redis"),
        ("docker.io/redis", "docker.io/library/redis"),
        ("index.docker.io/redis", "docker.io/library/redis"),
        ("docker.io/library/redis", "docker.io/library/redis"),
        ("acme/app", "docker.io/acme/app"),
        ("acme/team/app", "docker.io/acme/team/app"),
        ("localhost/app", "localhost/app"),
        ("registry:5000/app", "registry:5000/app"),
        ("ghcr.io/app", "ghcr.io/app"),
        ("mirror.docker.io/redis", "mirror.docker.io/redis"),
    ],
)
def test_canonical(name, whole):
    assert canonical(name) == whole
    assert canonical(whole) == whole


def test_repositories_are_the_same_however_docker_hubs_are_written():
    assert same_repository("redis", "index.docker.io/library/redis")
    assert not same_repository("redis", "acme/redis")
    assert not same_repository("ghcr.io/redis", "redis")


@pytest.mark.parametrize(
    ("name", "above"),
    [("redis", "docker.io/library"), ("acme/app", "docker.io/acme"), ("ghcr.io/a/b/c", "ghcr.io/a/b")],
)
def test_the_parent_of_a_repository_allows_it(name, above):
    assert parent(name) == above
    assert is_below(name, (above,))


@pytest.mark.parametrize(
    ("name", "prefix", "expected"),
    [
        ("europe-docker.pkg.dev/acme/app", "europe-docker.pkg.dev/acme", True),
        ("europe-docker.pkg.dev/acme/team/app", "europe-docker.pkg.dev/acme", True),
        ("europe-docker.pkg.dev/acme", "europe-docker.pkg.dev/acme", True),
        ("europe-docker.pkg.dev/acme/app", "europe-docker.pkg.dev/acme/", True),
        ("europe-docker.pkg.dev/acme-evil/app", "europe-docker.pkg.dev/acme", False),
        ("europe-docker.pkg.dev/acm", "europe-docker.pkg.dev/acme", False),
        ("europe-docker.pkg.dev.evil.io/acme/app", "europe-docker.pkg.dev", False),
        ("evil.io/europe-docker.pkg.dev/acme/app", "europe-docker.pkg.dev/acme", False),
        ("europe-docker.pkg.dev/acme/app", "europe-docker.pkg.dev", True),
        ("ghcr.io/acme/app", "ghcr.io", True),
        ("ghcr.io", "ghcr.io", False),  # without a slash that is a repository on Docker Hub
        ("redis", "docker.io/library", True),
        ("redis", "docker.io", True),
        ("redis", "index.docker.io", True),
        ("redis", "index.docker.io/library", True),
        ("acme/app", "docker.io/library", False),
        ("acme/app", "docker.io/acme", True),
        ("localhost:5000/app", "localhost:5000", True),
        ("localhost:5000/app", "localhost", False),
        ("localhost:50001/app", "localhost:5000", False),
    ],
)
def test_below_a_registry_prefix_by_whole_segments(name, prefix, expected):
    assert is_below(name, (prefix,)) is expected


def test_no_prefix_allows_nothing():
    assert not is_below("redis", ())
    assert is_below("redis", ("ghcr.io", "docker.io"))


segments = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=4)


@given(st.lists(segments, min_size=2, max_size=4), st.integers(min_value=1, max_value=4))
def test_every_folder_above_allows_and_no_sibling_does(parts, cut):
    name = "ghcr.io/" + "/".join(parts)
    above = "/".join(name.split("/")[: cut + 1])
    assert is_below(name, (above,))
    assert not is_below(name, (above + "x",))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("v3.0.0", Image("", "v3.0.0")),
        ("V3", Image("", "V3")),
        ("main", Image("", "main")),
        (":v3", Image("", "v3")),
        (f"@{DIGEST}", Image("", None, DIGEST)),
        (DIGEST, Image("", None, DIGEST)),
        (f":v3@{DIGEST}", Image("", "v3", DIGEST)),
        ("redis", None),
        ("redis:7", None),
        ("acme/app2", None),
        ("2 3", None),
        (":", None),
        (":v 3", None),
        ("-v3", None),
        ("", None),
    ],
)
def test_a_version_without_its_repository(text, found):
    assert alone(text) == found

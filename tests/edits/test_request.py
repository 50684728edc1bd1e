import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding_tool import images, load, releases
from onboarding_tool.checks import (
    request_image_forbidden,
    request_not_accepted,
    request_rollback_unknown,
    request_target_mismatch,
)
from onboarding_tool.edits.request import Wanted, file_name, pull_request_commands, request
from onboarding_tool.errors import UsageError
from onboarding_tool.images import Image
from onboarding_tool.model import SCHEMAS_FOLDER, changed
from tests.support.repos import REQUEST, REQUEST_PATH, edited, good, repo_of
from tests.test_releases import APP, CIRCUMSTANCES, Told, released

DIGEST = "sha256:" + "ab" * 32
OVERLAY = "apps/payments/overlays/prod/kustomization.yaml"


def wanted(image: str = f"{APP}:v2.0.0", files: dict[str, str] | None = None, **words: str | None) -> Wanted:
    repo = repo_of(files or good())
    fixed = {"today": "2026-11-20", "token": "3f9c"}
    return request(repo, repo.apis["payments"], "prod", images.parse(image), **fixed, **words)


def refused(image: str = f"{APP}:v2.0.0", files: dict[str, str] | None = None, **words: str | None) -> UsageError:
    with pytest.raises(UsageError) as raised:
        wanted(image, files, **words)
    assert raised.value.exit == 2
    return raised.value


def test_the_file_is_the_one_of_the_interface():
    made = wanted(reason="CHG-1234: new settlement rules")
    assert made.path == REQUEST_PATH
    assert made.changes == {REQUEST_PATH: REQUEST.encode()}
    assert (str(made.target), str(made.current)) == (f"{APP}:v2.0.0", f"{APP}:v1.9.3")


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"image": f"{APP}@{DIGEST}"},
        {"image": f"{APP}:v2@{DIGEST}"},
        {"reason": " two\n lines: and a #\tcomment "},
        {"reason": "yes"},
    ],
)
def test_what_is_written_is_valid_and_would_be_applied(words):
    made = wanted(**words)
    repo, found = load.load(changed(repo_of(good()).tree, made.changes))
    assert found == []
    for rule in (request_target_mismatch, request_image_forbidden, request_not_accepted, request_rollback_unknown):
        assert list(rule.check(repo)) == []
    decision = releases.decide(replace(repo, history=Told()), repo.apis["payments"].requests[0], CIRCUMSTANCES)
    assert decision.kind == "applied"
    assert repo.apis["payments"].requests[0].value == made.fields


def test_the_modeline_leads_to_the_schema():
    made = wanted()
    line = (made.changes[made.path] or b"").decode().splitlines()[0]
    up = line.partition("$schema=")[2]
    parts = made.path.split("/")[: -up.count("../") - 1]
    assert up == "../" * 4 + f"{SCHEMAS_FOLDER}/release-request.json"
    assert parts == []


def test_a_reason_becomes_one_line():
    assert wanted(reason=" a\n\tb ").fields["reason"] == "a b"


def test_a_rollback_names_the_release():
    files, ids = released(["v2", "v3"])
    made = wanted(f"{APP}:v2", files, rollback_of=ids[1][:16])
    assert made.fields["rollback_of"] == ids[1][:16]
    assert made.fields["expected_current"] == f"{APP}:v3"


@pytest.mark.parametrize(
    ("image", "slug"),
    [
        (f"{APP}:v2.0.0", "v2-0-0"),
        (f"{APP}:2026.11.20_RC-1", "2026-11-20-rc-1"),
        (f"{APP}@{DIGEST}", "sha256-abababababab"),
        (f"{APP}:v2@{DIGEST}", "v2"),
        (f"{APP}:{'x' * 128}", "x" * 64),
    ],
)
def test_the_name_is_date_slug_and_token(image, slug):
    assert file_name("2026-11-20", images.parse(image), "3f9c") == f"2026-11-20-{slug}-3f9c.yaml"


@given(st.from_regex(images.TAG, fullmatch=True))
def test_every_tag_makes_a_name_of_the_right_form(tag):
    name = file_name("2026-11-20", Image(APP, tag), "3f9c")
    assert re.fullmatch(r"[a-z0-9-]{1,80}\.yaml", name)
    assert name.startswith("2026-11-20-")
    assert name.endswith("-3f9c.yaml")


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (APP, "neither tag nor digest"),
        (f"{APP}:", "is not a tag"),
        ("", "is not a repository name"),
        (f"{APP}:v2 x", "is not a tag"),
        (f"{APP}@sha256:12", "is not a digest"),
        ("europe-docker.pkg.dev/acme/orders/app:v2", "app of payments runs europe-docker.pkg.dev/acme/payments/app"),
        (f"{APP}:latest", "the tag 'latest' moves"),
        (f"{APP}:v1.9.3", "declared with europe-docker.pkg.dev/acme/payments/app:v1.9.3 already"),
    ],
)
def test_an_image_that_would_be_refused_is_refused_at_once(image, message):
    assert message in refused(image).message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"container": "web"}, "has no container 'web'"),
        ({"deployment": "web"}, "has no Deployment 'web'"),
        ({"rollback_of": "0123456789abcdef"}, "0123456789abcdef is no release"),
        ({"rollback_of": "x"}, "x is no release"),
        ({"reason": "y" * 501}, "too long"),
    ],
)
def test_words_that_name_nothing_are_refused(words, message):
    assert message in refused(**words).message


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("platform.yaml", "[europe-docker.pkg.dev/acme]", "[ghcr.io]", "is not below a registry"),
        ("platform.yaml", "registries:", "images: {require: digest}\nregistries:", "requires one"),
        ("platform.yaml", "requests: queue", "requests: queue\n    revision: refs/tags/v1", "follows refs/tags/v1"),
        ("apps/payments/metadata.yaml", "active", "removed", "payments is removed"),
        ("apps/payments/metadata.yaml", "{name: app,", "{name: web,", "is not declared in apps/payments/metadata.yaml"),
        ("apps/payments/metadata.yaml", "  prod: {namespace: payments, manage: none}\n", "", "no environment 'prod'"),
    ],
)
def test_what_the_platform_does_not_take_is_refused(path, old, new, message):
    assert message in refused(files=edited(path, old, new)).message


def test_an_ambiguous_slot_is_refused_with_the_choices():
    two = "- name: sidecar\n          image: europe-docker.pkg.dev/acme/proxy:v1\n        - name: app\n"
    error = refused(files=edited("apps/payments/base/deployment.yaml", "- name: app\n", two))
    assert "--deployment payments --container sidecar" in error.hint


def test_where_nothing_runs_yet_nothing_is_expected():
    made = wanted(files=edited(OVERLAY, "    newTag: v1.9.3 # the last good one\n", "    newName: " + APP + "\n"))
    assert "expected_current" not in made.fields


def test_the_commands_open_a_pull_request():
    assert pull_request_commands(wanted()) == [
        "git switch -c release/payments-prod-2026-11-20-v2-0-0-3f9c",
        f"git add {REQUEST_PATH}",
        "git commit -m 'Release payments to prod: v2.0.0'",
        "git push -u origin release/payments-prod-2026-11-20-v2-0-0-3f9c",
    ]
    on_github = edited("platform.yaml", "git.example", "github.com")
    assert pull_request_commands(wanted(files=on_github))[-1] == "gh pr create --fill"

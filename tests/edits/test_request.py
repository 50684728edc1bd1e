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
from onboarding_tool.model import SCHEMAS_FOLDER
from onboarding_tool.tree import changed
from tests.support.repos import REQUEST, REQUEST_PATH, edited, good, repo_of
from tests.test_releases import APP, CIRCUMSTANCES, Told, at, released, request_to

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


def test_a_tag_with_another_digest_than_the_one_that_runs_is_refused():
    overlay = "apps/payments/overlays/staging/kustomization.yaml"
    files = edited(overlay, "newTag: v1.9.3", f"newTag: v2\n    digest: {DIGEST}")
    error = refused(f"{APP}:v2@sha256:{'cd' * 32}", files)
    assert error.message == "v2 is sha256:cdcdcdcdcdcd... here, and sha256:abababababab... in staging"
    assert wanted(f"{APP}:v2@{DIGEST}", files).target.digest == DIGEST


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


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("platform.yaml", "requests: queue", "requests: queue\n    revision: refs/tags/v1"),
        ("apps/payments/metadata.yaml", "active", "retiring"),
    ],
)
def test_a_hint_speaks_of_no_request_while_there_is_none(path, old, new):
    error = refused(files=edited(path, old, new))
    assert error.hint
    assert "Delete" not in error.hint


# Behind others that wait


def waiting(*asked: tuple[str, str | None], **words: str | None) -> dict[str, str]:
    """Files with requests that wait in prod: (tag, tag that it expects), arrived against the order of their names."""
    files = good()
    for number, (tag, expected) in enumerate(asked):
        expects = expected and f"{APP}:{expected}"
        text = request_to("prod", target_image=f"{APP}:{tag}", expected_current=expects, **words)
        files[f"apps/payments/requests/prod/r{9 - number}.yaml"] = text
    return files


def asked_behind(files: dict[str, str], image: str = f"{APP}:v9", committed: int = 9) -> Wanted:
    """A new request behind those; of them this many are committed, each in a change of its own."""
    paths = sorted((path for path in files if "/requests/" in path), reverse=True)
    arrivals = {path: at(number, path) if number < committed else None for number, path in enumerate(paths)}
    repo = repo_of(files, history=Told(arrivals))
    return request(repo, repo.apis["payments"], "prod", images.parse(image), today="2026-11-20", token="3f9c")


@pytest.mark.parametrize(
    ("asked", "expected", "before"),
    [
        ([("v2", "v1.9.3")], "v2", 1),
        ([("v2", "v1.9.3"), ("v3", "v2")], "v3", 2),
        ([("v2", None), ("v3", None)], "v3", 2),
        ([("v3", "v2"), ("v2", "v1.9.3")], "v2", 1),  # the first is refused when its turn comes
        ([("latest", "v1.9.3")], "v1.9.3", 0),
        ([("v2", "v1.9.3"), ("v2", "v1.9.3")], "v2", 1),
    ],
)
def test_in_a_queue_a_request_expects_what_those_before_it_ask_for(asked, expected, before):
    made = asked_behind(waiting(*asked))
    assert made.fields["expected_current"] == str(made.current) == f"{APP}:{expected}"
    assert len(made.before) == before


def test_what_is_not_committed_yet_counts_by_what_it_expects():
    files = waiting(("v2", "v1.9.3"), ("v4", "v3"), ("v3", "v2"))
    assert asked_behind(files, committed=1).fields["expected_current"] == f"{APP}:v4"
    assert asked_behind(files, committed=0).fields["expected_current"] == f"{APP}:v4"


def test_what_is_queued_so_is_applied_one_after_another():
    files = good()
    for tag in ("v2", "v3", "v4"):
        made = wanted(f"{APP}:{tag}", files)
        files |= {path: (data or b"").decode() for path, data in made.changes.items()}
    for tag in ("v2", "v3", "v4"):
        repo = repo_of(files, history=Told())
        ask = next(one for one in repo.apis["payments"].requests if one.get("target_image").endswith(tag))
        decision = releases.decide(repo, ask, CIRCUMSTANCES)
        assert (decision.kind, decision.reason) == ("applied", None)
        files |= {path: data.decode() for path, data in decision.changes.items() if data is not None}
        del files[ask.path]


def test_a_request_that_will_be_refused_does_not_count():
    files = waiting(("v2", "v1.9.3"), namespace="elsewhere")
    assert asked_behind(files).fields["expected_current"] == f"{APP}:v1.9.3"


def test_asking_twice_for_the_same_is_refused_but_asking_back_is_not():
    files = waiting(("v9", "v1.9.3"))
    with pytest.raises(UsageError) as raised:
        asked_behind(files)
    assert raised.value.message == f"apps/payments/requests/prod/r9.yaml asks for {APP}:v9 already"
    assert asked_behind(files, f"{APP}:v1.9.3").fields["expected_current"] == f"{APP}:v9"


def test_where_the_latest_wins_it_expects_what_is_declared():
    files = edited("platform.yaml", "requests: queue", "requests: latest-wins", waiting(("v2", "v1.9.3")))
    made = asked_behind(files)
    assert (made.fields["expected_current"], made.before) == (f"{APP}:v1.9.3", ())


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
